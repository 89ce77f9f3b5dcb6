// SPDX-License-Identifier: Apache-2.0
/**
 * The chips of a PC of the late 1990s (440FX, PIIX3), each in a class of its name, and {@link kmos.device.PcMachine},
 * the board that wires them.
 *
 * <p>A chip gets clock, lines and host seams in its constructor, maps its ports in attach, and keeps all its registers
 * in state(). What takes time is a timer of the machine; what needs the host goes through {@code kmos.host}. Nothing
 * here knows the CPU or a kernel.
 */
package kmos.device;
