// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** BCD adjustments (SDM vol. 2A). */
public final class Decimal {
    private Decimal() { }

    private static void result(int cpu, int al, boolean carry, boolean adjust) {
        Flags.result(cpu, 56 << 8, (long) al << 56, (carry ? 1 : 0) | (adjust ? 4 : 0));
    }

    public static void daa(int cpu) {
        int al = Memory.get8(cpu);
        int old = al;
        boolean carry = Flags.b(cpu), adjust = Flags.a(cpu);
        boolean newCarry = false;
        if ((al & 15) > 9 || adjust) {
            newCarry = carry || al + 6 > 0xFF;
            al = al + 6 & 0xFF;
            adjust = true;
        }
        if (old > 0x99 || carry) {
            al = al + 0x60 & 0xFF;
            newCarry = true;
        }
        Memory.put8(cpu, al);
        result(cpu, al, newCarry, adjust);
    }

    public static void das(int cpu) {
        int al = Memory.get8(cpu);
        int old = al;
        boolean carry = Flags.b(cpu), adjust = Flags.a(cpu);
        boolean newCarry = false;
        if ((al & 15) > 9 || adjust) {
            newCarry = carry || al < 6;
            al = al - 6 & 0xFF;
            adjust = true;
        }
        if (old > 0x99 || carry) {
            al = al - 0x60 & 0xFF;
            newCarry = true;
        }
        Memory.put8(cpu, al);
        result(cpu, al, newCarry, adjust);
    }

    public static void aaa(int cpu) {
        adjustAscii(cpu, 1);
    }

    public static void aas(int cpu) {
        adjustAscii(cpu, -1);
    }

    private static void adjustAscii(int cpu, int sign) {
        int ax = Memory.get16(cpu);
        boolean does = (ax & 15) > 9 || Flags.a(cpu);
        if (does) {
            ax = ax + sign * 0x106;
        }
        Memory.put16(cpu, ax & 0xFF0F);
        result(cpu, ax & 15, does, does);
    }

    public static void aam(int cpu, int base) {
        if (base == 0) {
            throw CpuFault.of(cpu, CpuFault.DE);
        }
        int al = Memory.get8(cpu);
        Memory.put8(cpu + 1, al / base);
        Memory.put8(cpu, al % base);
        result(cpu, al % base, false, false);
    }

    public static void aad(int cpu, int base) {
        int al = Memory.get8(cpu) + Memory.get8(cpu + 1) * base & 0xFF;
        Memory.put16(cpu, al);
        result(cpu, al, false, false);
    }
}
