// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

/** Whether the machine runs and, if not, why. */
public enum KernelState {
    RUNNING, POWERED_OFF, RESTARTING, HALTED, PANICKED
}
