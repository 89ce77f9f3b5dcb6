// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.BlockCache;

/** The code modes (CpuState.MODE) that are compiled: flat 32-bit code, 64-bit code. */
public final class CompiledMode {
    static final int BITS64 = BlockCache.BITS64 | BlockCache.STACK32;
    static final int BITS32 = BlockCache.BITS32 | BlockCache.FLAT | BlockCache.STACK32;

    private CompiledMode() { }

    public static boolean isSupported(int mode) {
        return mode == BITS64 || mode == BITS32;
    }
}
