// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** A Wasm module of a region: imports memory, the table of regions and the helpers, and puts itself into the table. */
final class ModuleWriter {
    /** Type indices: depth i32 -> i32 of regions first, then those of the imports. */
    static final int REGION_TYPE = 0;
    private static final int TLB_TYPE = 1;
    /** Of {@link FpuFunctions}. */
    static final int ARITHMETIC_TYPE = 8, CONVERT_TYPE = 9, COMPARE_TYPE = 10;
    private static final int FUNC = 0x60, FUNCREF = 0x70, REF = 0x64;
    /** Elements from an offset on: as function numbers, or as expressions of a type for a table. */
    private static final int FUNCTIONS = 0, EXPRESSIONS = 6;

    /** Numbers of functions behind the region's: the first of {@link TlbFunctions}, of {@link FpuFunctions}. */
    static final int TLB_FUNCTIONS = Imports.COUNT + 1, FPU_FUNCTIONS = TLB_FUNCTIONS + TlbFunctions.COUNT;

    private final boolean isTableTyped;
    /** What all modules begin with: types and imports. */
    private final ByteWriter beginning = new ByteWriter();
    /** Of {@link TlbFunctions}, for 32-bit and for 64-bit code. */
    private final ByteWriter[] tlbCode = {new ByteWriter(), new ByteWriter()};
    private final ByteWriter tlbTypes = new ByteWriter();
    private final ByteWriter tlbNames = new ByteWriter();
    /** {@link FpuFunctions} as entries of their sections. */
    private final ByteWriter fpuTypes = new ByteWriter();
    private final ByteWriter fpuCode = new ByteWriter();
    private final ByteWriter fpuNames = new ByteWriter();

    /**
     * cpu: the vCPU's state. bytes: how large the memory is at least, in multiples of 64 KiB. The engine tests no constant address below that, and takes what lies there as an
     * operand of other instructions. isTableTyped: the table is one of regions, of a fixed size, which calls need not test.
     */
    ModuleWriter(int cpu, int bytes, boolean isTableTyped) {
        this.isTableTyped = isTableTyped;
        beginning.u8(0).u8('a').u8('s').u8('m').u8(1).u8(0).u8(0).u8(0);
        ByteWriter types = new ByteWriter();
        types.u32(11);
        type(types, new int[] {Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32, Wasm.I32, Wasm.I64, Wasm.I64, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I64}, Wasm.I64);
        types.u8(FUNC).u32(1).u8(Wasm.I32).u32(0);
        type(types, new int[] {Wasm.I64, Wasm.I32, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I32, Wasm.I32, Wasm.I32}, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I32, Wasm.I64, Wasm.I32}, Wasm.I64, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I32}, Wasm.I64, Wasm.I32);
        type(types, new int[] {Wasm.I64, Wasm.I32, Wasm.I64, Wasm.I32}, Wasm.I32);
        section(beginning, 1, types);
        ByteWriter imports = new ByteWriter();
        imports.u32(2 + Imports.COUNT);
        imports.name("env").name("memory").u8(2).u8(1).u32(bytes >>> 16).u32(32768);
        imports.name("env").name("table").u8(1);
        if (isTableTyped) {
            imports.u8(REF).u8(REGION_TYPE).u8(1).u32(JitBackend.TABLE_SIZE).u32(JitBackend.TABLE_SIZE);
        } else {
            imports.u8(FUNCREF).u8(0).u32(1);
        }
        int[] typeOf = {1, 2, 3, 4, 4, 2, 5, 6, 7};
        for (int i = 0; i < Imports.COUNT; i++) {
            imports.name("java").name(Imports.name(i)).u8(0).u32(typeOf[i]);
        }
        section(beginning, 2, imports);
        for (int i = 0; i < TlbFunctions.COUNT; i++) {
            for (int wide = 0; wide < 2; wide++) {
                ByteWriter body = TlbFunctions.body(cpu, wide == 1, i, TLB_FUNCTIONS);
                tlbCode[wide].u32(body.size()).append(body);
            }
            tlbTypes.u8(TLB_TYPE);
            tlbNames.u32(TLB_FUNCTIONS + i).name(TlbFunctions.name(i));
        }
        for (int i = 0; i < FpuFunctions.COUNT; i++) {
            fpuTypes.u8(FpuFunctions.type(i));
            ByteWriter body = FpuFunctions.body(i, FPU_FUNCTIONS);
            fpuCode.u32(body.size()).append(body);
            fpuNames.u32(FPU_FUNCTIONS + i).name(FpuFunctions.name(i));
        }
    }

    /** The region's function goes to a table slot and is named after its guest address. */
    ByteWriter write(FunctionBody region, int slot, long address) {
        boolean hasFpuFunctions = region.callsFpuFunctions();
        int count = 1 + TlbFunctions.COUNT + (hasFpuFunctions ? FpuFunctions.COUNT : 0);
        ByteWriter m = new ByteWriter().append(beginning);
        ByteWriter types = new ByteWriter().u32(count).u8(REGION_TYPE).append(tlbTypes);
        ByteWriter code = new ByteWriter().u32(count).u32(region.code().size()).append(region.code()).append(tlbCode[region.is64() ? 1 : 0]);
        ByteWriter names = new ByteWriter().u32(count).u32(Imports.COUNT).name("x86_" + Long.toHexString(address)).append(tlbNames);
        if (hasFpuFunctions) {
            types.append(fpuTypes);
            code.append(fpuCode);
            names.append(fpuNames);
        }
        section(m, 3, types);
        section(m, 9, elements(slot));
        section(m, 0, branchHints(region.rareBranches()));
        section(m, 10, code);
        // So that the browser's profiler shows where in the guest a region begins.
        section(m, 0, new ByteWriter().name("name").u8(1).u32(names.size()).append(names));
        return m;
    }

    private ByteWriter elements(int slot) {
        ByteWriter elements = new ByteWriter().u32(1);
        if (isTableTyped) {
            elements.u32(EXPRESSIONS).u32(0);
        } else {
            elements.u32(FUNCTIONS);
        }
        elements.u8(Wasm.I32_CONST).s64(slot).u8(Wasm.END);
        if (isTableTyped) {
            elements.u8(REF).u8(REGION_TYPE).u32(1).u8(Wasm.REF_FUNC).u32(Imports.COUNT).u8(Wasm.END);
        } else {
            elements.u32(1).u32(Imports.COUNT);
        }
        return elements;
    }

    /** WebAssembly branch hinting proposal: all noted branches are unlikely. */
    private static ByteWriter branchHints(List<Integer> rare) {
        ByteWriter hints = new ByteWriter().name("metadata.code.branch_hint").u32(1);
        hints.u32(Imports.COUNT).u32(rare.size());
        for (int offset : rare) {
            hints.u32(offset).u32(1).u8(0);
        }
        return hints;
    }

    private static void type(ByteWriter out, int[] parameters, int... results) {
        out.u8(FUNC).u32(parameters.length);
        for (int p : parameters) {
            out.u8(p);
        }
        out.u32(results.length);
        for (int r : results) {
            out.u8(r);
        }
    }

    private static void section(ByteWriter out, int id, ByteWriter content) {
        out.u8(id).u32(content.size()).append(content);
    }
}
