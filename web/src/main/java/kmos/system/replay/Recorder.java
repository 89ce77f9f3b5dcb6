// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.SystemConfig;

/** Records a machine from its boot on, with the state's hash from time to time. */
public final class Recorder {
    private final KmosSystem system;
    private final SystemConfig config;
    private final EventLog log;
    private final long hashEvery;
    private long nextHash;

    /** The system is freshly built from config. hashEvery: cycles between two hashes, 0 for none. */
    public Recorder(KmosSystem system, SystemConfig config, long hashEvery) {
        this.system = system;
        this.config = config;
        this.hashEvery = hashEvery;
        long now = system.machine().clock().cycles();
        nextHash = now + hashEvery;
        log = new EventLog(now);
        system.outside().setListener(log);
    }

    public EventLog log() {
        return log;
    }

    /** Call after each slice. */
    public void afterSlice() {
        long now = system.machine().clock().cycles();
        if (hashEvery > 0 && now >= nextHash && system.outside().isBoundary()) {
            nextHash = now + hashEvery;
            system.outside().note(new OutsideEvent(OutsideEvent.HASH, system.stateHash(), 0));
        }
    }

    /** The run up to here, with a hash of its end; image: see {@link Recording#of}. Waits for nothing: settle before. */
    public Recording finish(String image) {
        if (system.outside().settle()) {
            system.outside().note(new OutsideEvent(OutsideEvent.HASH, system.stateHash(), 0));
        }
        system.outside().note(new OutsideEvent(OutsideEvent.END, 0, 0));
        return Recording.of(config, image, null, log);
    }
}
