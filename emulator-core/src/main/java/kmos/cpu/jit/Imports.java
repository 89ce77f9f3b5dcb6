// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * The functions a region's module imports from module "java", in this order. Signatures: see {@link ModuleWriter}. All are
 * implemented by {@link JitRuntime}.
 */
final class Imports {
    /** (address i64, access i32) -> linear memory of the operand, or 0: leave to the interpreter. */
    static final int MISS = 0;
    /** (record i32) -> status: 0 done, else leave (registers and instruction pointer are in memory). */
    static final int HANDLER = 1;
    /** (fk, fx i32, a, r i64, code i32) -> truth of a condition. */
    static final int CONDITION = 2;
    /** (a, b i64) -> upper 64 bits of the product. */
    static final int HIGH_UNSIGNED = 3, HIGH_SIGNED = 4;
    /** (record i32) -> status, like HANDLER, for a repeated string instruction. */
    static final int REPEAT = 5;
    /** (cell i32) -> (): finds the region of a link cell's address. */
    static final int LINK = 6;
    /** (address i64, size, cell i32) -> linear memory of that much stack if it can be written without any effect, or 0. */
    static final int PIN = 7;
    /** (code, a, b i32) -> i32: an x87 operation (X87Calls). */
    static final int X87 = 8;
    static final int COUNT = 9;

    private static final String[] NAMES = {"miss", "handler", "condition", "highUnsigned", "highSigned", "repeat", "link", "pin", "x87"};

    private Imports() { }

    static String name(int i) {
        return NAMES[i];
    }
}
