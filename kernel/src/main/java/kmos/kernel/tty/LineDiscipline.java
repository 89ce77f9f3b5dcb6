// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.kernel.abi.Termios.*;

import kmos.base.StateFields;
import kmos.base.Stateful;

/**
 * N_TTY: line editing, echo, signals and output processing (termios(3), Linux drivers/tty/n_tty.c).
 *
 * <p>Input lies in a ring of 4096 bytes between tail and head. In canonical mode only what lies before canonicalHead can
 * be read: it moves on at the end of a line. An end of line carries a mark; an end of file is a marked place that is
 * never delivered. Only the line that is being typed (canonicalHead to head) can be edited.
 */
final class LineDiscipline implements Stateful {
    static final int SIZE = 4096;
    private static final int SIGINT = 2, SIGQUIT = 3, SIGTSTP = 20;
    private static final int MARK_LINE = 1, MARK_EOF = 2;
    private static final int MAXIMUM_ECHO = 8192;
    private static final int THRESHOLD = 128;

    private final Tty tty;
    private byte[] ring = new byte[SIZE];
    private byte[] marks = new byte[SIZE];
    /** Counted without wrapping; position in the ring modulo SIZE. */
    private long tail;
    private long canonicalHead;
    private long head;
    private boolean isLiteralNext;
    private int column;
    /** Column where the line that is being typed began: TABs are erased by it. */
    private int canonicalColumn;
    private byte[] echo = new byte[256];
    private int echoCount;

    LineDiscipline(Tty tty) {
        this.tty = tty;
    }

    // Input

    /** TTY_THRESHOLD_THROTTLE; never while a reader waits for the end of a line that would then not come. */
    boolean isInputFull() {
        return head - tail > SIZE - THRESHOLD && (!tty.termios().has(ICANON) || canonicalHead > tail);
    }

    /** One byte from the line. */
    void receive(int c) {
        TermiosState t = tty.termios();
        if ((t.iflag & ISTRIP) != 0) {
            c &= 0x7F;
        }
        if ((t.iflag & IUCLC) != 0 && t.has(IEXTEN) && c >= 'A' && c <= 'Z') {
            c += 'a' - 'A';
        }
        if (isLiteralNext) {
            isLiteralNext = false;
            store(c, 0, true);
            tty.inputChanged(isReadReady());
            return;
        }
        if ((t.iflag & IXON) != 0) {
            if (t.is(c, VSTART)) {
                tty.setStopped(false);
                return;
            }
            if (t.is(c, VSTOP)) {
                tty.setStopped(true);
                return;
            }
        }
        if (t.has(ISIG)) {
            int signal = t.is(c, VINTR) ? SIGINT : t.is(c, VQUIT) ? SIGQUIT : t.is(c, VSUSP) ? SIGTSTP : 0;
            if (signal != 0) {
                signalTyped(c, signal);
                return;
            }
        }
        if (tty.isStopped() && (t.iflag & IXON) != 0 && (t.iflag & IXANY) != 0) {
            tty.setStopped(false);
        }
        if (c == '\r') {
            if ((t.iflag & IGNCR) != 0) {
                return;
            }
            if ((t.iflag & ICRNL) != 0) {
                c = '\n';
            }
        } else if (c == '\n' && (t.iflag & INLCR) != 0) {
            c = '\r';
        }
        if (t.has(ICANON)) {
            receiveCanonical(t, c);
        } else {
            store(c, 0, true);
        }
        flushEcho();
        tty.inputChanged(isReadReady());
    }

    private void signalTyped(int c, int signal) {
        TermiosState t = tty.termios();
        if (!t.has(NOFLSH)) {
            flushInput();
            tty.dropOutput();
        }
        if ((t.iflag & IXON) != 0) {
            tty.setStopped(false);
        }
        if (t.has(ECHO)) {
            echoCharacter(c);
            flushEcho();
        }
        tty.signalForeground(signal);
    }

    private void receiveCanonical(TermiosState t, int c) {
        if (t.is(c, VERASE) || t.is(c, VKILL) || t.is(c, VWERASE) && t.has(IEXTEN)) {
            erase(t, c);
        } else if (t.is(c, VLNEXT) && t.has(IEXTEN)) {
            isLiteralNext = true;
            if (t.has(ECHO) && t.has(ECHOCTL)) {
                echoRaw('^');
                echoRaw('\b');
            }
        } else if (t.is(c, VREPRINT) && t.has(ECHO) && t.has(IEXTEN)) {
            echoCharacter(c);
            echoProcessed('\n');
            for (long i = canonicalHead; i < head; i++) {
                echoCharacter(at(i));
            }
        } else if (c == '\n') {
            if (t.has(ECHO) || t.has(ECHONL)) {
                echoProcessed('\n');
            }
            endLine(c, MARK_LINE);
        } else if (t.is(c, VEOF)) {
            endLine(c, MARK_EOF);
        } else if (t.is(c, VEOL) || t.is(c, VEOL2) && t.has(IEXTEN)) {
            if (t.has(ECHO)) {
                echoCharacter(c);
            }
            endLine(c, MARK_LINE);
        } else {
            store(c, 0, true);
        }
    }

    /** A full ring takes the end of a line in place of its last character, as Linux does. */
    private void endLine(int c, int mark) {
        if (head - tail >= SIZE) {
            head--;
        }
        store(c, mark, false);
        canonicalHead = head;
    }

    private void store(int c, int mark, boolean echoes) {
        TermiosState t = tty.termios();
        // One place stays free for the end of the line.
        if (head - tail >= SIZE - (mark == 0 ? 1 : 0)) {
            if ((t.iflag & IMAXBEL) != 0) {
                echoRaw(7);
            }
            return;
        }
        if (echoes && t.has(ECHO)) {
            if (canonicalHead == head) {
                canonicalColumn = column;
            }
            echoCharacter(c);
        }
        int i = (int) (head % SIZE);
        ring[i] = (byte) c;
        marks[i] = (byte) mark;
        head++;
    }

    private void erase(TermiosState t, int c) {
        if (head == canonicalHead) {
            return;
        }
        boolean kill = t.is(c, VKILL);
        boolean word = !kill && t.is(c, VWERASE) && t.has(IEXTEN);
        if (kill && (!t.has(ECHO) || !t.has(ECHOK) || !t.has(ECHOKE) || !t.has(ECHOE))) {
            head = canonicalHead;
            if (t.has(ECHO)) {
                echoCharacter(c);
                if (t.has(ECHOK)) {
                    echoProcessed('\n');
                }
            }
            return;
        }
        boolean seenWord = false;
        while (head > canonicalHead) {
            long start = head - 1;
            while ((t.iflag & IUTF8) != 0 && start > canonicalHead && (at(start) & 0xC0) == 0x80) {
                start--;
            }
            int erased = at(start);
            if (word) {
                boolean inWord = erased >= 0x80 || Character.isLetterOrDigit(erased) || erased == '_';
                if (inWord) {
                    seenWord = true;
                } else if (seenWord) {
                    break;
                }
            }
            head = start;
            if (t.has(ECHO)) {
                echoErased(t, c, erased);
            }
            if (!kill && !word) {
                break;
            }
        }
    }

    private void echoErased(TermiosState t, int eraseCharacter, int erased) {
        if (!t.has(ECHOE) && t.is(eraseCharacter, VERASE)) {
            echoCharacter(eraseCharacter);
            return;
        }
        int width;
        if (erased == '\t') {
            width = column - columnAt(head);
        } else if (erased < ' ' || erased == 0x7F) {
            width = t.has(ECHOCTL) ? 2 : 0;
        } else {
            width = 1;
        }
        for (int i = 0; i < width; i++) {
            echoRaw('\b');
            if (erased != '\t') {
                echoRaw(' ');
                echoRaw('\b');
            }
            column = Math.max(0, column - 1);
        }
    }

    /** Column of the cursor when the typed line ended at end. */
    private int columnAt(long end) {
        int at = canonicalColumn;
        boolean showsControl = tty.termios().has(ECHOCTL);
        boolean isUtf8 = (tty.termios().iflag & IUTF8) != 0;
        for (long i = canonicalHead; i < end; i++) {
            int c = at(i);
            if (c == '\t') {
                at = (at | 7) + 1;
            } else if (c < ' ' || c == 0x7F) {
                at += showsControl ? 2 : 0;
            } else if (!isUtf8 || (c & 0xC0) != 0x80) {
                at++;
            }
        }
        return at;
    }

    private int at(long i) {
        return ring[(int) (i % SIZE)] & 0xFF;
    }

    // Reading

    /** Whether a read with this VMIN would get something: a line, or enough characters. */
    boolean isReadReady() {
        TermiosState t = tty.termios();
        if (t.has(ICANON)) {
            return canonicalHead > tail;
        }
        int minimum = t.cc[VTIME] == 0 ? t.cc[VMIN] & 0xFF : 1;
        return head - tail >= Math.max(1, minimum);
    }

    /** Bytes that a read would give at once (FIONREAD). */
    int available() {
        return (int) ((tty.termios().has(ICANON) ? canonicalHead : head) - tail);
    }

    /** Bytes in the ring, readable or not. */
    int pending() {
        return (int) (head - tail);
    }

    /** Copies out at most limit bytes, in canonical mode to the end of a line, without consuming; their count. */
    int peek(byte[] to, int limit) {
        int n = 0;
        boolean isCanonical = tty.termios().has(ICANON);
        long end = isCanonical ? canonicalHead : head;
        for (long i = tail; i < end && n < limit; i++) {
            int mark = marks[(int) (i % SIZE)];
            if (isCanonical && mark == MARK_EOF) {
                break;
            }
            to[n++] = ring[(int) (i % SIZE)];
            if (isCanonical && mark == MARK_LINE) {
                break;
            }
        }
        return n;
    }

    /** Consumes what peek gave; an end-of-file mark that follows at once goes with it. */
    void consume(int count) {
        boolean isCanonical = tty.termios().has(ICANON);
        boolean endedLine = count > 0 && marks[(int) ((tail + count - 1) % SIZE)] == MARK_LINE;
        tail += count;
        if (isCanonical && !endedLine && tail < canonicalHead && marks[(int) (tail % SIZE)] == MARK_EOF) {
            tail++;
        }
        tty.inputConsumed();
    }

    /** TCSETS changed ICANON: what was typed becomes readable, or the typed line starts here. */
    void modeChanged(boolean wasCanonical) {
        boolean isCanonical = tty.termios().has(ICANON);
        if (wasCanonical != isCanonical) {
            isLiteralNext = false;
            if (isCanonical) {
                // What came raw is one line without an end, as n_tty_set_termios makes it.
                if (head > tail) {
                    marks[(int) ((head - 1) % SIZE)] = MARK_LINE;
                }
            }
            canonicalHead = head;
        }
    }

    void flushInput() {
        tail = head;
        canonicalHead = head;
        isLiteralNext = false;
        tty.inputConsumed();
    }

    // Output

    /** Most bytes that one written byte can become. */
    int expansion() {
        TermiosState t = tty.termios();
        if ((t.oflag & OPOST) == 0) {
            return 1;
        }
        return (t.oflag & TABDLY) == XTABS ? 8 : 2;
    }

    /** Processes one written byte into out at n; the new n. */
    int process(int c, byte[] out, int n) {
        int oflag = tty.termios().oflag;
        if ((oflag & OPOST) == 0) {
            out[n++] = (byte) c;
            return n;
        }
        switch (c) {
            case '\n':
                if ((oflag & ONLRET) != 0) {
                    column = 0;
                }
                if ((oflag & ONLCR) != 0) {
                    out[n++] = '\r';
                    column = 0;
                }
                break;
            case '\r':
                if ((oflag & ONOCR) != 0 && column == 0) {
                    return n;
                }
                column = 0;
                if ((oflag & OCRNL) != 0) {
                    c = '\n';
                }
                break;
            case '\t': {
                int spaces = 8 - (column & 7);
                column += spaces;
                if ((oflag & TABDLY) == XTABS) {
                    for (int i = 0; i < spaces; i++) {
                        out[n++] = ' ';
                    }
                    return n;
                }
                break;
            }
            case '\b':
                column = Math.max(0, column - 1);
                break;
            default:
                if ((oflag & OLCUC) != 0 && c >= 'a' && c <= 'z') {
                    c -= 'a' - 'A';
                }
                if (c >= ' ' && c != 0x7F && ((tty.termios().iflag & IUTF8) == 0 || (c & 0xC0) != 0x80)) {
                    column++;
                }
                break;
        }
        out[n++] = (byte) c;
        return n;
    }

    // Echo

    private void echoCharacter(int c) {
        TermiosState t = tty.termios();
        if (t.has(ECHOCTL) && (c < ' ' && c != '\t' && c != '\n' || c == 0x7F)) {
            echoRaw('^');
            echoRaw(c ^ 0100);
            column += 2;
        } else {
            echoProcessed(c);
        }
    }

    private void echoProcessed(int c) {
        byte[] out = new byte[8];
        int n = process(c, out, 0);
        for (int i = 0; i < n; i++) {
            echoRaw(out[i]);
        }
    }

    private void echoRaw(int c) {
        if (echoCount == MAXIMUM_ECHO) {
            return;
        }
        if (echoCount == echo.length) {
            byte[] larger = new byte[echo.length * 2];
            System.arraycopy(echo, 0, larger, 0, echoCount);
            echo = larger;
        }
        echo[echoCount++] = (byte) c;
    }

    /** Gives the line what it has room for. */
    void flushEcho() {
        if (echoCount == 0 || tty.isStopped()) {
            return;
        }
        int n = Math.min(echoCount, tty.output().writeRoom());
        if (n > 0) {
            tty.output().write(echo, 0, n);
            System.arraycopy(echo, n, echo, 0, echoCount - n);
            echoCount -= n;
        }
    }

    boolean hasEcho() {
        return echoCount > 0;
    }

    void dropEcho() {
        echoCount = 0;
    }

    @Override
    public void state(StateFields s) {
        ring = s.bytes("ring", ring);
        marks = s.bytes("marks", marks);
        tail = s.i64("tail", tail);
        canonicalHead = s.i64("canonicalHead", canonicalHead);
        head = s.i64("head", head);
        isLiteralNext = s.bool("isLiteralNext", isLiteralNext);
        column = s.i32("column", column);
        canonicalColumn = s.i32("canonicalColumn", canonicalColumn);
        echo = s.bytes("echo", echo);
        echoCount = s.i32("echoCount", echoCount);
    }
}
