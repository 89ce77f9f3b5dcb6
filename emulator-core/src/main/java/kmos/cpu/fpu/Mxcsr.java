// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

/** Bits of MXCSR (SDM vol. 1 §10.2.3); the exception flags have the x87 status word's places. */
public final class Mxcsr {
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, FLAGS = 63;
    public static final int DAZ = 64, MASKS = 0x1F80, ROUNDING = 0x6000, FTZ = 0x8000;

    private Mxcsr() { }
}
