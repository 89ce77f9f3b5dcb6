// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * Lazy arithmetic flags. Operands and result are kept in the top bits of a long whatever their width, so conditions need
 * no width: FR is the result (ZF and SF come from it), FA the first operand; the second is FR - FA (ADD) or FA - FR (SUB).
 * FK says what is lazy: bit 0 CF, 1 OF, 3 AF; bit 2 set for ADD; bits 4 and 5 set when PF and SF are explicit; from bit 8 the
 * shift that brings the low bits of a result down. FX holds explicit values: bit 0 CF, 1 OF, 2 AF, 3 PF, 4 SF.
 */
public final class Flags {
    public static final int ADD_ALL = 15, SUB_ALL = 11, INC = 14, DEC = 10;
    public static final int LAZY_CF = 1, LAZY_OF = 2, IS_ADD = 4, LAZY_AF = 8, EXPLICIT_PF = 16, EXPLICIT_SF = 32;
    /** Kind of the flags that are all explicit. */
    public static final int EXPLICIT = EXPLICIT_PF | EXPLICIT_SF;

    public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DF = 0x400, OF = 0x800,
        IOPL = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000, AC = 0x40000, ID = 0x200000;
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

    private Flags() { }

    public static void set(int cpu, int kind, long a, long r) {
        Memory.put32(cpu + CpuState.FK, kind);
        Memory.put64(cpu + CpuState.FA, a);
        Memory.put64(cpu + CpuState.FR, r);
    }

    public static void logic(int cpu, int kind, long r) {
        Memory.put32(cpu + CpuState.FK, kind);
        Memory.put64(cpu + CpuState.FA, r);
        Memory.put64(cpu + CpuState.FR, r);
    }

    public static void keepCarry(int cpu, int kind, long a, long r) {
        int carry = b(cpu) ? 1 : 0;
        Memory.put32(cpu + CpuState.FX, carry);
        Memory.put32(cpu + CpuState.FK, kind);
        Memory.put64(cpu + CpuState.FA, a);
        Memory.put64(cpu + CpuState.FR, r);
    }

    /** explicit: CF, OF, AF as in FX. */
    public static void result(int cpu, int shift, long r, int explicit) {
        Memory.put32(cpu + CpuState.FK, shift);
        Memory.put32(cpu + CpuState.FX, explicit);
        Memory.put64(cpu + CpuState.FA, r);
        Memory.put64(cpu + CpuState.FR, r);
    }

    public static void carryOverflow(int cpu, int bits) {
        Memory.put32(cpu + CpuState.FK, Memory.get32(cpu + CpuState.FK) & ~(LAZY_CF | LAZY_OF));
        Memory.put32(cpu + CpuState.FX, Memory.get32(cpu + CpuState.FX) & ~3 | bits);
    }

    public static void setCarry(int cpu, int carry) {
        Memory.put32(cpu + CpuState.FK, Memory.get32(cpu + CpuState.FK) & ~LAZY_CF);
        Memory.put32(cpu + CpuState.FX, Memory.get32(cpu + CpuState.FX) & ~1 | carry);
    }

    public static void setZero(int cpu, int zero) {
        setArithmetic(cpu, arithmetic(cpu) & ~ZF | (zero != 0 ? ZF : 0));
    }

    private static boolean ltu(long a, long b) {
        return (a ^ Long.MIN_VALUE) < (b ^ Long.MIN_VALUE);
    }

    public static boolean b(int cpu) {
        int k = Memory.get32(cpu + CpuState.FK);
        if ((k & LAZY_CF) == 0) {
            return (Memory.get32(cpu + CpuState.FX) & 1) != 0;
        }
        long a = Memory.get64(cpu + CpuState.FA), r = Memory.get64(cpu + CpuState.FR);
        return (k & IS_ADD) != 0 ? ltu(r, a) : ltu(a, a - r);
    }

    public static boolean o(int cpu) {
        int k = Memory.get32(cpu + CpuState.FK);
        if ((k & LAZY_OF) == 0) {
            return (Memory.get32(cpu + CpuState.FX) & 2) != 0;
        }
        long a = Memory.get64(cpu + CpuState.FA), r = Memory.get64(cpu + CpuState.FR);
        if ((k & IS_ADD) != 0) {
            return ((a ^ r) & (r - a ^ r)) < 0;
        }
        return ((a ^ a - r) & (a ^ r)) < 0;
    }

    public static boolean z(int cpu) {
        return Memory.get64(cpu + CpuState.FR) == 0;
    }

    public static boolean be(int cpu) {
        return z(cpu) || b(cpu);
    }

    public static boolean s(int cpu) {
        if ((Memory.get32(cpu + CpuState.FK) & EXPLICIT_SF) != 0) {
            return (Memory.get32(cpu + CpuState.FX) & 16) != 0;
        }
        return Memory.get64(cpu + CpuState.FR) < 0;
    }

    public static boolean p(int cpu) {
        int k = Memory.get32(cpu + CpuState.FK);
        if ((k & EXPLICIT_PF) != 0) {
            return (Memory.get32(cpu + CpuState.FX) & 8) != 0;
        }
        int x = (int) (Memory.get64(cpu + CpuState.FR) >>> (k >>> 8)) & 0xFF;
        x ^= x >>> 4;
        return (0x9669 >>> (x & 15) & 1) != 0;
    }

    public static boolean a(int cpu) {
        int k = Memory.get32(cpu + CpuState.FK);
        if ((k & LAZY_AF) == 0) {
            return (Memory.get32(cpu + CpuState.FX) & 4) != 0;
        }
        long a = Memory.get64(cpu + CpuState.FA), r = Memory.get64(cpu + CpuState.FR);
        long b = (k & IS_ADD) != 0 ? r - a : a - r;
        return ((a ^ b ^ r) >>> (k >>> 8) & 0x10) != 0;
    }

    public static boolean l(int cpu) {
        if ((Memory.get32(cpu + CpuState.FK) & 0xFF) == SUB_ALL) {
            long a = Memory.get64(cpu + CpuState.FA);
            return a < a - Memory.get64(cpu + CpuState.FR);
        }
        return s(cpu) != o(cpu);
    }

    public static boolean le(int cpu) {
        return z(cpu) || l(cpu);
    }

    /** CF PF AF ZF SF OF in their RFLAGS places. */
    public static int arithmetic(int cpu) {
        return (b(cpu) ? CF : 0) | (p(cpu) ? PF : 0) | (a(cpu) ? AF : 0) | (z(cpu) ? ZF : 0) | (s(cpu) ? SF : 0) | (o(cpu) ? OF : 0);
    }

    public static void setArithmetic(int cpu, int flags) {
        int x = (flags & CF) | (flags & OF) >>> 10 | (flags & AF) >>> 2 | (flags & PF) << 1 | (flags & SF) >>> 3;
        Memory.put32(cpu + CpuState.FX, x);
        Memory.put32(cpu + CpuState.FK, EXPLICIT_PF | EXPLICIT_SF);
        long r = (flags & ZF) != 0 ? 0 : 1;
        Memory.put64(cpu + CpuState.FA, r);
        Memory.put64(cpu + CpuState.FR, r);
    }

    /** RFLAGS. */
    public static int get(int cpu) {
        return arithmetic(cpu) | Memory.get32(cpu + CpuState.FLAGS);
    }

    public static void put(int cpu, int flags) {
        setArithmetic(cpu, flags);
        Memory.put32(cpu + CpuState.FLAGS, flags & ~ARITHMETIC | 2);
    }
}
