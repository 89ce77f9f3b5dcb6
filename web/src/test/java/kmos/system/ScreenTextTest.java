// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import kmos.kernel.tty.ConsoleScreen;
import kmos.kernel.tty.VirtualConsole;
import org.junit.jupiter.api.Test;

/** What is painted on another terminal is what was on the first. */
class ScreenTextTest {
    private static final int COLUMNS = 20, ROWS = 5;

    private static VirtualConsole terminal(String text) {
        VirtualConsole made = VirtualConsole.ofTerminal(COLUMNS, ROWS);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        made.write(bytes, 0, bytes.length);
        return made;
    }

    private static void assertSame(ConsoleScreen wanted, ConsoleScreen got) {
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                assertEquals(wanted.cell(row, column), got.cell(row, column), row + " " + column);
            }
        }
        assertEquals(wanted.cursorRow() + " " + wanted.cursorColumn(), got.cursorRow() + " " + got.cursorColumn());
    }

    @Test
    void coloursAndCursor_arePainted() {
        VirtualConsole first = terminal("plain \033[1;31mbold red\033[0m\r\n\033[7;44mreverse\033[0m \u00e9\033[3;3H");
        VirtualConsole second = terminal(ScreenText.paint(first));
        assertSame(first.screen(), second.screen());
        assertNull(second.usualScreen());
    }

    @Test
    void anEditorsScreen_isPainted_andTheUsualOneIsBehindIt() {
        VirtualConsole first = terminal("$ vi notes\r\n\033[?1049h\033[H\033[2Jhello\r\n~\r\n\033[7m- notes 1/1\033[0m\033[1;6H");
        VirtualConsole second = terminal(ScreenText.paint(first));
        assertSame(first.screen(), second.screen());
        assertNotNull(second.usualScreen());
        for (VirtualConsole each : new VirtualConsole[] {first, second}) {
            byte[] end = "\033[?1049l$ ".getBytes(StandardCharsets.UTF_8);
            each.write(end, 0, end.length);
        }
        assertSame(first.screen(), second.screen());
        assertEquals("$ vi notes|$", second.screen().rowText(0) + "|" + second.screen().rowText(1));
    }
}
