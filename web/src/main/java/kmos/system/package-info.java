// SPDX-License-Identifier: Apache-2.0
/**
 * The whole machine, plain Java: {@link kmos.system.KmosSystem} wires board, processor, kernel and drivers, and is the one
 * place that knows both a chip and its driver. Hosts (the page, a JVM terminal) drive it by slices and feed it input.
 */
package kmos.system;
