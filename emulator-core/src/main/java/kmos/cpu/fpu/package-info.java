// SPDX-License-Identifier: Apache-2.0
/** Floating point: software arithmetic on 32, 64 and 80 bits, and the bodies of x87, MMX and SSE instructions. */
package kmos.cpu.fpu;
