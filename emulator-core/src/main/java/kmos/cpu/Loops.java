// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** The counter of LOOP and JCXZ: CX, ECX or RCX by address size. */
public final class Loops {
    private Loops() { }

    static int addressSize(int ip) {
        return Memory.get32(ip + 12) >>> 13 & 3;
    }

    static long counter(int cpu, int ip) {
        int size = addressSize(ip);
        return size == Ea.A16 ? Memory.get16(cpu + 8) : size == Ea.A32 ? Memory.getUnsigned32(cpu + 8) : Memory.get64(cpu + 8);
    }

    static void setCounter(int cpu, int ip, long v) {
        int size = addressSize(ip);
        if (size == Ea.A16) {
            Memory.put16(cpu + 8, (int) v);
        } else {
            Memory.put64(cpu + 8, size == Ea.A32 ? v & 0xFFFFFFFFL : v);
        }
    }

    public static int isCounterZero(int cpu, int ip) {
        return counter(cpu, ip) == 0 ? 1 : 0;
    }

    /** Decrements without flags; 1 when it is not zero then. */
    public static int decrement(int cpu, int ip) {
        long c = counter(cpu, ip) - 1;
        setCounter(cpu, ip, c);
        return counter(cpu, ip) != 0 ? 1 : 0;
    }
}
