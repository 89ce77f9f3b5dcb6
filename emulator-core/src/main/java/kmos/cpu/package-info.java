// SPDX-License-Identifier: Apache-2.0
/**
 * The processor: state in linear memory, decoder and block cache, address translation, and the Java bodies of what the
 * instruction table calls helpers. Handlers and loops are generated into {@code kmos.cpu.decode} from {@code kmos.isa}.
 *
 * <p>Read first: {@link kmos.cpu.CpuState} (the layout), {@link kmos.cpu.BlockCache} (from bytes to records),
 * {@link kmos.cpu.Mmu}, {@link kmos.cpu.Cpu}. Every static method takes the vCPU's base address as {@code cpu}.
 */
package kmos.cpu;
