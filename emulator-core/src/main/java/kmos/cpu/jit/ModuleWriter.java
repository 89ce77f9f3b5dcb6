// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** A Wasm module of region functions: imports memory, the table of regions and the helpers, and puts itself into the table. */
final class ModuleWriter {
    /** Type indices: depth i32 -> i32 of regions first, then those of the imports. */
    static final int REGION_TYPE = 0;
    private static final int FUNC = 0x60;

    /** What all modules begin with: types and imports. */
    private final ByteWriter beginning = new ByteWriter();

    ModuleWriter() {
        beginning.u8(0).u8('a').u8('s').u8('m').u8(1).u8(0).u8(0).u8(0);
        ByteWriter types = new ByteWriter();
        types.u32(9);
        type(types, new int[] {Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32, Wasm.I32, Wasm.I64, Wasm.I64, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I64}, Wasm.I64);
        types.u8(FUNC).u32(1).u8(Wasm.I32).u32(0);
        type(types, new int[] {Wasm.I64, Wasm.I32, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32, Wasm.I32, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32, Wasm.I32}, Wasm.I32);
        section(beginning, 1, types);
        ByteWriter imports = new ByteWriter();
        imports.u32(2 + Imports.COUNT);
        imports.name("env").name("memory").u8(2).u8(1).u32(1).u32(32768);
        imports.name("env").name("table").u8(1).u8(0x70).u8(0).u32(1);
        int[] typeOf = {1, 2, 3, 4, 4, 2, 5, 6, 7};
        for (int i = 0; i < Imports.COUNT; i++) {
            imports.name("java").name(Imports.name(i)).u8(0).u32(i < Imports.X87_DIRECT ? typeOf[i] : 8);
        }
        section(beginning, 2, imports);
    }

    /** Function i goes to table slot slots[i] and is named after the guest address addresses[i]. */
    ByteWriter write(List<FunctionBody> bodies, int[] slots, long[] addresses) {
        ByteWriter m = new ByteWriter().append(beginning);
        ByteWriter functions = new ByteWriter();
        functions.u32(bodies.size());
        for (int i = 0; i < bodies.size(); i++) {
            functions.u32(REGION_TYPE);
        }
        section(m, 3, functions);
        ByteWriter elements = new ByteWriter();
        elements.u32(bodies.size());
        for (int i = 0; i < bodies.size(); i++) {
            elements.u32(0).u8(Wasm.I32_CONST).s64(slots[i]).u8(Wasm.END).u32(1).u32(Imports.COUNT + i);
        }
        section(m, 9, elements);
        section(m, 0, branchHints(bodies));
        ByteWriter code = new ByteWriter();
        code.u32(bodies.size());
        for (FunctionBody body : bodies) {
            code.u32(body.code().size()).append(body.code());
        }
        section(m, 10, code);
        section(m, 0, names(addresses));
        return m;
    }

    /** The name section, so that the browser's profiler shows where in the guest a region begins. */
    private static ByteWriter names(long[] addresses) {
        ByteWriter functions = new ByteWriter().u32(addresses.length);
        for (int i = 0; i < addresses.length; i++) {
            functions.u32(Imports.COUNT + i).name("x86_" + Long.toHexString(addresses[i]));
        }
        return new ByteWriter().name("name").u8(1).u32(functions.size()).append(functions);
    }

    /** WebAssembly branch hinting proposal: all noted branches are unlikely. */
    private static ByteWriter branchHints(List<FunctionBody> bodies) {
        ByteWriter hints = new ByteWriter().name("metadata.code.branch_hint");
        hints.u32(bodies.size());
        for (int i = 0; i < bodies.size(); i++) {
            List<Integer> rare = bodies.get(i).rareBranches();
            hints.u32(Imports.COUNT + i).u32(rare.size());
            for (int offset : rare) {
                hints.u32(offset).u32(1).u8(0);
            }
        }
        return hints;
    }

    private static void type(ByteWriter out, int[] parameters, int result) {
        out.u8(FUNC).u32(parameters.length);
        for (int p : parameters) {
            out.u8(p);
        }
        out.u32(1).u8(result);
    }

    private static void section(ByteWriter out, int id, ByteWriter content) {
        out.u8(id).u32(content.size()).append(content);
    }
}
