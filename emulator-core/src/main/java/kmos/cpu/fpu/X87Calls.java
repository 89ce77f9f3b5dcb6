// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;

/** x87 operations by number, for compiled code. None of them faults: exceptions become pending. */
public final class X87Calls {
    /** Op (ModRM.reg) and address; op and i. */
    public static final int REAL_32 = 0, REAL_64 = 1, INTEGER_16 = 2, INTEGER_32 = 3, TO_TOP = 4, TO_REGISTER = 5, TO_REGISTER_POP = 6;
    /** Address. */
    public static final int FLD_32 = 7, FLD_64 = 8, FILD_16 = 9, FILD_32 = 10, FILD_64 = 11;
    /** i, or which constant. */
    public static final int FLD_ST = 12, FLD_CONSTANT = 13, FST_ST = 14, FSTP_ST = 15, FXCH = 16;
    /** Nothing. */
    public static final int FCHS = 17, FABS = 18, FSQRT = 19, FRNDINT = 20, FTST = 21, FXAM = 22;
    /** i and pops, plus 4 where quiet NaNs signal. */
    public static final int FCOM = 23;
    /** i; answers -1, 0, 1, or 2 having done nothing. */
    public static final int COMPARE = 24;
    /** Address, to which the bytes go; answers 1 when they may. FIST: bits, plus 256 where it truncates. */
    public static final int FST_32 = 25, FST_64 = 26, FIST = 27;
    /** Whether. */
    public static final int POP_IF = 28;

    private X87Calls() { }

    public static int call(int cpu, int code, int a, int b) {
        switch (code) {
            case REAL_32: X87Arithmetic.real32(cpu, a, b); break;
            case REAL_64: X87Arithmetic.real64(cpu, a, b); break;
            case INTEGER_16: X87Arithmetic.integer16(cpu, a, b); break;
            case INTEGER_32: X87Arithmetic.integer32(cpu, a, b); break;
            case TO_TOP: X87Arithmetic.toTop(cpu, a, b); break;
            case TO_REGISTER: X87Arithmetic.toRegister(cpu, a, b, 0); break;
            case TO_REGISTER_POP: X87Arithmetic.toRegister(cpu, a, b, 1); break;
            case FLD_32: X87Transfer.fld32(cpu, a); break;
            case FLD_64: X87Transfer.fld64(cpu, a); break;
            case FILD_16: X87Transfer.fild16(cpu, a); break;
            case FILD_32: X87Transfer.fild32(cpu, a); break;
            case FILD_64: X87Transfer.fild64(cpu, a); break;
            case FLD_ST: X87Transfer.fldSt(cpu, a); break;
            case FLD_CONSTANT: X87Transfer.fldConstant(cpu, a); break;
            case FST_ST: X87Transfer.fstSt(cpu, a); break;
            case FSTP_ST: X87Transfer.fstpSt(cpu, a); break;
            case FXCH: X87Transfer.fxch(cpu, a); break;
            case FCHS: X87Arithmetic.fchs(cpu); break;
            case FABS: X87Arithmetic.fabs(cpu); break;
            case FSQRT: X87Arithmetic.fsqrt(cpu); break;
            case FRNDINT: X87Arithmetic.frndint(cpu); break;
            case FTST: X87Arithmetic.ftst(cpu); break;
            case FXAM: X87Arithmetic.fxam(cpu); break;
            case FCOM: X87Arithmetic.fcom(cpu, a, b & 3, b >>> 2); break;
            case COMPARE: return X87Fast.compare(cpu, a);
            case FST_32: return stored(cpu, X87Transfer.fst32(cpu), a, 32);
            case FST_64: return stored(cpu, X87Transfer.fst64(cpu), a, 64);
            case FIST: return stored(cpu, X87Transfer.fist(cpu, b & 0xFF, b >>> 8), a, b & 0xFF);
            case POP_IF: X87Transfer.popIf(cpu, a); break;
            default: throw new IllegalArgumentException("x87 call " + code);
        }
        return 0;
    }

    private static int stored(int cpu, int isStored, int to, int bits) {
        if (isStored != 0) {
            Memory.copy(cpu + CpuState.SCRATCH, to, bits / 8);
        }
        return isStored;
    }
}
