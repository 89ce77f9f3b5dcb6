// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kmos.kernel.Kernel;
import kmos.kernel.command.GuestCommands;
import kmos.kernel.tty.Tty;
import kmos.machine.HostFailures;

/**
 * The one queue through which the outside reaches the machine. An event is taken only where a run with other slices passes as
 * well: at the end of a slice, after timers and interrupts that are due. While the machine waits for its host, time stands still
 * and events wait.
 *
 * <p>Such a place is named by the cycle and one of SAME, BUSY, IDLE: a busy slice ends at the first such place at or after
 * its end, and two of those never have the same cycle; when all tasks wait, time stays, so idleness is part of the name.
 */
public final class OutsideEvents {
    private final KmosSystem system;
    private final ArrayDeque<OutsideEvent> waiting = new ArrayDeque<>();
    private int waitingRuns;
    private static final OutsideEvent.Listener NOBODY = (cycles, place, event) -> { };

    private OutsideEvent.Listener first = NOBODY;
    private OutsideEvent.Listener second = NOBODY;
    private final OutsideEvent.Listener listener = (cycles, place, event) -> {
        first.event(cycles, place, event);
        second.event(cycles, place, event);
    };
    private boolean isBoundary = true;
    private boolean isIdle;
    private boolean hasRun;
    private long wakeNs;

    OutsideEvents(KmosSystem system) {
        this.system = system;
    }

    /** Tells every event before it is applied. */
    public void setListener(OutsideEvent.Listener newListener) {
        first = newListener;
    }

    /** The same for somebody beside the one of {@link #setListener}. */
    public void setSecondListener(OutsideEvent.Listener newListener) {
        second = newListener;
    }

    /** Answers and reports of failed disk requests for the machine: expected may be null. */
    public void setFailures(HostFailures expected) {
        system.machine().setHostFailures(new HostFailures() {
            @Override
            public String expected(long deadlineNs) {
                return expected == null ? null : expected.expected(deadlineNs);
            }

            @Override
            public void happened(long deadlineNs, String error) {
                listener.event(cycles(), OutsideEvent.SAME, new OutsideEvent(OutsideEvent.DISK_FAILURE, deadlineNs, 0, error.getBytes(StandardCharsets.UTF_8)));
            }
        });
    }

    // Where the machine stands

    /** A slice has ended; wake: what it returned. */
    void ran(long wake) {
        hasRun = true;
        isBoundary = !system.machine().isWaitingForHost();
        isIdle = isBoundary && wake > nowNs();
        wakeNs = wake;
        while (isBoundary && !waiting.isEmpty()) {
            OutsideEvent e = waiting.poll();
            waitingRuns -= isStart(e) ? 1 : 0;
            take(e);
        }
    }

    /** Time goes on to ns while nothing has anything to do; not beyond what the last slice said. */
    void idleTo(long ns) {
        if (!isIdle) {
            return;
        }
        system.kernel().loop().idleTo(Math.min(ns, wakeNs));
        hasRun = true;
        if (ns >= wakeNs) {
            // The timers that are due now come before anything else.
            isIdle = false;
            isBoundary = false;
        }
    }

    /** The state was loaded: it was saved at a place where events may be taken. */
    void loaded() {
        isBoundary = true;
        isIdle = false;
        hasRun = false;
        waiting.clear();
        waitingRuns = 0;
    }

    /** Whether an event would be taken now. */
    public boolean isBoundary() {
        return isBoundary;
    }

    /** Whether the last slice ended because nothing had anything to do, and nothing happened since. */
    public boolean isIdle() {
        return isIdle;
    }

    /** When (ns) there is something to do again, if {@link #isIdle}. */
    public long wakeNs() {
        return isIdle ? wakeNs : nowNs();
    }

    /** The name of this place, beside the cycle. */
    public int place() {
        return !hasRun ? OutsideEvent.SAME : isIdle ? OutsideEvent.IDLE : OutsideEvent.BUSY;
    }

    private long nowNs() {
        return system.machine().clock().nowNs();
    }

    private long cycles() {
        return system.machine().clock().cycles();
    }

    /** Lets what is due now happen. Returns whether events may be taken. */
    public boolean settle() {
        if (!isBoundary) {
            system.runSlice(0);
        }
        return isBoundary;
    }

    // Events

    /** Takes an event now, or as soon as the machine does not wait for its host any more. */
    public void put(OutsideEvent event) {
        if (settle()) {
            take(event);
        } else {
            waitingRuns += isStart(event) ? 1 : 0;
            waiting.add(event);
        }
    }

    /** Something that only listeners see (a hash, the end). Call between slices, at a boundary. */
    public void note(OutsideEvent event) {
        listener.event(cycles(), place(), event);
        hasRun = false;
    }

    private void take(OutsideEvent event) {
        listener.event(cycles(), place(), event);
        apply(event);
    }

    /** Does what the event says, here. */
    public void apply(OutsideEvent e) {
        hasRun = false;
        if (!e.isInput()) {
            return;
        }
        isIdle = false;
        Kernel kernel = system.kernel();
        GuestCommands commands = kernel.commands();
        switch (e.kind()) {
            case OutsideEvent.TYPED -> {
                for (byte b : e.bytes()) {
                    system.board().uart().receive(b & 0xFF);
                }
            }
            case OutsideEvent.KEY -> system.board().ps2().key((int) e.a(), e.b() != 0);
            case OutsideEvent.MOUSE -> system.board().ps2().mouse((short) (e.b() >> 16), (short) e.b(), (int) e.a());
            case OutsideEvent.RESIZE -> {
                String line = new String(e.bytes(), StandardCharsets.ISO_8859_1);
                Tty tty = kernel.terminals().line(line);
                if (line.equals("ttyS0") && e.a() > 0 && e.b() > 0) {
                    system.serialScreen().resize((int) e.a(), (int) e.b());
                }
                if (tty != null) {
                    tty.resize((int) e.a(), (int) e.b());
                }
            }
            case OutsideEvent.SAMPLE -> system.machine().clock().advanceNs(e.a() << OutsideEvent.SAMPLE_SHIFT);
            case OutsideEvent.CLOCK -> kernel.setRealTimeNs(e.a());
            case OutsideEvent.ENTROPY -> kernel.random().mix(e.a());
            case OutsideEvent.RUN -> {
                List<String> all = texts(e.bytes());
                int arguments = (int) e.a(), environment = (int) e.b() >> 1;
                commands.run(all.subList(0, arguments), all.subList(arguments, arguments + environment), all.get(arguments + environment), (e.b() & 1) != 0);
            }
            case OutsideEvent.READ_FILE -> commands.readFile(texts(e.bytes()).get(0));
            case OutsideEvent.WRITE_FILE -> commands.writeFile(texts(e.bytes()).get(0), (int) e.a());
            case OutsideEvent.INPUT -> commands.input((int) e.a(), e.bytes(), e.bytes().length);
            case OutsideEvent.OUTPUT -> commands.output((int) e.a(), new byte[(int) e.b()]);
            default -> {
                if (commands.has((int) e.a())) {
                    applyToCommand(commands, e);
                }
            }
        }
    }

    private static void applyToCommand(GuestCommands commands, OutsideEvent e) {
        switch (e.kind()) {
            case OutsideEvent.END_INPUT -> commands.endInput((int) e.a());
            case OutsideEvent.SIGNAL -> commands.signal((int) e.a(), (int) e.b());
            default -> commands.close((int) e.a());
        }
    }

    /** What {@link OutsideEvent#RUN} and the file transfers carry. */
    private static List<String> texts(byte[] bytes) {
        List<String> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                all.add(new String(bytes, from, i - from, StandardCharsets.ISO_8859_1));
                from = i + 1;
            }
        }
        return all;
    }

    // Commands of the embedding API

    /** Starts a program or a file transfer ({@link OutsideEvent#RUN} and the like); returns its id. */
    public int start(OutsideEvent event) {
        settle();
        int id = system.kernel().commands().nextId() + waitingRuns;
        put(event);
        return id;
    }

    private static boolean isStart(OutsideEvent e) {
        return e.kind() == OutsideEvent.RUN || e.kind() == OutsideEvent.READ_FILE || e.kind() == OutsideEvent.WRITE_FILE;
    }

    /** Takes what the command has written since; 0 when there is nothing now. */
    public int output(int id, byte[] to) {
        if (!system.kernel().commands().has(id) || !settle()) {
            return 0;
        }
        long at = cycles();
        int place = place();
        int n = system.kernel().commands().output(id, to);
        if (n > 0) {
            listener.event(at, place, new OutsideEvent(OutsideEvent.OUTPUT, id, to.length));
            hasRun = false;
            isIdle = false;
        }
        return n;
    }

    /** Gives the command bytes to read; returns how many were taken. */
    public int input(int id, byte[] bytes, int count) {
        if (!system.kernel().commands().has(id) || !settle()) {
            return 0;
        }
        long at = cycles();
        int place = place();
        int n = system.kernel().commands().input(id, bytes, count);
        if (n > 0) {
            listener.event(at, place, new OutsideEvent(OutsideEvent.INPUT, id, 0, Arrays.copyOf(bytes, n)));
            hasRun = false;
            isIdle = false;
        }
        return n;
    }

    /** Status in wait(2) form, -1 while it runs or waits to be started. */
    public int status(int id) {
        return isWaiting(id) ? -1 : system.kernel().commands().status(id);
    }

    /** Why it could not be started or copied (errno), or 0. */
    public int errno(int id) {
        return isWaiting(id) ? 0 : system.kernel().commands().errno(id);
    }

    private boolean isWaiting(int id) {
        GuestCommands commands = system.kernel().commands();
        return !commands.has(id) && id >= commands.nextId() && id < commands.nextId() + waitingRuns;
    }
}
