// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import kmos.base.StateFormatException;
import kmos.system.KmosSystem;

/** Puts an image into a fresh system. */
public final class Restore {
    private Restore() { }

    /**
     * Loads the state. SnapshotException: what was saved cannot be (a forged file may hold anything; its checksum is no
     * signature); the system must then be closed. A machine that ran before is not touched: this one is new.
     */
    public static void load(KmosSystem fresh, MachineImage image) {
        try {
            fresh.loadState(image.state());
        } catch (StateFormatException damaged) {
            throw new SnapshotException("this snapshot is damaged: " + damaged.getMessage());
        } catch (RuntimeException forged) {
            // One of two places that may catch everything: any state method may fail on values that no machine ever had.
            throw new SnapshotException("this snapshot holds a machine that cannot be (" + forged + ")");
        }
    }
}
