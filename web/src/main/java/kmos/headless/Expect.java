// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import kmos.base.MemoryArena;
import kmos.host.BlockBackend;
import kmos.kernel.tty.ConsoleScreen;
import kmos.kernel.tty.VirtualConsole;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/**
 * A system in this process with somebody scripted at its terminal: sends text to ttyS0 or keys to tty1, and waits for
 * text. Guest time jumps while nothing runs and all limits are guest time, so the same script gives the same run.
 */
public final class Expect implements AutoCloseable {
    public static final long SECOND_NS = 1_000_000_000L;
    private static final long SLICE_CYCLES = 500_000;
    private static final String MARK = "]@@ ";
    /** Set 1 make codes of the US layout, by character; what needs Shift is in the second half. */
    private static final String PLAIN = "??1234567890-=??qwertyuiop[]\n?asdfghjkl;'`?\\zxcvbnm,./??? ";
    private static final String SHIFTED = "??!@#$%^&*()_+??QWERTYUIOP{}??ASDFGHJKL:\"~?|ZXCVBNM<>???? ";
    private static final int LEFT_SHIFT = 0x2A, LEFT_CONTROL = 0x1D;

    private final KmosSystem system;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final VirtualConsole terminal = new VirtualConsole(80, 24);
    private int seen;

    /** Throws what {@link KmosSystem} throws. The disk stays the caller's. */
    public Expect(MemoryArena arena, SystemConfig config, BlockBackend disk) {
        system = new KmosSystem(arena, config, disk, this::serial);
    }

    private void serial(int value) {
        output.write(value);
        terminal.write(new byte[] {(byte) value}, 0, 1);
    }

    public KmosSystem system() {
        return system;
    }

    /** All that came on ttyS0 so far. */
    public String output() {
        return output.toString(StandardCharsets.UTF_8);
    }

    /** What came since the last successful wait. */
    public String unread() {
        byte[] all = output.toByteArray();
        return new String(all, seen, all.length - seen, StandardCharsets.ISO_8859_1);
    }

    /** Runs for so much guest time, or until the system stops. */
    public void run(long ns) {
        long end = system.machine().clock().nowNs() + ns;
        while (system.isRunning() && system.machine().clock().nowNs() < end) {
            idle(runOnce(end), end);
        }
    }

    /** What {@link KmosSystem#runSlice} says. */
    private long runOnce(long endNs) {
        return system.runSlice(Math.min(SLICE_CYCLES, VirtualClock.cyclesAt(endNs) - system.machine().clock().cycles()));
    }

    private void idle(long next, long end) {
        if (next > system.machine().clock().nowNs()) {
            system.idleTo(Math.min(next, end));
        }
    }

    /** Types text on ttyS0 as fast as the line takes it. */
    public void send(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            long end = system.machine().clock().nowNs() + 10 * SECOND_NS;
            while (system.serialRoom() == 0 && system.isRunning() && system.machine().clock().nowNs() < end) {
                run(100_000);
            }
            system.typeSerial(b & 0xFF);
        }
    }

    /** Runs until the text comes on ttyS0 and returns what came before it. IllegalStateException after limitNs. */
    public String waitFor(String text, long limitNs) {
        long end = system.machine().clock().nowNs() + limitNs;
        long next = 0;
        while (true) {
            String waiting = unread();
            int at = waiting.indexOf(text);
            if (at >= 0) {
                seen += at + text.length();
                return waiting.substring(0, at);
            }
            if (!system.isRunning() || system.machine().clock().nowNs() >= end) {
                throw new IllegalStateException((system.isRunning() ? "timed out" : "the system stopped (" + system.kernel().stateReason() + ")")
                    + " while waiting for \"" + text + "\"; last came:\n" + waiting);
            }
            idle(next, end);
            if (system.machine().clock().nowNs() < end) {
                next = runOnce(end);
            }
        }
    }

    public String waitFor(String text) {
        return waitFor(text, 30 * SECOND_NS);
    }

    /** Logs in on ttyS0 (the image does so by itself) and gives the shell a prompt that {@link #command} knows. */
    public void login() {
        waitFor("# ", 60 * SECOND_NS);
        system.resize("ttyS0", 200, 50);
        terminal.resize(200, 50);
        prompt();
    }

    /** A new bash was started: gives it the known prompt. */
    public void prompt() {
        send("bind 'set enable-bracketed-paste off' 2>/dev/null; PS1='[$?]''@@ '; PS2=\n");
        waitFor("[0" + MARK);
    }

    /** Types a line and returns what the shell's prompt follows, without the echo, with the status as "[N]" at the end. */
    public String command(String line) {
        return command(line, 60 * SECOND_NS);
    }

    public String command(String line, long limitNs) {
        send(line + "\n");
        String text = (waitFor(MARK, limitNs) + "]").replace("\r", "");
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) == '\n') {
                text = text + (waitFor(MARK, limitNs) + "]").replace("\r", "");
            }
        }
        int echo = text.indexOf('\n');
        return echo < 0 ? text : text.substring(echo + 1);
    }

    /** The terminal at ttyS0 as its user sees it. */
    public String screen() {
        return text(terminal.screen());
    }

    /** Changes the terminal's size, as the page does when its window changes; a shell's new prompt counts as read. */
    public void resize(int columns, int rows) {
        terminal.resize(columns, rows);
        system.resize("ttyS0", columns, rows);
        run(SECOND_NS / 20);
        seen = output.size();
    }

    // tty1

    /** The display's text console as text; null without one. */
    public String consoleScreen() {
        VirtualConsole console = system.drivers().console();
        return console == null ? null : text(console.screen());
    }

    /** Presses and releases the keys for a text on the PS/2 keyboard, US layout; control characters with Ctrl. */
    public void typeKeys(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\t' || c == 0x1B || c >= ' ') {
                int plain = c == '\t' ? 0x0F : c == 0x1B ? 0x01 : PLAIN.indexOf(c);
                if (plain >= 0) {
                    press(plain);
                } else {
                    modified(LEFT_SHIFT, SHIFTED.indexOf(c));
                }
            } else {
                modified(LEFT_CONTROL, PLAIN.indexOf(c + 0x60));
            }
        }
    }

    private void modified(int modifier, int code) {
        key(modifier, true);
        press(code);
        key(modifier, false);
    }

    /** One key down and up: code as {@link kmos.device.input.Ps2Controller#key} wants it. */
    public void press(int code) {
        if (code <= 0) {
            throw new IllegalArgumentException("no such key");
        }
        key(code, true);
        key(code, false);
    }

    private void key(int code, boolean isDown) {
        system.key(code, isDown);
        run(5_000_000);
    }

    /** Runs until the display shows the text. IllegalStateException after limitNs. */
    public void waitForConsole(String text, long limitNs) {
        long end = system.machine().clock().nowNs() + limitNs;
        while (!consoleScreen().contains(text)) {
            if (!system.isRunning() || system.machine().clock().nowNs() >= end) {
                throw new IllegalStateException("the display does not show \"" + text + "\":\n" + consoleScreen());
            }
            run(10_000_000);
        }
    }

    private static String text(ConsoleScreen screen) {
        StringBuilder all = new StringBuilder();
        for (int r = 0; r < screen.rows(); r++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < screen.columns(); c++) {
                line.append((char) (screen.cell(r, c) & 0xFFFF));
            }
            all.append(line.toString().stripTrailing()).append('\n');
        }
        return all.toString();
    }

    @Override
    public void close() {
        system.close();
    }
}
