// SPDX-License-Identifier: Apache-2.0
package kmos.system;

/**
 * Something that the outside did to the machine, as data: what it was, two numbers, and bytes (null for none). Applying the
 * same events at the same places to the same machine gives the same run.
 *
 * <pre>
 * kind           a                      b                     bytes
 * TYPED                                                       typed on ttyS0
 * KEY            set 1 code             1 down, 0 up
 * MOUSE          buttons                dx and dy, 16 bits
 * RESIZE         columns                rows                  name of the line
 * SAMPLE         time that went on, in 65,536 ns
 * ENTROPY        word to mix in
 * RUN            number of arguments    2 x environment, +1 for a pty   texts, each ended by NUL; the last: directory
 * READ_FILE                                                   path, NUL
 * WRITE_FILE     mode                                         path, NUL
 * INPUT          command                                      bytes given to it
 * END_INPUT      command
 * OUTPUT         command                room for so many bytes
 * SIGNAL         command                number
 * CLOSE          command
 * DISK_FAILURE   deadline of the request                      the host's words
 * HASH           hash of the state, which is compared
 * END            nothing: where a recording ends
 * CLOCK          ns since 1970 that the machine's clock shows from now on
 * </pre>
 */
public record OutsideEvent(int kind, long a, long b, byte[] bytes) {
    public static final int TYPED = 1, KEY = 2, MOUSE = 3, RESIZE = 4, SAMPLE = 5, ENTROPY = 6, RUN = 7, READ_FILE = 8, WRITE_FILE = 9, INPUT = 10,
        END_INPUT = 11, OUTPUT = 12, SIGNAL = 13, CLOSE = 14, DISK_FAILURE = 15, HASH = 16, END = 17, CLOCK = 18;

    public static final int SAMPLE_SHIFT = 16;

    /**
     * Where an event is taken, beside the cycle: directly behind the event before; at the end of a slice with more to do;
     * or when nothing had anything to do.
     */
    public static final int SAME = 0, BUSY = 1, IDLE = 2;

    /** Who wants to know the events: called before each is applied. */
    public interface Listener {
        void event(long cycles, int place, OutsideEvent event);
    }

    public OutsideEvent(int kind, long a, long b) {
        this(kind, a, b, null);
    }

    /** Whether it changes the machine. */
    public boolean isInput() {
        return kind < DISK_FAILURE || kind == CLOCK;
    }
}
