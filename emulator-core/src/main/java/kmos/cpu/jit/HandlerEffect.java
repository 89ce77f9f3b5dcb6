// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** General registers (bit masks) that an interpreter handler reads and writes, vector registers that it may touch, and whether it uses the arithmetic flags. */
record HandlerEffect(int reads, int writes, int vectors, boolean usesFlags) {
    static final HandlerEffect EVERYTHING = new HandlerEffect(0xFFFF, 0xFFFF, 0xFFFF, true);
}
