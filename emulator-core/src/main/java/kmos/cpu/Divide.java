// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** DIV and IDIV: #DE for a zero divisor and a quotient that does not fit (SDM vol. 2A). */
public final class Divide {
    private Divide() { }

    private static CpuFault error(int cpu) {
        return CpuFault.of(cpu, CpuFault.DE);
    }

    public static void div8(int cpu, int b) {
        int a = Memory.get16(cpu);
        if (b == 0 || a / b > 0xFF) {
            throw error(cpu);
        }
        Memory.put8(cpu, a / b);
        Memory.put8(cpu + 1, a % b);
    }

    public static void idiv8(int cpu, int b) {
        int a = Memory.getSigned16(cpu);
        int d = (byte) b;
        if (d == 0 || a / d != (byte) (a / d)) {
            throw error(cpu);
        }
        Memory.put8(cpu, a / d);
        Memory.put8(cpu + 1, a % d);
    }

    public static void div16(int cpu, int b) {
        long a = Memory.get16(cpu) | (long) Memory.get16(cpu + 16) << 16;
        if (b == 0 || a / b > 0xFFFF) {
            throw error(cpu);
        }
        Memory.put16(cpu, (int) (a / b));
        Memory.put16(cpu + 16, (int) (a % b));
    }

    public static void idiv16(int cpu, int b) {
        int a = Memory.get16(cpu) | Memory.get16(cpu + 16) << 16;
        long d = (short) b;
        if (d == 0 || a / d != (short) (a / d)) {
            throw error(cpu);
        }
        Memory.put16(cpu, (int) (a / d));
        Memory.put16(cpu + 16, (int) (a % d));
    }

    public static void div32(int cpu, int b) {
        long a = Memory.getUnsigned32(cpu) | Memory.getUnsigned32(cpu + 16) << 32;
        long d = b & 0xFFFFFFFFL;
        if (Integer.compareUnsigned(Memory.get32(cpu + 16), b) >= 0) {
            throw error(cpu);
        }
        long q = a >= 0 ? a / d : Long.divideUnsigned(a, d);
        Memory.put64(cpu, q);
        Memory.put64(cpu + 16, a - q * d);
    }

    public static void idiv32(int cpu, int b) {
        long a = Memory.getUnsigned32(cpu) | Memory.getUnsigned32(cpu + 16) << 32;
        if (b == 0 || a == Long.MIN_VALUE && b == -1) {
            throw error(cpu);
        }
        long q = a / b;
        if (q != (int) q) {
            throw error(cpu);
        }
        Memory.put64(cpu, q & 0xFFFFFFFFL);
        Memory.put64(cpu + 16, a - q * b & 0xFFFFFFFFL);
    }

    public static void div64(int cpu, long b) {
        long low = Memory.get64(cpu), high = Memory.get64(cpu + 16);
        if (Long.compareUnsigned(high, b) >= 0) {
            throw error(cpu);
        }
        if (high == 0) {
            long q = Long.divideUnsigned(low, b);
            Memory.put64(cpu, q);
            Memory.put64(cpu + 16, low - q * b);
            return;
        }
        long q = divideWide(high, low, b);
        Memory.put64(cpu, q);
        Memory.put64(cpu + 16, low - q * b);
    }

    public static void idiv64(int cpu, long b) {
        long low = Memory.get64(cpu), high = Memory.get64(cpu + 16);
        if (b == 0) {
            throw error(cpu);
        }
        boolean negative = high < 0;
        if (negative) {
            low = -low;
            high = ~high + (low == 0 ? 1 : 0);
        }
        long d = b < 0 ? -b : b;
        if (Long.compareUnsigned(high, d) >= 0) {
            throw error(cpu);
        }
        long q = high == 0 ? Long.divideUnsigned(low, d) : divideWide(high, low, d);
        long r = low - q * d;
        boolean negativeQuotient = negative != b < 0;
        if (negativeQuotient ? Long.compareUnsigned(q, Long.MIN_VALUE) > 0 : q < 0) {
            throw error(cpu);
        }
        Memory.put64(cpu, negativeQuotient ? -q : q);
        Memory.put64(cpu + 16, negative ? -r : r);
    }

    /** high:low / d with high below d, by shift and subtract. */
    private static long divideWide(long high, long low, long d) {
        long q = 0;
        for (int i = 0; i < 64; i++) {
            boolean carry = high < 0;
            high = high << 1 | low >>> 63;
            low <<= 1;
            q <<= 1;
            if (carry || Long.compareUnsigned(high, d) >= 0) {
                high -= d;
                q |= 1;
            }
        }
        return q;
    }
}
