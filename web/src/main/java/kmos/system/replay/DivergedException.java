// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

/** A replay that is not the recorded run any more; the message says where. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long cycles;

    DivergedException(long cycles, String message) {
        super(message);
        this.cycles = cycles;
    }

    /** Guest time at which it was seen: the reason lies before. */
    public long cycles() {
        return cycles;
    }
}
