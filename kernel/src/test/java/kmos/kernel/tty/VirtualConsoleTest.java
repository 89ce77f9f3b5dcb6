// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What console_codes(4) promises, on a small screen. */
class VirtualConsoleTest {
    private final VirtualConsole console = new VirtualConsole(10, 4);

    private void write(String text) {
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        console.write(b, 0, b.length);
    }

    private String rows() {
        StringBuilder s = new StringBuilder();
        for (int r = 0; r < 4; r++) {
            s.append(console.screen().rowText(r)).append('|');
        }
        return s.toString();
    }

    @Test
    void text_wrapsAndScrolls() {
        write("0123456789ab\r\nc\r\nd\r\ne");
        assertEquals("ab|c|d|e|", rows());
    }

    @Test
    void lastColumn_waitsWithTheWrap() {
        write("0123456789");
        assertEquals(9, console.screen().cursorColumn());
        write("\r\nx");
        assertEquals("0123456789|x|||", rows());
    }

    @Test
    void cursor_addressing_andErasing() {
        write("aaaa\r\nbbbb\r\ncccc\033[2;3HX\033[K\033[1;2H\033[1K");
        assertEquals("  aa|bbX|cccc||", rows());
        write("\033[2J");
        assertEquals("||||", rows());
    }

    @Test
    void insertAndDelete_charactersAndLines() {
        write("abcdef\033[1;2H\033[2@\033[1;6H\033[P");
        assertEquals("a  bcef|||", rows().substring(0, 10));
        write("\r\nl2\r\nl3\033[2;1H\033[L");
        assertEquals("a  bcef||l2|l3|", rows());
        write("\033[M");
        assertEquals("a  bcef|l2|l3||", rows());
    }

    @Test
    void scrollRegion_keepsTheRest() {
        write("1\r\n2\r\n3\r\n4\033[2;3r\033[3;1H\n5\033[r");
        assertEquals("1|3|5|4|", rows());
        write("\033[2;3r\033[2;1H\033M6");
        assertEquals("1|6|3|4|", rows());
    }

    @Test
    void colours_goIntoTheCell() {
        write("\033[1;31;44mx\033[0my\033[38;5;196mz");
        assertEquals('x' | 1 << 16 | 4 << 20 | ConsoleScreen.BOLD, console.screen().cell(0, 0));
        assertEquals('y' | 7 << 16, console.screen().cell(0, 1));
        assertEquals(9, console.screen().cell(0, 2) >> 16 & 0xF);
    }

    @Test
    void utf8_andLineDrawing() {
        write("é\033)0\016lqk\017q€\u0301");
        assertEquals("é┌─┐q€|||", rows().substring(0, 9));
        byte[] bad = {(byte) 0xC3, 'x', (byte) 0xFF};
        console.write(bad, 0, 3);
        assertTrue(rows().contains("\ufffdx\ufffd"));
    }

    @Test
    void operatingSystemCommands_andPalette_areSwallowed() {
        write("a\033]0;title\007b\033]P1aabbccc\033]R\033]2;x\033\\d\033[[Ae");
        assertEquals("abcde|||", rows().substring(0, 8));
    }

    @Test
    void modes_cursorAndKeys() {
        write("\033[?25l\033[?1h");
        assertFalse(console.isCursorVisible());
        assertTrue(console.hasApplicationCursorKeys());
        write("\033c");
        assertTrue(console.isCursorVisible());
    }

    @Test
    void report_isTypedOnTheLine() {
        Tty tty = new Tty(null, "tty1", 0x401, console);
        console.setTty(tty);
        tty.termios().lflag = 0;
        tty.termios().iflag = 0;
        tty.discipline().modeChanged(true);
        write("\033[3;5H\033[6n");
        byte[] b = new byte[16];
        int n = tty.discipline().peek(b, 16);
        assertEquals("\033[3;5R", new String(b, 0, n, StandardCharsets.US_ASCII));
    }

    @Test
    void keys_asTheLinuxConsoleSendsThem() {
        Tty tty = new Tty(null, "tty1", 0x401, console);
        tty.termios().lflag = 0;
        tty.termios().iflag = 0;
        tty.discipline().modeChanged(true);
        KeyMap keys = new KeyMap();
        int[] codes = {0x1E, 0x9E, 0x2A, 0x1E, 0xAA, 0x1D, 0x2E, 0x9D, 0xE0, 0x48, 0x3B, 0x38, 0x30, 0xB8, 0x0E};
        for (int c : codes) {
            keys.scancode(c, tty, console);
        }
        byte[] b = new byte[64];
        int n = tty.discipline().peek(b, 64);
        assertEquals("aA\003\033[A\033[[A\033b\177", new String(b, 0, n, StandardCharsets.US_ASCII));
    }

    @Test
    void resize_keepsTheTextAboveTheCursor() {
        write("1\r\n2\r\n3\r\n4");
        console.resize(5, 2);
        assertEquals("3", console.screen().rowText(0));
        assertEquals("4", console.screen().rowText(1));
    }

    // A terminal's second screen, xterm's ctlseqs: what an editor does at its beginning and end.

    private final VirtualConsole terminal = VirtualConsole.ofTerminal(10, 4);

    private static String shown(VirtualConsole console, String text) {
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        console.write(b, 0, b.length);
        StringBuilder s = new StringBuilder();
        for (int r = 0; r < 4; r++) {
            s.append(console.screen().rowText(r)).append('|');
        }
        return s.append(console.screen().cursorRow()).append(' ').append(console.screen().cursorColumn()).toString();
    }

    @Test
    void alternateScreen_isBlankFirst_andLeavesTheUsualOneAsItWas() {
        assertEquals("$ vi||||0 4", shown(terminal, "$ vi"));
        assertEquals("||||0 4", shown(terminal, "\033[?1049h"));
        assertEquals("text|~|||1 1", shown(terminal, "\033[H\0337text\r\n~"));
        assertEquals("$ vi", terminal.usualScreen().rowText(0));
        assertEquals("$ vi||||0 4", shown(terminal, "\033[?1049l"));
        assertEquals(null, terminal.usualScreen());
        assertEquals("||||0 4", shown(terminal, "\033[?1049h"), "what was on it is gone");
        assertEquals("||||0 4", shown(terminal, "\033[?1049h"), "on again changes nothing");
        assertEquals("||||0 0", shown(terminal, "\033c"));
        assertEquals(null, terminal.usualScreen());
    }

    @Test
    void alternateScreen_of1047_keepsTheCursorWhereItIs() {
        shown(terminal, "ab\033[?1047h");
        assertEquals("ab||||2 3", shown(terminal, "\033[3;4H\033[?1047l"));
    }

    @Test
    void aConsoleHasOneScreen() {
        write("a\033[?1049hb\033[?1049lc");
        assertEquals("abc||||", rows());
    }
}
