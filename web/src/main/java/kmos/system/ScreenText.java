// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import kmos.kernel.tty.ConsoleScreen;
import kmos.kernel.tty.VirtualConsole;

/** Writes a text screen as the bytes that paint it on another terminal (ECMA-48). */
public final class ScreenText {
    private static final int ATTRIBUTES = ~0xFFFF, DEFAULT = 7 << 16;

    private ScreenText() { }

    /**
     * Clears, writes every row in its colours, places the cursor; modes of keys are set as the program left them. A terminal that shows its alternate
     * screen has the usual one painted first, so that it is there when the program ends.
     */
    public static String paint(VirtualConsole console) {
        StringBuilder out = new StringBuilder("\033[!p");
        if (console.usualScreen() != null) {
            screen(out, console.usualScreen());
            out.append("\033[?1049h");
        }
        screen(out, console.screen());
        out.append(console.isCursorVisible() ? "\033[?25h" : "\033[?25l").append(console.hasApplicationCursorKeys() ? "\033[?1h" : "\033[?1l");
        return out.toString();
    }

    private static void screen(StringBuilder out, ConsoleScreen screen) {
        out.append("\033[0m\033[?7l\033[H\033[2J");
        for (int r = 0; r < screen.rows(); r++) {
            row(out, screen, r);
        }
        out.append("\033[0m\033[?7h\033[").append(screen.cursorRow() + 1).append(';').append(screen.cursorColumn() + 1).append('H');
    }

    private static void row(StringBuilder out, ConsoleScreen screen, int row) {
        int end = screen.columns();
        while (end > 0 && isBlank(screen.cell(row, end - 1))) {
            end--;
        }
        if (end == 0) {
            return;
        }
        out.append("\033[").append(row + 1).append(";1H");
        int now = DEFAULT;
        for (int c = 0; c < end; c++) {
            int cell = screen.cell(row, c);
            if ((cell & ATTRIBUTES) != now) {
                now = cell & ATTRIBUTES;
                attributes(out, now);
            }
            out.append((cell & 0xFFFF) < ' ' ? ' ' : (char) (cell & 0xFFFF));
        }
        if (now != DEFAULT) {
            out.append("\033[0m");
        }
    }

    private static boolean isBlank(int cell) {
        return (cell & ATTRIBUTES) == DEFAULT && ((cell & 0xFFFF) == ' ' || (cell & 0xFFFF) == 0);
    }

    private static void attributes(StringBuilder out, int a) {
        int foreground = a >> 16 & 15, background = a >> 20 & 15;
        out.append("\033[0");
        if ((a & ConsoleScreen.BOLD) != 0) {
            out.append(";1");
        }
        if ((a & ConsoleScreen.HALF_BRIGHT) != 0) {
            out.append(";2");
        }
        if ((a & ConsoleScreen.UNDERLINE) != 0) {
            out.append(";4");
        }
        if ((a & ConsoleScreen.BLINK) != 0) {
            out.append(";5");
        }
        if ((a & ConsoleScreen.REVERSE) != 0) {
            out.append(";7");
        }
        if (foreground != 7) {
            out.append(';').append(foreground < 8 ? 30 + foreground : 82 + foreground);
        }
        if (background != 0) {
            out.append(';').append(background < 8 ? 40 + background : 92 + background);
        }
        out.append('m');
    }
}
