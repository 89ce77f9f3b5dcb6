// SPDX-License-Identifier: Apache-2.0
/**
 * All that a kernel or a test may know of the machine: the CPU as registers, run and exit; physical memory; port and
 * MMIO spaces; interrupt lines; the virtual clock. Chips live in {@code kmos.device}, instruction semantics in
 * {@code kmos.cpu}; neither is visible from here.
 *
 * <p>Read first: {@link kmos.machine.Machine}, {@link kmos.machine.CpuContext}, {@link kmos.machine.PhysicalMemory}.
 */
package kmos.machine;
