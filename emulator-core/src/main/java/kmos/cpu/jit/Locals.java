// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Wasm locals of a region's function: the fixed ones, then what blocks need. */
final class Locals {
    static final int REGISTERS = 16;

    /** Locals of one type that blocks share. */
    private static final class Pool {
        int[] locals = new int[64];
        int made;
        int used;
    }

    private final ByteWriter types = new ByteWriter();
    private int count;
    private int runType;
    private int runLength;
    private int runs;
    private final Pool[] pools = new Pool[Wasm.I32 - Wasm.V128 + 1];

    /** The function's parameters come first. */
    Locals(int parameters) {
        count = parameters;
    }

    /** A local of its own. */
    int persistent(int type) {
        if (type == runType) {
            runLength++;
        } else {
            flush();
            runType = type;
            runLength = 1;
        }
        return count++;
    }

    private void flush() {
        if (runLength > 0) {
            types.u32(runLength).u8(runType);
            runs++;
        }
        runLength = 0;
    }

    /** A local for the current block only. */
    int temporary(int type) {
        int i = Wasm.I32 - type;
        if (pools[i] == null) {
            pools[i] = new Pool();
        }
        Pool pool = pools[i];
        if (pool.used == pool.made) {
            if (pool.made == pool.locals.length) {
                pool.locals = java.util.Arrays.copyOf(pool.locals, pool.made * 2);
            }
            pool.locals[pool.made++] = persistent(type);
        }
        return pool.locals[pool.used++];
    }

    void releaseTemporaries() {
        for (Pool pool : pools) {
            if (pool != null) {
                pool.used = 0;
            }
        }
    }

    /** The declaration vector of the code section. */
    void declare(ByteWriter out) {
        flush();
        out.u32(runs).append(types);
    }
}
