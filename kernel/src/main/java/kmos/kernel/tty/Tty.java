// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EFAULT;
import static kmos.base.Errno.EIO;
import static kmos.kernel.abi.Termios.*;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.IoBuffer;

/** A terminal line: settings, window size, line discipline, and which session and foreground group it belongs to. */
public final class Tty implements Stateful {
    private static final int SIGHUP = 1, SIGCONT = 18, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28;
    private static final int CHUNK = 1024;

    private ProcessGroups jobs;
    private String name;
    private int device;
    private TtyOutput output;
    private final TermiosState termios = new TermiosState();
    private final LineDiscipline discipline = new LineDiscipline(this);
    private int columns = 80;
    private int rows = 24;
    private int pixelWidth;
    private int pixelHeight;
    private int session;
    private int foreground;
    private boolean isStopped;
    private boolean isHungUp;
    private boolean isExclusive;
    private int openCount;
    private int hangups;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public Tty(ProcessGroups jobs) {
        this.jobs = jobs;
    }

    /** name: as ttyname(3) shows it, without /dev/. device: its number. output may be set later by setOutput. */
    public Tty(ProcessGroups jobs, String name, int device, TtyOutput output) {
        this.jobs = jobs;
        this.name = name;
        this.device = device;
        this.output = output;
    }

    public void setOutput(TtyOutput output) {
        this.output = output;
    }

    // The driver's side

    /** One byte came in on the line. */
    public void receive(int c) {
        if (!isHungUp) {
            discipline.receive(c & 0xFF);
        }
    }

    /** Whether a driver with flow control should hold input back: what comes now would soon be lost. */
    public boolean isInputFull() {
        return !isHungUp && discipline.isInputFull();
    }

    void inputConsumed() {
        if (output != null && !discipline.isInputFull()) {
            output.inputHasRoom();
        }
    }

    /** The line has room again. */
    public void outputReady() {
        discipline.flushEcho();
        changed.wakeAll();
    }

    /** The size of the window on the other side changed: SIGWINCH to the foreground group when it is another. */
    public void resize(int newColumns, int newRows) {
        setWindow(newRows, newColumns, pixelWidth, pixelHeight);
    }

    /** Carrier lost or master closed: readers see the end, writers EIO, the session SIGHUP. */
    public void hangup() {
        int leader = session;
        if (session != 0) {
            jobs.signalSessionLeader(session, SIGHUP);
            jobs.signalSessionLeader(session, SIGCONT);
            if (foreground != 0) {
                jobs.signalGroup(foreground, SIGHUP);
                jobs.signalGroup(foreground, SIGCONT);
            }
            jobs.detachSession(leader);
        }
        session = 0;
        foreground = 0;
        hangups++;
        isHungUp = true;
        discipline.flushInput();
        changed.wakeAll();
    }

    // The line discipline's side

    TermiosState termios() {
        return termios;
    }

    public TtyOutput output() {
        return output;
    }

    LineDiscipline discipline() {
        return discipline;
    }

    void inputChanged(boolean isReadReady) {
        changed.wakeAll();
    }

    boolean isStopped() {
        return isStopped;
    }

    void setStopped(boolean stopped) {
        if (isStopped != stopped) {
            isStopped = stopped;
            if (!stopped) {
                outputReady();
            }
        }
    }

    void dropOutput() {
        discipline.dropEcho();
    }

    /** TCOFLUSH: echo and what the device has not sent. */
    void discardOutput() {
        discipline.dropEcho();
        output.discardPending();
        outputReady();
    }

    void signalForeground(int signal) {
        if (foreground != 0) {
            jobs.signalGroup(foreground, signal);
        }
        changed.wakeAll();
    }

    // The program's side

    /** Bytes; 0 at the end of the file; -EAGAIN: nothing yet; -EIO, or -ERESTARTSYS after SIGTTIN in the background. */
    long read(Task task, IoBuffer buffer, int hangupsAtOpen, long nowNs) {
        if (isHungUp || hangups != hangupsAtOpen) {
            return 0;
        }
        long refused = checkBackground(task, SIGTTIN);
        if (refused != 0) {
            return refused;
        }
        if (buffer.remaining() == 0) {
            return 0;
        }
        boolean isCanonical = termios.has(ICANON);
        if (isCanonical ? !discipline.isReadReady() : !rawReadMayEnd(task, buffer, nowNs)) {
            return -EAGAIN;
        }
        byte[] bytes = new byte[(int) Math.min(LineDiscipline.SIZE, buffer.remaining())];
        int n = discipline.peek(bytes, bytes.length);
        int moved = n == 0 ? 0 : buffer.put(bytes, 0, n);
        if (moved < 0) {
            return -EFAULT;
        }
        discipline.consume(moved);
        return moved;
    }

    /** termios(3), noncanonical mode: the four cases of VMIN and VTIME. */
    private boolean rawReadMayEnd(Task task, IoBuffer buffer, long nowNs) {
        int minimum = termios.cc[VMIN] & 0xFF;
        int tenths = termios.cc[VTIME] & 0xFF;
        int available = discipline.available();
        if (minimum == 0) {
            return available > 0 || tenths == 0 || isPast(task, nowNs);
        }
        if (available >= Math.min(minimum, buffer.remaining())) {
            return true;
        }
        return tenths > 0 && available > 0 && isPast(task, nowNs);
    }

    private static boolean isPast(Task task, long nowNs) {
        return task.frame().deadlineNs >= 0 && nowNs >= task.frame().deadlineNs;
    }

    /** Until when a read that found nothing may wait. */
    long readDeadlineNs(Task task, long nowNs) {
        int tenths = termios.cc[VTIME] & 0xFF;
        boolean runs = !termios.has(ICANON) && tenths > 0 && (termios.cc[VMIN] == 0 || discipline.available() > 0);
        if (!runs) {
            task.frame().deadlineNs = -1;
            return TimerQueue.NEVER;
        }
        if (task.frame().deadlineNs < 0 || termios.cc[VMIN] != 0 && task.frame().stage != discipline.available()) {
            // VMIN > 0: the timer starts again with every byte.
            task.frame().stage = discipline.available();
            task.frame().deadlineNs = nowNs + tenths * 100_000_000L;
        }
        return task.frame().deadlineNs;
    }

    long write(Task task, IoBuffer buffer, int hangupsAtOpen) {
        if (isHungUp || hangups != hangupsAtOpen) {
            return -EIO;
        }
        if (termios.has(TOSTOP)) {
            long refused = checkBackground(task, SIGTTOU);
            if (refused != 0) {
                return refused;
            }
        }
        return writeUnchecked(buffer);
    }

    /** The kernel's own messages go this way, whoever is in the foreground. */
    public long writeUnchecked(IoBuffer buffer) {
        long done = 0;
        while (buffer.remaining() > 0) {
            discipline.flushEcho();
            int expansion = discipline.expansion();
            int room = isStopped || discipline.hasEcho() ? 0 : output.writeRoom();
            int n = (int) Math.min(Math.min(CHUNK, room / expansion), buffer.remaining());
            if (n == 0) {
                return done > 0 ? done : -EAGAIN;
            }
            byte[] in = new byte[n];
            int got = buffer.get(in, 0, n);
            if (got <= 0) {
                return done > 0 ? done : got;
            }
            byte[] out = new byte[got * expansion];
            int length = 0;
            for (int i = 0; i < got; i++) {
                length = discipline.process(in[i] & 0xFF, out, length);
            }
            output.write(out, 0, length);
            done += got;
            if (got < n) {
                break;
            }
        }
        return done;
    }

    /**
     * tty_check_change: a background process of the terminal's session gets the signal and its call is restarted;
     * -EIO when that could never end (orphaned group; SIGTTIN ignored or blocked). 0: go on.
     */
    long checkBackground(Task task, int signal) {
        if (task.group().terminal() != this || session != task.group().session()) {
            return 0;
        }
        int group = task.group().processGroup();
        if (foreground == 0 || group == foreground) {
            return 0;
        }
        if (jobs.isIgnoredOrBlocked(task, signal)) {
            return signal == SIGTTIN ? -EIO : 0;
        }
        if (jobs.isOrphaned(group)) {
            return -EIO;
        }
        jobs.signalGroup(group, signal);
        return -kmos.kernel.abi.Restart.ERESTARTSYS;
    }

    int poll(int hangupsAtOpen) {
        if (isHungUp || hangups != hangupsAtOpen) {
            return Poll.READABLE | Poll.WRITABLE | Poll.POLLERR | Poll.POLLHUP;
        }
        int ready = discipline.isReadReady() ? Poll.READABLE : 0;
        return ready | (!isStopped && output.writeRoom() / discipline.expansion() > 0 ? Poll.WRITABLE : 0);
    }

    public WaitQueue waitQueue() {
        return changed;
    }

    void setWindow(int newRows, int newColumns, int newPixelWidth, int newPixelHeight) {
        if (newRows == rows && newColumns == columns && newPixelWidth == pixelWidth && newPixelHeight == pixelHeight) {
            return;
        }
        rows = newRows;
        columns = newColumns;
        pixelWidth = newPixelWidth;
        pixelHeight = newPixelHeight;
        signalForeground(SIGWINCH);
    }

    public int columns() {
        return columns;
    }

    public int rows() {
        return rows;
    }

    int pixelWidth() {
        return pixelWidth;
    }

    int pixelHeight() {
        return pixelHeight;
    }

    /** An open by a session leader without a terminal makes it the controlling one. */
    void becomeControllingOf(Task task) {
        session = task.group().session();
        foreground = task.group().processGroup();
        task.group().setTerminal(this);
    }

    /** The session gave it up (TIOCNOTTY by its leader, or the leader's exit): SIGHUP and SIGCONT to the foreground group. */
    public void disassociate() {
        if (foreground != 0) {
            jobs.signalGroup(foreground, SIGHUP);
            jobs.signalGroup(foreground, SIGCONT);
        }
        int left = session;
        session = 0;
        foreground = 0;
        if (left != 0) {
            jobs.detachSession(left);
        }
    }

    public int session() {
        return session;
    }

    public int foreground() {
        return foreground;
    }

    void setForeground(int processGroup) {
        foreground = processGroup;
    }

    ProcessGroups jobs() {
        return jobs;
    }

    public String name() {
        return name;
    }

    /** Device number, as in /proc/PID/stat. */
    public int device() {
        return device;
    }

    boolean isExclusive() {
        return isExclusive;
    }

    void setExclusive(boolean exclusive) {
        isExclusive = exclusive;
    }

    int hangups() {
        return hangups;
    }

    /** A hung-up line works again when it is opened anew. */
    void opened() {
        openCount++;
        isHungUp = false;
    }

    void closed() {
        openCount--;
        if (openCount == 0) {
            isExclusive = false;
            discipline.flushInput();
            isStopped = false;
        }
    }

    int openCount() {
        return openCount;
    }

    boolean isHungUp() {
        return isHungUp;
    }

    @Override
    public void state(StateFields s) {
        name = s.text("name", name);
        device = s.i32("device", device);
        output = s.ref("output", output, TtyOutput.class);
        s.struct("termios", termios);
        s.struct("discipline", discipline);
        columns = s.i32("columns", columns);
        rows = s.i32("rows", rows);
        pixelWidth = s.i32("pixelWidth", pixelWidth);
        pixelHeight = s.i32("pixelHeight", pixelHeight);
        session = s.i32("session", session);
        foreground = s.i32("foreground", foreground);
        isStopped = s.bool("isStopped", isStopped);
        isHungUp = s.bool("isHungUp", isHungUp);
        isExclusive = s.bool("isExclusive", isExclusive);
        openCount = s.i32("openCount", openCount);
        hangups = s.i32("hangups", hangups);
        s.struct("changed", changed);
    }
}
