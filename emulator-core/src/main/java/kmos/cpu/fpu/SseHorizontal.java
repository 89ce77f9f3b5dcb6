// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;

/** Floating point across lanes: SSE3's horizontal and alternating sums, SSE4.1's dot products. See {@link SseFloat}. */
public final class SseHorizontal {
    private SseHorizontal() { }

    private static int f(FloatUnit u, int op, int x, int y, boolean daz) {
        return SseFloat.binary32(u, op, Memory.get32(x), Memory.get32(y), daz);
    }

    private static long g(FloatUnit u, int op, int x, int y, boolean daz) {
        return SseFloat.binary64(u, op, Memory.get64(x), Memory.get64(y), daz);
    }

    private static void put(int d, int r0, int r1, int r2, int r3) {
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    private static void horizontal32(int cpu, int op, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int r0 = f(u, op, d, d + 4, daz), r1 = f(u, op, d + 8, d + 12, daz), r2 = f(u, op, s, s + 4, daz), r3 = f(u, op, s + 8, s + 12, daz);
        SseControl.finish(cpu, u);
        put(d, r0, r1, r2, r3);
    }

    private static void horizontal64(int cpu, int op, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = g(u, op, d, d + 8, daz), r1 = g(u, op, s, s + 8, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    public static void haddps(int cpu, int d, int s) {
        horizontal32(cpu, SseFloat.ADD, d, s);
    }

    public static void hsubps(int cpu, int d, int s) {
        horizontal32(cpu, SseFloat.SUB, d, s);
    }

    public static void haddpd(int cpu, int d, int s) {
        horizontal64(cpu, SseFloat.ADD, d, s);
    }

    public static void hsubpd(int cpu, int d, int s) {
        horizontal64(cpu, SseFloat.SUB, d, s);
    }

    /** Even lanes subtracted, odd ones added. */
    public static void addsubps(int cpu, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int r0 = f(u, SseFloat.SUB, d, s, daz), r1 = f(u, SseFloat.ADD, d + 4, s + 4, daz);
        int r2 = f(u, SseFloat.SUB, d + 8, s + 8, daz), r3 = f(u, SseFloat.ADD, d + 12, s + 12, daz);
        SseControl.finish(cpu, u);
        put(d, r0, r1, r2, r3);
    }

    public static void addsubpd(int cpu, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = g(u, SseFloat.SUB, d, s, daz), r1 = g(u, SseFloat.ADD, d + 8, s + 8, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    /** Products where bits 7-4 say so, their sum to the lanes of bits 3-0. */
    public static void dpps(int cpu, int d, int s, int imm) {
        dotProducts(cpu, d, s, imm, 16);
    }

    public static void dpps256(int cpu, int d, int s, int imm) {
        dotProducts(cpu, d, s, imm, 32);
    }

    /** Three steps, each in all lanes: an unmasked exception keeps the next step from being looked at. */
    private static void dotProducts(int cpu, int d, int s, int imm, int bytes) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int t = cpu + CpuState.SCRATCH;
        for (int i = 0; i < bytes; i += 4) {
            Memory.put32(t + i, (imm >>> 4 + (i >>> 2 & 3) & 1) != 0 ? f(u, SseFloat.MUL, d + i, s + i, daz) : 0);
        }
        SseControl.finish(cpu, u);
        for (int i = 0; i < bytes; i += 8) {
            Memory.put32(t + i, f(u, SseFloat.ADD, t + i, t + i + 4, daz));
        }
        SseControl.finish(cpu, u);
        for (int i = 0; i < bytes; i += 16) {
            Memory.put32(t + i, f(u, SseFloat.ADD, t + i, t + i + 8, daz));
        }
        SseControl.finish(cpu, u);
        for (int i = 0; i < bytes; i += 4) {
            Memory.put32(d + i, (imm >>> (i >>> 2 & 3) & 1) != 0 ? Memory.get32(t + (i & ~15)) : 0);
        }
    }

    public static void dppd(int cpu, int d, int s, int imm) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long p0 = (imm & 0x10) != 0 ? g(u, SseFloat.MUL, d, s, daz) : 0, p1 = (imm & 0x20) != 0 ? g(u, SseFloat.MUL, d + 8, s + 8, daz) : 0;
        SseControl.finish(cpu, u);
        long sum = SseFloat.binary64(u, SseFloat.ADD, p0, p1, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, (imm & 1) != 0 ? sum : 0);
        Memory.put64(d + 8, (imm & 2) != 0 ? sum : 0);
    }
}
