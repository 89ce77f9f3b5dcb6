// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.Stateful;

/**
 * The cell grid of a text console and the operations on it: cursor, margins, erasing, inserting, scrolling.
 *
 * <p>A cell is one int: bits 0-15 the character (Unicode, Basic Multilingual Plane), 16-19 foreground, 20-23 background
 * (ANSI order, 8-15 bright), 24 bold, 25 underline, 26 blink, 27 reverse, 28 half bright.
 */
public final class ConsoleScreen implements Stateful {
    public static final int BOLD = 1 << 24, UNDERLINE = 1 << 25, BLINK = 1 << 26, REVERSE = 1 << 27, HALF_BRIGHT = 1 << 28;
    static final int DEFAULT_ATTRIBUTES = 7 << 16;
    private static final int BACKGROUND_MASK = 0xF << 20;

    private int columns;
    private int rows;
    private int[] cells;
    /** Rows that changed since takeDirty. */
    private boolean[] dirty;
    private int column;
    private int row;
    int attributes = DEFAULT_ATTRIBUTES;
    private int top;
    private int bottom;
    private boolean isOriginRelative;
    private boolean wrapPending;
    private boolean[] tabs;

    ConsoleScreen(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
        cells = new int[columns * rows];
        dirty = new boolean[rows];
        reset();
    }

    void reset() {
        attributes = DEFAULT_ATTRIBUTES;
        top = 0;
        bottom = rows - 1;
        isOriginRelative = false;
        tabs = new boolean[columns];
        for (int c = 8; c < columns; c += 8) {
            tabs[c] = true;
        }
        fill(0, columns * rows);
        moveTo(0, 0);
    }

    public int columns() {
        return columns;
    }

    public int rows() {
        return rows;
    }

    /** The cell at a place: see the class comment. */
    public int cell(int atRow, int atColumn) {
        return cells[atRow * columns + atColumn];
    }

    public int cursorColumn() {
        return column;
    }

    public int cursorRow() {
        return row;
    }

    /** Whether the row changed since this was last asked. */
    public boolean takeDirty(int atRow) {
        boolean was = dirty[atRow];
        dirty[atRow] = false;
        return was;
    }

    public void markAllDirty() {
        for (int r = 0; r < rows; r++) {
            dirty[r] = true;
        }
    }

    /** Keeps the text from the top left; when rows go, those above the cursor's. */
    void resize(int newColumns, int newRows) {
        int[] old = cells;
        int oldColumns = columns;
        int shift = Math.max(0, row - newRows + 1);
        int copied = Math.min(rows - shift, newRows);
        columns = newColumns;
        rows = newRows;
        cells = new int[newColumns * newRows];
        dirty = new boolean[newRows];
        java.util.Arrays.fill(cells, blank());
        for (int r = 0; r < copied; r++) {
            System.arraycopy(old, (r + shift) * oldColumns, cells, r * columns, Math.min(oldColumns, columns));
        }
        top = 0;
        bottom = rows - 1;
        boolean[] oldTabs = tabs;
        tabs = new boolean[columns];
        for (int c = 0; c < columns; c++) {
            tabs[c] = c < oldTabs.length ? oldTabs[c] : c % 8 == 0;
        }
        moveTo(row - shift, column);
        markAllDirty();
    }

    private int blank() {
        return ' ' | attributes & (BACKGROUND_MASK | 0xF << 16);
    }

    private void fill(int from, int to) {
        java.util.Arrays.fill(cells, from, to, blank());
        for (int r = from / columns; r <= (to - 1) / columns && r < rows; r++) {
            dirty[r] = true;
        }
    }

    // Writing

    void put(int character, boolean wraps, boolean inserts) {
        if (wrapPending && wraps) {
            column = 0;
            lineFeed();
        }
        wrapPending = false;
        if (inserts) {
            insertCharacters(1);
        }
        cells[row * columns + column] = character & 0xFFFF | attributes;
        dirty[row] = true;
        if (column == columns - 1) {
            wrapPending = true;
        } else {
            column++;
        }
    }

    void lineFeed() {
        wrapPending = false;
        if (row == bottom) {
            scrollUp(top, 1);
        } else if (row < rows - 1) {
            moveRaw(row + 1, column);
        }
    }

    void reverseLineFeed() {
        wrapPending = false;
        if (row == top) {
            scrollDown(top, 1);
        } else if (row > 0) {
            moveRaw(row - 1, column);
        }
    }

    void carriageReturn() {
        wrapPending = false;
        moveRaw(row, 0);
    }

    void backspace() {
        wrapPending = false;
        moveRaw(row, Math.max(0, column - 1));
    }

    void tab() {
        int c = column;
        while (c < columns - 1) {
            c++;
            if (tabs[c]) {
                break;
            }
        }
        wrapPending = false;
        moveRaw(row, c);
    }

    void setTab() {
        tabs[column] = true;
    }

    void clearTab(boolean all) {
        if (all) {
            tabs = new boolean[columns];
        } else {
            tabs[column] = false;
        }
    }

    // Cursor

    /** To an absolute place, kept within the screen. */
    void moveTo(int toRow, int toColumn) {
        wrapPending = false;
        moveRaw(Math.max(0, Math.min(rows - 1, toRow)), Math.max(0, Math.min(columns - 1, toColumn)));
    }

    private void moveRaw(int toRow, int toColumn) {
        dirty[Math.min(row, rows - 1)] = true;
        row = toRow;
        column = toColumn;
        dirty[row] = true;
    }

    /** CUP, VPA: rows count from the scroll region's top in origin mode, and stay within it. */
    void address(int toRow, int toColumn) {
        if (isOriginRelative) {
            moveTo(Math.max(top, Math.min(bottom, top + toRow)), toColumn);
        } else {
            moveTo(toRow, toColumn);
        }
    }

    /** CUU, CUD: stop at the margins when within them. */
    void moveRows(int by) {
        int low = row >= top ? top : 0;
        int high = row <= bottom ? bottom : rows - 1;
        moveTo(Math.max(low, Math.min(high, row + by)), column);
    }

    void moveColumns(int by) {
        moveTo(row, column + by);
    }

    int originRow() {
        return isOriginRelative ? row - top : row;
    }

    void setOriginRelative(boolean relative) {
        isOriginRelative = relative;
        address(0, 0);
    }

    boolean isOriginRelative() {
        return isOriginRelative;
    }

    /** DECSTBM: rows from 0, both included. */
    void setMargins(int newTop, int newBottom) {
        if (newTop < newBottom && newBottom < rows) {
            top = newTop;
            bottom = newBottom;
            address(0, 0);
        }
    }

    // Erasing and shifting

    /** ED: 0 to the end, 1 from the beginning, 2 all. */
    void eraseDisplay(int what) {
        int at = row * columns + column;
        fill(what == 0 ? at : 0, what == 1 ? at + 1 : columns * rows);
        wrapPending = false;
    }

    /** EL. */
    void eraseLine(int what) {
        int start = row * columns;
        fill(what == 0 ? start + column : start, what == 1 ? start + column + 1 : start + columns);
        wrapPending = false;
    }

    void eraseCharacters(int count) {
        int at = row * columns + column;
        fill(at, at + Math.min(count, columns - column));
        wrapPending = false;
    }

    void insertCharacters(int count) {
        int n = Math.min(count, columns - column);
        int at = row * columns + column;
        System.arraycopy(cells, at, cells, at + n, columns - column - n);
        fill(at, at + n);
        wrapPending = false;
    }

    void deleteCharacters(int count) {
        int n = Math.min(count, columns - column);
        int at = row * columns + column;
        System.arraycopy(cells, at + n, cells, at, columns - column - n);
        fill((row + 1) * columns - n, (row + 1) * columns);
        wrapPending = false;
    }

    void insertLines(int count) {
        if (row >= top && row <= bottom) {
            scrollDown(row, count);
        }
        wrapPending = false;
    }

    void deleteLines(int count) {
        if (row >= top && row <= bottom) {
            scrollUp(row, count);
        }
        wrapPending = false;
    }

    private void scrollUp(int from, int count) {
        int n = Math.min(count, bottom - from + 1);
        System.arraycopy(cells, (from + n) * columns, cells, from * columns, (bottom + 1 - from - n) * columns);
        fill((bottom + 1 - n) * columns, (bottom + 1) * columns);
        markDirty(from, bottom);
    }

    private void scrollDown(int from, int count) {
        int n = Math.min(count, bottom - from + 1);
        System.arraycopy(cells, from * columns, cells, (from + n) * columns, (bottom + 1 - from - n) * columns);
        fill(from * columns, (from + n) * columns);
        markDirty(from, bottom);
    }

    private void markDirty(int from, int to) {
        for (int r = from; r <= to; r++) {
            dirty[r] = true;
        }
    }

    /** A row's characters, trailing blanks cut: for tests and for screen readers. */
    public String rowText(int atRow) {
        StringBuilder text = new StringBuilder();
        int end = 0;
        for (int c = 0; c < columns; c++) {
            char ch = (char) (cell(atRow, c) & 0xFFFF);
            text.append(ch);
            if (ch != ' ') {
                end = text.length();
            }
        }
        text.setLength(end);
        return text.toString();
    }

    @Override
    public void state(StateFields s) {
        columns = s.i32("columns", columns);
        rows = s.i32("rows", rows);
        cells = s.ints("cells", cells);
        column = s.i32("column", column);
        row = s.i32("row", row);
        attributes = s.i32("attributes", attributes);
        top = s.i32("top", top);
        bottom = s.i32("bottom", bottom);
        isOriginRelative = s.bool("isOriginRelative", isOriginRelative);
        wrapPending = s.bool("wrapPending", wrapPending);
        byte[] b = new byte[tabs.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) (tabs[i] ? 1 : 0);
        }
        b = s.bytes("tabs", b);
        if (s.isLoading()) {
            tabs = new boolean[b.length];
            for (int i = 0; i < b.length; i++) {
                tabs[i] = LittleEndian.get8(b, i) != 0;
            }
            // Derived: what was drawn is gone.
            dirty = new boolean[rows];
            markAllDirty();
        }
    }
}
