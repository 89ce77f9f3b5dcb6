// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** What the CPU and the kernel see of the interrupt controller. */
public interface InterruptController {
    /** Level of an input line. */
    void setLine(int line, boolean isHigh);

    /** INTR: an unmasked interrupt of higher priority than those in service waits. */
    boolean hasPending();

    /** INTA cycle: takes the interrupt of highest priority and returns its vector. */
    int acknowledge();
}
