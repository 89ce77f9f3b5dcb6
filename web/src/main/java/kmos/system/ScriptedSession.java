// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.util.List;
import kmos.machine.VirtualClock;

/**
 * A session whose input comes at fixed guest times, so that every host runs the same one: boot, shell, Lua of both word
 * sizes, a pipe, a background job. Two builds agree when their {@link #hash} does.
 */
public final class ScriptedSession {
    /** Text typed on ttyS0 at a guest time. */
    public record Typed(long atNs, String text) { }

    private static final long SECOND = 1_000_000_000L;

    /** What self tests run; slow enough that each line finds a prompt. */
    public static final List<Typed> STANDARD = List.of(
        new Typed(2 * SECOND, "uname -a; ls -l /etc | md5sum\n"),
        new Typed(4 * SECOND, "lua5.4 -e 'local x=0 for i=1,50000 do x=x+math.sin(i)/i end print(string.format(\"%.17g\",x))'\n"),
        new Typed(6 * SECOND, "lua5.4-i386 -e 'local x=0 for i=1,50000 do x=x+math.exp(-i/1000)*i end print(string.format(\"%.17g\",x))'\n"),
        new Typed(8 * SECOND, "(sleep 1; echo background) & seq 1 500 | sort -rn | head -2; echo text > /tmp/file; sync\n"));
    public static final long STANDARD_END = 10 * SECOND;

    private final KmosSystem system;
    private final List<Typed> script;
    private final long endNs;
    private int next;
    private int typed;

    /** The system is freshly built with a fixed seed and start time. */
    public ScriptedSession(KmosSystem system, List<Typed> script, long endNs) {
        this.system = system;
        this.script = script;
        this.endNs = endNs;
    }

    /**
     * One slice of at most so many cycles. Guest time jumps while nothing runs. Returns false when the session is over or the
     * machine stopped; a machine that waits for its disk stays where it is.
     */
    public boolean step(long cycles) {
        long now = system.machine().clock().nowNs();
        if (now >= endNs || !system.isRunning()) {
            return false;
        }
        // Input is given only at its very time: the slice before it ends there whatever its length.
        long due = next < script.size() ? script.get(next).atNs() : endNs;
        if (now >= due && next < script.size()) {
            type(script.get(next).text());
            return true;
        }
        long wake = system.runSlice(Math.min(cycles, VirtualClock.cyclesAt(due) - system.machine().clock().cycles()));
        if (!system.machine().isWaitingForHost()) {
            system.idleTo(Math.min(wake, due));
        }
        return true;
    }

    private void type(String text) {
        while (typed < text.length() && system.serialRoom() > 0) {
            system.typeSerial(text.charAt(typed++));
        }
        if (typed == text.length()) {
            typed = 0;
            next++;
        }
    }

    /** Goes on where another session of the same script stands: its machine was saved and loaded into this one's. */
    public void resume(ScriptedSession other) {
        next = other.next;
        typed = other.typed;
    }

    /** Hash of the whole machine's state. */
    public long hash() {
        return system.stateHash();
    }
}
