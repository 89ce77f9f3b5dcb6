// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

/**
 * How a form gets at memory and stack, decided when it is decoded so that the handler need not ask. R: neither.
 * RS: stack only. M: memory operand (and stack). 32 and 64: flat segments, natural address size, with B base + displacement,
 * X base + index * scale + displacement, R relative to the instruction pointer. X at the end: decided at run time
 * (segments with bases, 16-bit addresses or stack, anything rare).
 */
enum Shape {
    R, RS32, RS64, RSX, MX, M32B, M32X, M64B, M64X, M64R;

    boolean isMemory() {
        return ordinal() >= MX.ordinal();
    }

    boolean is32() {
        return this == RS32 || this == M32B || this == M32X;
    }

    boolean is64() {
        return this == RS64 || this == M64B || this == M64X || this == M64R;
    }
}
