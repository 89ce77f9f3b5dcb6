// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;

/** x87 operations by number, for compiled code that does not follow the register stack itself. None of them faults: exceptions become pending. */
public final class X87Calls {
    /** Op (ModRM.reg) and i. */
    public static final int TO_TOP = 0, TO_REGISTER = 1, TO_REGISTER_POP = 2;
    /** i. */
    public static final int FLD_ST = 3, FXCH = 4, FSTP_ST = 5;
    /** Op and address; address. */
    public static final int REAL_64 = 6, FLD_64 = 7;
    /** Address, to which the bytes go; answers 1 when they may. */
    public static final int FST_64 = 8;
    /** Whether. */
    public static final int POP_IF = 9;
    /** Op and address. */
    public static final int REAL_32 = 10, INTEGER_16 = 11, INTEGER_32 = 12;
    /** Address. */
    public static final int FLD_32 = 13, FILD_16 = 14, FILD_32 = 15, FILD_64 = 16;
    /** Which constant; i. */
    public static final int FLD_CONSTANT = 17, FST_ST = 18;
    /** Nothing. */
    public static final int FCHS = 19, FABS = 20, FSQRT = 21, FRNDINT = 22, FTST = 23, FXAM = 24;
    /** i and pops, plus 4 where quiet NaNs signal. */
    public static final int FCOM = 25;
    /** i; answers -1, 0, 1, or 2 having done nothing. */
    public static final int COMPARE = 26;
    /** Like FST_64. FIST: bits, plus 256 where it truncates. */
    public static final int FST_32 = 27, FIST = 28;

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
