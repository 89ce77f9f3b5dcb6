// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

/** Events in order. */
public interface EventSource {
    /** The next event, which stays the next; null at the end. */
    TimedEvent peek();

    /** The event peeked at is done. */
    void take();
}
