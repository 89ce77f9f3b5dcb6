// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.Memory;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.kernel.Kernel;
import kmos.kernel.tty.ConsoleScreen;
import kmos.kernel.tty.VirtualConsole;

/**
 * Draws a virtual console's cells into the frame buffer. A change arms a timer, and what changed until it fires is drawn at
 * once: at most 50 times a second of guest time, and never while nothing changes.
 */
public final class FramebufferConsole implements TimerTarget, VirtualConsole.Display {
    public static final int CELL_WIDTH = 8;
    private static final long REFRESH_NS = 20_000_000;
    private static final int CURSOR_ROWS = 2;
    /** The VGA palette in ANSI order, as the Linux console has it. */
    private static final String PALETTE = "000000aa000000aa00aa55000000aaaa00aa00aaaaaaaaaa"
        + "555555ff555555ff55ffff555555ffff55ff55ffffffffff";

    private final Kernel kernel;
    private final VbeDriver vbe;
    private final PsfFont font;
    private final VirtualConsole console;
    private final int[] colors = new int[16];
    private TimerQueue.Timer timer;
    private int cursorRow, cursorColumn;
    private boolean wasReversed;

    public FramebufferConsole(Kernel kernel, VbeDriver vbe, PsfFont font, VirtualConsole console) {
        this.kernel = kernel;
        this.vbe = vbe;
        this.font = font;
        this.console = console;
        for (int i = 0; i < 16; i++) {
            colors[i] = Integer.parseInt(PALETTE.substring(i * 6, i * 6 + 6), 16);
        }
        console.setDisplay(this);
    }

    @Override
    public void screenChanged() {
        if (timer == null) {
            timer = kernel.timers().arm(kernel.nowNs() + REFRESH_NS, this, 0);
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        timer = null;
        draw();
    }

    private void draw() {
        int frame = vbe.frameAddress();
        if (frame == 0) {
            return;
        }
        ConsoleScreen screen = console.screen();
        boolean isReversed = console.isReversed();
        if (isReversed != wasReversed) {
            wasReversed = isReversed;
            screen.markAllDirty();
        }
        int rows = Math.min(screen.rows(), vbe.height() / font.height());
        int columns = Math.min(screen.columns(), vbe.width() / CELL_WIDTH);
        boolean movesCursor = cursorRow != screen.cursorRow() || cursorColumn != screen.cursorColumn();
        int oldRow = cursorRow;
        cursorRow = screen.cursorRow();
        cursorColumn = screen.cursorColumn();
        for (int row = 0; row < rows; row++) {
            if (screen.takeDirty(row) || movesCursor && (row == oldRow || row == cursorRow)) {
                for (int column = 0; column < columns; column++) {
                    boolean hasCursor = console.isCursorVisible() && row == cursorRow && column == cursorColumn;
                    cell(frame, row, column, screen.cell(row, column), hasCursor);
                }
            }
        }
    }

    private void cell(int frame, int row, int column, int cell, boolean hasCursor) {
        int foreground = cell >>> 16 & 15;
        int background = cell >>> 20 & 15;
        if ((cell & ConsoleScreen.BOLD) != 0) {
            foreground |= 8;
        }
        if ((cell & ConsoleScreen.HALF_BRIGHT) != 0) {
            foreground = 8;
        }
        boolean isSwapped = (cell & ConsoleScreen.REVERSE) != 0 != wasReversed;
        int on = colors[isSwapped ? background : foreground];
        int off = colors[isSwapped ? foreground : background];
        int height = font.height();
        int glyph = font.glyph(cell & 0xFFFF);
        int stride = vbe.strideBytes();
        int at = frame + row * height * stride + column * CELL_WIDTH * 4;
        for (int y = 0; y < height; y++, at += stride) {
            int bits = font.row(glyph, y);
            if (hasCursor && y >= height - CURSOR_ROWS || (cell & ConsoleScreen.UNDERLINE) != 0 && y == height - 2) {
                bits = 0xFF;
            }
            for (int x = 0; x < CELL_WIDTH; x++) {
                Memory.put32(at + x * 4, (bits & 0x80 >> x) != 0 ? on : off);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        cursorRow = s.i32("cursorRow", cursorRow);
        cursorColumn = s.i32("cursorColumn", cursorColumn);
        wasReversed = s.bool("wasReversed", wasReversed);
    }
}
