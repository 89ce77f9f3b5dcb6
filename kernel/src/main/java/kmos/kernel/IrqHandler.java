// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

/** A driver's interrupt handler: does bounded work and returns. */
public interface IrqHandler {
    void interrupt();
}
