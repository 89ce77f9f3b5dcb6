// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/**
 * Unwinds an operation that needs something that is on its way (a disk block, a page). The catcher parks on
 * {@link #queue} and runs the whole operation again when it is woken, so nothing visible may have happened before.
 */
public final class NotReady extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final WaitQueue queue;

    public NotReady(WaitQueue queue) {
        super(null, null, false, false);
        this.queue = queue;
    }

    public WaitQueue queue() {
        return queue;
    }
}
