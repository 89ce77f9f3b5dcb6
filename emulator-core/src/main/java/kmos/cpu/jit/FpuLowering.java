// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.Map;
import kmos.cpu.CpuState;
import kmos.cpu.fpu.X87Calls;
import kmos.isa.Helper;
import kmos.isa.Operand;
import kmos.isa.Value;

/**
 * x87 instructions of the usual kinds: what surrounds them (pending exceptions, FIP, FDP) as code, the operation itself as a
 * call of {@link X87Calls}, which cannot leave the region. The register stack stays in memory.
 */
final class FpuLowering {
    private static final int SUMMARY = 0x80;
    private static final int EQUAL = 0, UNORDERED = 2;

    /** Codes of helpers without a memory operand, or with one that is read. */
    private static final Map<String, Integer> CALLS = Map.ofEntries(
        Map.entry("X87Arithmetic.real32", X87Calls.REAL_32), Map.entry("X87Arithmetic.real64", X87Calls.REAL_64),
        Map.entry("X87Arithmetic.integer16", X87Calls.INTEGER_16), Map.entry("X87Arithmetic.integer32", X87Calls.INTEGER_32),
        Map.entry("X87Arithmetic.toTop", X87Calls.TO_TOP), Map.entry("X87Transfer.fld32", X87Calls.FLD_32), Map.entry("X87Transfer.fld64", X87Calls.FLD_64),
        Map.entry("X87Transfer.fldSt", X87Calls.FLD_ST), Map.entry("X87Transfer.fild16", X87Calls.FILD_16), Map.entry("X87Transfer.fild32", X87Calls.FILD_32),
        Map.entry("X87Transfer.fild64", X87Calls.FILD_64), Map.entry("X87Transfer.fldConstant", X87Calls.FLD_CONSTANT),
        Map.entry("X87Transfer.fstSt", X87Calls.FST_ST), Map.entry("X87Transfer.fstpSt", X87Calls.FSTP_ST), Map.entry("X87Transfer.fxch", X87Calls.FXCH),
        Map.entry("X87Arithmetic.fchs", X87Calls.FCHS), Map.entry("X87Arithmetic.fabs", X87Calls.FABS), Map.entry("X87Arithmetic.fsqrt", X87Calls.FSQRT),
        Map.entry("X87Arithmetic.frndint", X87Calls.FRNDINT), Map.entry("X87Arithmetic.ftst", X87Calls.FTST), Map.entry("X87Arithmetic.fxam", X87Calls.FXAM));

    private final BlockBuilder e;
    private final NodeFactory f;

    FpuLowering(BlockBuilder e, NodeFactory f) {
        this.e = e;
        this.f = f;
    }

    static boolean knows(Helper helper) {
        return helper.method().startsWith("X87");
    }

    /** The helper's call; throws Unsupported for one that is not known here. */
    Node call(Helper helper, Value[] v) {
        switch (helper.method()) {
            case "X87.begin":
                e.check(f.isZero(f.and(e.stateLoad(32, CpuState.FSW), f.constant(32, SUMMARY))));
                return null;
            case "X87.note":
                note(e.displacement());
                return null;
            case "X87.noteMemory":
                note((int) e.immediateValue());
                e.stateStore(CpuState.FPU_DP, f.zeroExtend(e.memoryOffset(), 64));
                e.stateStore(CpuState.FPU_DS, e.stateLoad(32, CpuState.SELECTOR + e.memorySegment() * 4));
                return null;
            case "X87.status": return e.stateLoad(32, CpuState.FSW);
            case "X87.control": return e.stateLoad(32, CpuState.FCW);
            case "X87Arithmetic.toRegister": return e.x87(constant(v[2]) != 0 ? X87Calls.TO_REGISTER_POP : X87Calls.TO_REGISTER, (Node) v[0], (Node) v[1]);
            case "X87Arithmetic.fcom":
                return e.x87(X87Calls.FCOM, (Node) v[0], f.constant(32, constant(v[1]) | constant(v[2]) << 2));
            case "X87Arithmetic.fcomi": return compare((Node) v[0], constant(v[1]));
            case "X87Transfer.fst32": return e.x87(X87Calls.FST_32, e.preparedHost(), null);
            case "X87Transfer.fst64": return e.x87(X87Calls.FST_64, e.preparedHost(), null);
            case "X87Transfer.fist": return e.x87(X87Calls.FIST, e.preparedHost(), f.constant(32, constant(v[0]) | constant(v[1]) << 8));
            case "X87Transfer.popIf": return e.x87(X87Calls.POP_IF, (Node) v[0], null);
            default:
                Integer code = CALLS.get(helper.method());
                if (code == null || v.length > 2) {
                    throw new Unsupported();
                }
                return e.x87(code, v.length > 0 ? (Node) v[0] : null, v.length > 1 ? (Node) v[1] : null);
        }
    }

    /** Whether a store's bytes have gone to the operand with its helper's call. */
    static boolean isStored(Value condition, Operand memory) {
        Node n = (Node) condition;
        return n.op == Node.X87 && n.imm != X87Calls.POP_IF && memory.bits() <= 64;
    }

    private static int constant(Value v) {
        return (int) ((Node) v).imm;
    }

    private void note(int opcode) {
        e.stateStore(CpuState.FPU_IP, f.constant(64, e.instructionAddress()));
        e.stateStore(CpuState.FOP, f.constant(32, opcode));
        e.stateStore(CpuState.FPU_CS, e.stateLoad(32, CpuState.SELECTOR + 4));
    }

    /** FCOMI of normal numbers and zeros; the interpreter does the others. */
    private Node compare(Node register, int pops) {
        Node order = e.x87(X87Calls.COMPARE, register, null);
        e.check(f.not(f.equal(order, f.constant(32, UNORDERED))));
        if (pops != 0) {
            e.x87(X87Calls.POP_IF, f.constant(32, 1), null);
        }
        Node none = f.constant(1, 0);
        Node isLess = f.isNotZero(f.and(order, f.constant(32, 0x80000000L)));
        e.explicitFlags(isLess, f.equal(order, f.constant(32, EQUAL)), none, none, none, none);
        return null;
    }
}
