// SPDX-License-Identifier: Apache-2.0
/**
 * What every other module stands on: the linear memory, saved state, wait queues, timers, errno values and the log.
 *
 * <p>Read first: {@link kmos.base.Memory} (guest RAM and CPU state live there, in WebAssembly and on the JVM alike),
 * {@link kmos.base.StateFields} (one method per class saves, loads and hashes it), {@link kmos.base.WaitQueue} and
 * {@link kmos.base.NotReady} (how code that must wait unwinds instead).
 *
 * <p>Imports nothing of ours; {@code org.teavm} only in Memory.
 */
package kmos.base;
