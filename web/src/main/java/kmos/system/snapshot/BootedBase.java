// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.util.List;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;

/**
 * The machine that everybody with the same build, image and configuration can make: started with a fixed seed and clock from the
 * unchanged disk image, no one typing, at one second of guest time, when the prompt is there. Deltas name it as their base.
 */
public final class BootedBase {
    /** Guest time at which the base is taken; before that no input is given to a machine that wants to share its base. */
    public static final long AT_NS = 1_000_000_000L;

    private final KmosSystem system;
    private final ScriptedSession session;

    /** The system is freshly built from a configuration that {@link #fix} had. */
    public BootedBase(KmosSystem system) {
        this.system = system;
        session = new ScriptedSession(system, List.of(), AT_NS);
    }

    /** Makes a configuration that of a base: the seed and the clock of everybody. */
    public static void fix(SystemConfig config) {
        SystemConfig usual = new SystemConfig();
        config.kernel.seed = usual.kernel.seed;
        config.kernel.startEpochSeconds = usual.kernel.startEpochSeconds;
    }

    /** A slice of the start. False when the base is reached; then {@link #isReached}, or the machine has stopped. */
    public boolean step(long cycles) {
        return session.step(cycles);
    }

    public boolean isReached() {
        return system.isRunning() && system.machine().clock().nowNs() >= AT_NS;
    }
}
