// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.CpuState;
import kmos.cpu.Mmu;
import kmos.cpu.RangeTlb;

/**
 * The look-up in the TLB as functions that a module brings along: (address i64, access i32) -> linear memory of the operand, or 0, and the same with the distance
 * from the range that the access asked. What the TLB does not hold goes on to {@link Imports#MISS}, as does now and then an access whose range should be made again.
 */
final class TlbFunctions {
    static final int BY_ADDRESS = 0, BY_DISTANCE = 1, COUNT = 2;
    private static final String[] NAMES = {"tlb", "outside"};
    private static final int ADDRESS = 0, ACCESS = 1, PARAMETERS = 2;
    /** Of WRITE among the bits of an access to the distance of the two tags in a TLB entry. */
    private static final int WRITE_TO_TAG = 5;

    private TlbFunctions() { }

    static String name(int function) {
        return NAMES[function];
    }

    /** Locals and code of a function; first: number of the first one in the module. */
    static ByteWriter body(int cpu, boolean is64, int function, int first) {
        return function == BY_ADDRESS ? byAddress(cpu) : byDistance(cpu, is64, first);
    }

    private static ByteWriter byDistance(int cpu, boolean is64, int first) {
        CodeWriter w = new CodeWriter(cpu, is64, new Locals(PARAMETERS), null, 0);
        w.get(ADDRESS);
        range(w);
        w.memory(Wasm.I64_LOAD, cpu + CpuState.RANGES + RangeTlb.START);
        w.op(Wasm.I64_ADD);
        if (!is64) {
            w.i64(0xFFFFFFFFL);
            w.op(Wasm.I64_AND);
        }
        w.get(ACCESS);
        w.out.u8(Wasm.CALL).u32(first + BY_ADDRESS);
        return new ByteWriter().u32(0).append(w.out).u8(Wasm.END);
    }

    /** Leaves the offset of the range's entry. */
    private static void range(CodeWriter w) {
        w.get(ACCESS);
        w.i32(JitAccess.ENTRY_SHIFT);
        w.op(Wasm.I32_SHR_U);
        w.i32(RangeTlb.ENTRY_SIZE);
        w.op(Wasm.I32_MUL);
    }

    private static ByteWriter byAddress(int cpu) {
        Locals locals = new Locals(PARAMETERS);
        int entry = locals.temporary(Wasm.I32), range = locals.temporary(Wasm.I32), countdown = locals.temporary(Wasm.I32);
        CodeWriter w = new CodeWriter(cpu, true, locals, null, 0);
        w.get(ADDRESS);
        w.i64(Mmu.PAGE_TO_ENTRY);
        w.op(Wasm.I64_SHR_U);
        w.op(Wasm.I32_WRAP_I64);
        w.i32(Mmu.ENTRY_MASK);
        w.op(Wasm.I32_AND);
        w.loadState(Wasm.I32_LOAD, CpuState.TLB);
        w.op(Wasm.I32_ADD);
        w.tee(entry);
        w.get(ACCESS);
        w.i32(JitAccess.WRITE);
        w.op(Wasm.I32_AND);
        w.i32(WRITE_TO_TAG);
        w.op(Wasm.I32_SHR_U);
        w.op(Wasm.I32_ADD);
        w.memory(Wasm.I64_LOAD, 0);
        // The page of the last byte.
        w.get(ADDRESS);
        w.get(ACCESS);
        w.i32(JitAccess.SIZE);
        w.op(Wasm.I32_AND);
        w.i32(1);
        w.op(Wasm.I32_SUB);
        w.op(Wasm.I64_EXTEND_I32_U);
        w.op(Wasm.I64_ADD);
        w.i64(0xFFF);
        w.op(Wasm.I64_OR);
        w.op(Wasm.I64_EQ);
        w.out.u8(Wasm.IF).u8(Wasm.VOID);
        range(w);
        w.tee(range);
        w.get(range);
        w.memory(Wasm.I32_LOAD, cpu + CpuState.RANGES + RangeTlb.COUNTDOWN);
        w.i32(1);
        w.op(Wasm.I32_SUB);
        w.tee(countdown);
        w.memory(Wasm.I32_STORE, cpu + CpuState.RANGES + RangeTlb.COUNTDOWN);
        w.get(countdown);
        w.i32(0);
        w.op(Wasm.I32_GE_S);
        w.out.u8(Wasm.IF).u8(Wasm.VOID);
        w.get(ADDRESS);
        w.op(Wasm.I32_WRAP_I64);
        w.get(entry);
        w.memory(Wasm.I32_LOAD, Mmu.ENTRY_DISTANCE);
        w.op(Wasm.I32_ADD);
        w.out.u8(Wasm.RETURN).u8(Wasm.END).u8(Wasm.END);
        w.get(ADDRESS);
        w.get(ACCESS);
        w.out.u8(Wasm.CALL).u32(Imports.MISS);
        ByteWriter body = new ByteWriter();
        locals.declare(body);
        return body.append(w.out).u8(Wasm.END);
    }
}
