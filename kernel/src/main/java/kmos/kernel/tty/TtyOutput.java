// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.Stateful;

/** Where a terminal line's output goes: a UART's driver, the master side of a pty, a console screen. */
public interface TtyOutput extends Stateful {
    /** Bytes that write takes now. When it was too small and grows again the driver calls {@link Tty#outputReady}. */
    int writeRoom();

    /** count is at most writeRoom(). */
    void write(byte[] bytes, int offset, int count);

    /** Bytes that were written and are not yet sent (TIOCOUTQ). */
    default int pending() {
        return 0;
    }

    /** Whether the last bit has left (tcdrain(3)). */
    default boolean isDrained() {
        return pending() == 0;
    }

    /** Forgets what is not yet sent (TCOFLUSH). */
    default void discardPending() {
    }

    /** The line has room for input again: a driver that stopped when {@link Tty#isInputFull} goes on. */
    default void inputHasRoom() {
    }

    /** The line was hung up or closed for good. */
    default void hangup() {
    }
}
