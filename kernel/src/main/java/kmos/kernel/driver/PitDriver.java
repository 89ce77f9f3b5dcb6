// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.IrqHandler;
import kmos.kernel.Kernel;
import kmos.machine.PortSpace;

/**
 * The 8254 as a source of ticks. The kernel is tickless (its timers are in one queue of guest time), so channel 0 is
 * left stopped; a tick can be switched on for teaching.
 */
public final class PitDriver implements IrqHandler, Stateful {
    private static final int CHANNEL0 = 0x40, CONTROL = 0x43, INPUT_HZ = 1_193_182;

    private final PortSpace ports;
    private long ticks;

    public PitDriver(Kernel kernel) {
        ports = kernel.machine().ports();
        kernel.interrupts().register(0, "timer", this);
    }

    /** Mode 0 without a count: the output stays low and nothing interrupts. */
    public void stop() {
        ports.write8(CONTROL, 0x30);
    }

    /** Mode 2 at the given rate, 19 to 10,000 Hz. */
    public void start(int hz) {
        int divisor = (INPUT_HZ + hz / 2) / hz;
        ports.write8(CONTROL, 0x34);
        ports.write8(CHANNEL0, divisor & 0xFF);
        ports.write8(CHANNEL0, divisor >> 8);
    }

    public long ticks() {
        return ticks;
    }

    @Override
    public void interrupt() {
        ticks++;
    }

    @Override
    public void state(StateFields s) {
        ticks = s.i64("ticks", ticks);
    }
}
