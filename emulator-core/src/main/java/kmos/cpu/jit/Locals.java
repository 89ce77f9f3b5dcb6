// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Wasm locals of a region's function: the fixed ones, then what blocks need. */
final class Locals {
    static final int REGISTERS = 16;

    private final ByteWriter types = new ByteWriter();
    /** The function's parameter is number 0. */
    private int count = 1;
    private int runType;
    private int runLength;
    private int runs;
    private final int[] freeI32 = new int[4096];
    private final int[] freeI64 = new int[4096];
    private final int[] freeV128 = new int[1024];
    private int usedI32, usedI64, usedV128;
    private int madeI32, madeI64, madeV128;

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
        switch (type) {
            case Wasm.I64:
                if (usedI64 == madeI64) {
                    freeI64[madeI64++] = persistent(type);
                }
                return freeI64[usedI64++];
            case Wasm.V128:
                if (usedV128 == madeV128) {
                    freeV128[madeV128++] = persistent(type);
                }
                return freeV128[usedV128++];
            default:
                if (usedI32 == madeI32) {
                    freeI32[madeI32++] = persistent(type);
                }
                return freeI32[usedI32++];
        }
    }

    void releaseTemporaries() {
        usedI32 = usedI64 = usedV128 = 0;
    }

    /** The declaration vector of the code section. */
    void declare(ByteWriter out) {
        flush();
        out.u32(runs).append(types);
    }
}
