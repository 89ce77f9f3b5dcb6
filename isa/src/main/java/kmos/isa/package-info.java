// SPDX-License-Identifier: Apache-2.0
/**
 * The x86 instruction set as data and meanings. {@code x86.isa} has one row per form; each row names a static method here
 * that says once what the instruction does, written against {@link kmos.isa.Emit}. Running that method with another
 * Emit gives another back end: Java handlers at build time, region IR for the JIT.
 *
 * <p>The order inside a body is the rule that makes faults precise: everything that can fault first ({@code modify},
 * {@code read}, {@code prepare}), then flags, then {@code write}.
 *
 * <p>Read first: {@link kmos.isa.Emit}, {@link kmos.isa.Alu}, then the table. Sources: Intel SDM vol. 2.
 */
package kmos.isa;
