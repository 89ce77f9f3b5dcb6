// SPDX-License-Identifier: Apache-2.0
package kmos.host;

/** The host's real time, read only when a logged event is made from it (RTC start, catch-up samples). */
public interface WallClock {
    /** Milliseconds since 1970 UTC. */
    long epochMs();

    /** Monotonic nanoseconds from any origin. */
    long monotonicNs();
}
