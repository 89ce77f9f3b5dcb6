// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** One input of the interrupt controller, given to the device that drives it. */
public final class IrqLine {
    private final InterruptController controller;
    private final int number;

    public IrqLine(InterruptController controller, int number) {
        this.controller = controller;
        this.number = number;
    }

    public int number() {
        return number;
    }

    public void set(boolean isHigh) {
        controller.setLine(number, isHigh);
    }

    public void raise() {
        controller.setLine(number, true);
    }

    public void lower() {
        controller.setLine(number, false);
    }

    /** An edge, for edge-triggered sources. */
    public void pulse() {
        controller.setLine(number, true);
        controller.setLine(number, false);
    }
}
