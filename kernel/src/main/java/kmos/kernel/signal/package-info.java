// SPDX-License-Identifier: Apache-2.0
/**
 * Signals: actions, pending sets, sending, and delivery on the way back to user mode with Linux's frames.
 *
 * <p>Read first: {@link kmos.kernel.signal.SignalSending}, {@link kmos.kernel.signal.SignalDelivery}.
 */
package kmos.kernel.signal;
