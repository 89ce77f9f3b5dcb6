// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.StateFields;

/**
 * A text console of the kind TERM=linux promises: parses UTF-8 text, C0 controls, ECMA-48 and DEC private sequences
 * (console_codes(4)) and keeps the screen. What draws it looks at {@link #screen}.
 */
public final class VirtualConsole implements TtyOutput {
    /** Who draws the screen: told after each write that may have changed it. */
    public interface Display {
        void screenChanged();
    }

    private static final int GROUND = 0, ESCAPE = 1, CSI = 2, CHARSET_G0 = 3, CHARSET_G1 = 4, HASH = 5, PERCENT = 6, OSC = 7, OSC_ESCAPE = 8,
        PALETTE = 9, FUNCTION_KEY = 10, CSI_IGNORE = 11;
    private static final int MAXIMUM_PARAMETERS = 16;
    private static final int LATIN = 0, GRAPHICS = 1, CP437 = 2;
    /** DEC special graphics, 0x5F to 0x7E. */
    private static final String GRAPHICS_CHARACTERS = "\u00a0\u25c6\u2592\u2409\u240c\u240d\u240a\u00b0\u00b1\u2424\u240b\u2518\u2510\u250c\u2514\u253c"
        + "\u23ba\u23bb\u2500\u23bc\u23bd\u251c\u2524\u2534\u252c\u2502\u2264\u2265\u03c0\u2260\u00a3\u00b7";
    private static final String CP437_LOW = " \u263a\u263b\u2665\u2666\u2663\u2660\u2022\u25d8\u25cb\u25d9\u2642\u2640\u266a\u266b\u263c"
        + "\u25b6\u25c0\u2195\u203c\u00b6\u00a7\u25ac\u21a8\u2191\u2193\u2192\u2190\u221f\u2194\u25b2\u25bc";
    private static final String CP437_HIGH = "\u00c7\u00fc\u00e9\u00e2\u00e4\u00e0\u00e5\u00e7\u00ea\u00eb\u00e8\u00ef\u00ee\u00ec\u00c4\u00c5"
        + "\u00c9\u00e6\u00c6\u00f4\u00f6\u00f2\u00fb\u00f9\u00ff\u00d6\u00dc\u00a2\u00a3\u00a5\u20a7\u0192"
        + "\u00e1\u00ed\u00f3\u00fa\u00f1\u00d1\u00aa\u00ba\u00bf\u2310\u00ac\u00bd\u00bc\u00a1\u00ab\u00bb"
        + "\u2591\u2592\u2593\u2502\u2524\u2561\u2562\u2556\u2555\u2563\u2551\u2557\u255d\u255c\u255b\u2510"
        + "\u2514\u2534\u252c\u251c\u2500\u253c\u255e\u255f\u255a\u2554\u2569\u2566\u2560\u2550\u256c\u2567"
        + "\u2568\u2564\u2565\u2559\u2558\u2552\u2553\u256b\u256a\u2518\u250c\u2588\u2584\u258c\u2590\u2580"
        + "\u03b1\u00df\u0393\u03c0\u03a3\u03c3\u00b5\u03c4\u03a6\u0398\u03a9\u03b4\u221e\u03c6\u03b5\u2229"
        + "\u2261\u00b1\u2265\u2264\u2320\u2321\u00f7\u2248\u00b0\u2219\u00b7\u221a\u207f\u00b2\u25a0\u00a0";

    private ConsoleScreen screen;
    /** The usual screen and its saved cursor, while a program draws on the alternate one; else null. */
    private ConsoleScreen usualScreen;
    private int[] usualSaved;
    private final boolean hasAlternateScreen;
    private Display display;
    private Tty tty;
    private int state;
    private int[] parameters = new int[MAXIMUM_PARAMETERS];
    private int parameterCount;
    /** '?', '>' or '=' after CSI, else 0. */
    private int prefix;
    private int paletteDigits;
    private boolean isUtf8 = true;
    private int utf8Left;
    private int utf8Value;
    private int utf8Minimum;
    private int g0 = LATIN;
    private int g1 = GRAPHICS;
    private boolean usesG1;
    private boolean showsControls;
    private boolean isInserting;
    private boolean wraps = true;
    private boolean newLineMode;
    private boolean isCursorVisible = true;
    private boolean isReversed;
    private boolean hasApplicationCursorKeys;
    private boolean hasApplicationKeypad;
    private int bells;
    private int[] saved = new int[8];

    public VirtualConsole(int columns, int rows) {
        this(columns, rows, false);
    }

    private VirtualConsole(int columns, int rows, boolean hasAlternateScreen) {
        this.hasAlternateScreen = hasAlternateScreen;
        screen = new ConsoleScreen(columns, rows);
        save();
    }

    /** With what a terminal's window has beyond a console: a second screen, on which editors and pagers leave the usual one as it was. */
    public static VirtualConsole ofTerminal(int columns, int rows) {
        return new VirtualConsole(columns, rows, true);
    }

    /** Where answers (device attributes, cursor position) are typed. */
    public void setTty(Tty tty) {
        this.tty = tty;
    }

    public void setDisplay(Display newDisplay) {
        display = newDisplay;
    }

    /** What is seen. */
    public ConsoleScreen screen() {
        return screen;
    }

    /** The screen that is seen again when the program with the alternate one has ended; null: that is the one that is seen. */
    public ConsoleScreen usualScreen() {
        return usualScreen;
    }

    public void resize(int columns, int rows) {
        screen.resize(columns, rows);
        if (usualScreen != null) {
            usualScreen.resize(columns, rows);
        }
        if (tty != null) {
            tty.resize(columns, rows);
        }
    }

    public boolean isCursorVisible() {
        return isCursorVisible;
    }

    /** DECSCNM: the whole screen in reverse. */
    public boolean isReversed() {
        return isReversed;
    }

    public boolean hasApplicationCursorKeys() {
        return hasApplicationCursorKeys;
    }

    public boolean hasApplicationKeypad() {
        return hasApplicationKeypad;
    }

    /** How often BEL came. */
    public int bells() {
        return bells;
    }

    @Override
    public int writeRoom() {
        return 1 << 16;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        for (int i = 0; i < count; i++) {
            put(bytes[offset + i] & 0xFF);
        }
        if (display != null) {
            display.screenChanged();
        }
    }

    private void put(int c) {
        if (state == OSC || state == OSC_ESCAPE) {
            operatingSystemCommand(c);
        } else if (c < 0x20 && !(showsControls && c != 0x1B && c != '\n' && c != '\r' && c != '\b' && c != 0x0E && c != 0x0F)) {
            utf8Left = 0;
            control(c);
        } else if (c == 0x7F && !showsControls) {
            // DEL does nothing.
            utf8Left = 0;
        } else if (c == 0x9B && !isUtf8) {
            startCsi();
        } else if (state == GROUND) {
            text(c);
        } else {
            sequence(c);
        }
    }

    private void text(int c) {
        if (!isUtf8) {
            glyph(translate(c));
            return;
        }
        if (utf8Left > 0) {
            if ((c & 0xC0) == 0x80) {
                utf8Value = utf8Value << 6 | c & 0x3F;
                if (--utf8Left == 0) {
                    boolean isBad = utf8Value < utf8Minimum || utf8Value > 0x10FFFF || utf8Value >= 0xD800 && utf8Value < 0xE000;
                    glyph(isBad ? 0xFFFD : utf8Value);
                }
                return;
            }
            utf8Left = 0;
            glyph(0xFFFD);
        }
        if (c < 0x80) {
            glyph(translate(c));
        } else if (c >= 0xC2 && c < 0xF5) {
            utf8Left = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
            utf8Value = c & 0x3F >> utf8Left;
            utf8Minimum = utf8Left == 1 ? 0x80 : utf8Left == 2 ? 0x800 : 0x10000;
        } else {
            glyph(0xFFFD);
        }
    }

    private int translate(int c) {
        int set = usesG1 ? g1 : g0;
        if (showsControls || set == CP437) {
            return c < 0x20 ? CP437_LOW.charAt(c) : c == 0x7F ? 0x2302 : c >= 0x80 ? CP437_HIGH.charAt(c - 0x80) : c;
        }
        return set == GRAPHICS && c >= 0x5F && c <= 0x7E ? GRAPHICS_CHARACTERS.charAt(c - 0x5F) : c;
    }

    private void glyph(int c) {
        if (isCombining(c)) {
            return;
        }
        screen.put(c > 0xFFFF ? 0xFFFD : c, wraps, isInserting);
        if (isWide(c)) {
            screen.put(' ', wraps, isInserting);
        }
    }

    private static boolean isCombining(int c) {
        return c >= 0x300 && c <= 0x36F || c >= 0x200B && c <= 0x200F || c >= 0xFE00 && c <= 0xFE0F || c == 0xFEFF;
    }

    private static boolean isWide(int c) {
        return c >= 0x1100 && (c <= 0x115F || c >= 0x2E80 && c <= 0xA4CF && c != 0x303F || c >= 0xAC00 && c <= 0xD7A3 || c >= 0xF900 && c <= 0xFAFF
            || c >= 0xFE30 && c <= 0xFE6F || c >= 0xFF00 && c <= 0xFF60 || c >= 0xFFE0 && c <= 0xFFE6 || c >= 0x1F300 && c <= 0x1F64F || c >= 0x20000);
    }

    private void control(int c) {
        switch (c) {
            case 7:
                bells++;
                break;
            case 8:
                screen.backspace();
                break;
            case 9:
                screen.tab();
                break;
            case 10: case 11: case 12:
                screen.lineFeed();
                if (newLineMode) {
                    screen.carriageReturn();
                }
                break;
            case 13:
                screen.carriageReturn();
                break;
            case 14:
                usesG1 = true;
                break;
            case 15:
                usesG1 = false;
                break;
            case 24: case 26:
                state = GROUND;
                break;
            case 27:
                state = ESCAPE;
                break;
            default:
                break;
        }
    }

    private void sequence(int c) {
        switch (state) {
            case ESCAPE:
                escape(c);
                break;
            case CSI:
                controlSequence(c);
                break;
            case CSI_IGNORE:
                state = c >= 0x40 && c <= 0x7E ? GROUND : CSI_IGNORE;
                break;
            case CHARSET_G0:
                g0 = charset(c);
                state = GROUND;
                break;
            case CHARSET_G1:
                g1 = charset(c);
                state = GROUND;
                break;
            case HASH:
                if (c == '8') {
                    alignmentTest();
                }
                state = GROUND;
                break;
            case PERCENT:
                if (c == '@') {
                    isUtf8 = false;
                } else if (c == 'G' || c == '8') {
                    isUtf8 = true;
                }
                state = GROUND;
                break;
            case PALETTE:
                // ESC ] P nrrggbb sets a colour: seven hexadecimal digits. The palette stays as it is.
                if (Character.digit(c, 16) < 0 || ++paletteDigits == 7) {
                    state = GROUND;
                }
                break;
            default:
                state = GROUND;
                break;
        }
    }

    private void operatingSystemCommand(int c) {
        if (state == OSC_ESCAPE) {
            state = GROUND;
            if (c != '\\') {
                escape(c);
            }
        } else if (c == 7 || c == 24 || c == 26) {
            state = GROUND;
        } else if (c == 27) {
            state = OSC_ESCAPE;
        } else if (parameterCount == 0 && c == 'P') {
            paletteDigits = 0;
            state = PALETTE;
        } else if (parameterCount == 0 && c == 'R') {
            state = GROUND;
        } else {
            parameterCount = 1;
        }
    }

    private void escape(int c) {
        state = GROUND;
        switch (c) {
            case '[':
                startCsi();
                break;
            case ']':
                parameterCount = 0;
                state = OSC;
                break;
            case '(':
                state = CHARSET_G0;
                break;
            case ')':
                state = CHARSET_G1;
                break;
            case '#':
                state = HASH;
                break;
            case '%':
                state = PERCENT;
                break;
            case 'D':
                screen.lineFeed();
                break;
            case 'E':
                screen.carriageReturn();
                screen.lineFeed();
                break;
            case 'M':
                screen.reverseLineFeed();
                break;
            case 'H':
                screen.setTab();
                break;
            case 'Z':
                answer("\033[?6c");
                break;
            case '7':
                save();
                break;
            case '8':
                restore();
                break;
            case 'c':
                reset();
                break;
            case '=':
                hasApplicationKeypad = true;
                break;
            case '>':
                hasApplicationKeypad = false;
                break;
            default:
                break;
        }
    }

    private void startCsi() {
        state = CSI;
        parameterCount = 0;
        prefix = 0;
        java.util.Arrays.fill(parameters, 0);
    }

    private void controlSequence(int c) {
        if (c >= '0' && c <= '9') {
            if (parameterCount == 0) {
                parameterCount = 1;
            }
            int i = Math.min(parameterCount, MAXIMUM_PARAMETERS) - 1;
            parameters[i] = Math.min(parameters[i] * 10 + c - '0', 99999);
        } else if (c == ';' || c == ':') {
            parameterCount = Math.max(parameterCount, 1) + 1;
        } else if (c == '?' || c == '>' || c == '=' || c == '<') {
            prefix = c;
        } else if (c == '[' && parameterCount == 0) {
            // Echoed function keys: ESC [ [ A.
            state = FUNCTION_KEY;
        } else if (c >= 0x20 && c < 0x30) {
            state = CSI_IGNORE;
        } else {
            state = GROUND;
            parameterCount = Math.min(parameterCount, MAXIMUM_PARAMETERS);
            if (prefix == '?') {
                privateMode(c);
            } else if (prefix == 0) {
                execute(c);
            }
        }
    }

    /** A parameter; 0 and absent mean 1. */
    private int count(int i) {
        return Math.max(1, parameters[i]);
    }

    private void execute(int c) {
        switch (c) {
            case '@': screen.insertCharacters(count(0)); break;
            case 'A': screen.moveRows(-count(0)); break;
            case 'B': case 'e': screen.moveRows(count(0)); break;
            case 'C': case 'a': screen.moveColumns(count(0)); break;
            case 'D': screen.moveColumns(-count(0)); break;
            case 'E': screen.moveRows(count(0)); screen.carriageReturn(); break;
            case 'F': screen.moveRows(-count(0)); screen.carriageReturn(); break;
            case 'G': case '`': screen.moveTo(screen.cursorRow(), count(0) - 1); break;
            case 'H': case 'f': screen.address(count(0) - 1, count(1) - 1); break;
            case 'J':
                if (parameters[0] <= 3) {
                    screen.eraseDisplay(Math.min(2, parameters[0]));
                }
                break;
            case 'K':
                if (parameters[0] <= 2) {
                    screen.eraseLine(parameters[0]);
                }
                break;
            case 'L': screen.insertLines(count(0)); break;
            case 'M': screen.deleteLines(count(0)); break;
            case 'P': screen.deleteCharacters(count(0)); break;
            case 'X': screen.eraseCharacters(count(0)); break;
            case 'c':
                if (parameters[0] == 0) {
                    answer("\033[?6c");
                }
                break;
            case 'd': screen.address(count(0) - 1, screen.cursorColumn()); break;
            case 'g':
                if (parameters[0] == 0 || parameters[0] == 3) {
                    screen.clearTab(parameters[0] == 3);
                }
                break;
            case 'h': case 'l': mode(c == 'h'); break;
            case 'm': selectGraphicRendition(); break;
            case 'n': report(); break;
            case 'r': screen.setMargins(count(0) - 1, parameters[1] == 0 ? screen.rows() - 1 : parameters[1] - 1); break;
            case 's': save(); break;
            case 'u': restore(); break;
            default: break;
        }
    }

    private void mode(boolean on) {
        for (int i = 0; i < parameterCount; i++) {
            switch (parameters[i]) {
                case 3: showsControls = on; break;
                case 4: isInserting = on; break;
                case 20: newLineMode = on; break;
                default: break;
            }
        }
    }

    private void privateMode(int c) {
        if (c != 'h' && c != 'l') {
            return;
        }
        boolean on = c == 'h';
        for (int i = 0; i < parameterCount; i++) {
            switch (parameters[i]) {
                case 1: hasApplicationCursorKeys = on; break;
                case 5:
                    isReversed = on;
                    screen.markAllDirty();
                    break;
                case 6: screen.setOriginRelative(on); break;
                case 7: wraps = on; break;
                case 25:
                    isCursorVisible = on;
                    screen.moveTo(screen.cursorRow(), screen.cursorColumn());
                    break;
                case 47: case 1047: alternate(on, false); break;
                case 1049: alternate(on, true); break;
                default: break;
            }
        }
    }

    /** The alternate screen begins blank, and with the cursor where it was; each screen has a saved cursor of its own (xterm's ctlseqs, 47, 1047, 1049). */
    private void alternate(boolean on, boolean keepsCursor) {
        if (!hasAlternateScreen) {
            return;
        }
        if (on && usualScreen == null) {
            if (keepsCursor) {
                save();
            }
            usualScreen = screen;
            usualSaved = saved;
            screen = new ConsoleScreen(usualScreen.columns(), usualScreen.rows());
            screen.moveTo(usualScreen.cursorRow(), usualScreen.cursorColumn());
            screen.attributes = usualScreen.attributes;
        } else if (!on && usualScreen != null) {
            int row = screen.cursorRow(), column = screen.cursorColumn();
            leaveAlternate();
            screen.moveTo(row, column);
            if (keepsCursor) {
                restore();
            }
        }
    }

    private void leaveAlternate() {
        screen = usualScreen;
        saved = usualSaved;
        usualScreen = null;
        usualSaved = null;
        screen.markAllDirty();
    }

    private void report() {
        if (parameters[0] == 5) {
            answer("\033[0n");
        } else if (parameters[0] == 6) {
            answer("\033[" + (screen.originRow() + 1) + ";" + (screen.cursorColumn() + 1) + "R");
        }
    }

    private void answer(String text) {
        if (tty != null) {
            for (int i = 0; i < text.length(); i++) {
                tty.receive(text.charAt(i));
            }
        }
    }

    private void selectGraphicRendition() {
        int a = screen.attributes;
        for (int i = 0; i < Math.max(1, parameterCount); i++) {
            int p = parameters[i];
            if (p >= 30 && p <= 37) {
                a = foreground(a, p - 30);
            } else if (p >= 40 && p <= 47) {
                a = background(a, p - 40);
            } else if (p >= 90 && p <= 97) {
                a = foreground(a, p - 90 + 8);
            } else if (p >= 100 && p <= 107) {
                a = background(a, p - 100 + 8);
            } else {
                switch (p) {
                    case 0:
                        a = ConsoleScreen.DEFAULT_ATTRIBUTES;
                        break;
                    case 1: a = a & ~ConsoleScreen.HALF_BRIGHT | ConsoleScreen.BOLD; break;
                    case 2: a = a & ~ConsoleScreen.BOLD | ConsoleScreen.HALF_BRIGHT; break;
                    case 4: case 21: a |= ConsoleScreen.UNDERLINE; break;
                    case 5: a |= ConsoleScreen.BLINK; break;
                    case 7: a |= ConsoleScreen.REVERSE; break;
                    case 10:
                        showsControls = false;
                        g0 = g0 == CP437 ? LATIN : g0;
                        break;
                    case 11: case 12:
                        showsControls = true;
                        break;
                    case 22: a &= ~(ConsoleScreen.BOLD | ConsoleScreen.HALF_BRIGHT); break;
                    case 24: a &= ~ConsoleScreen.UNDERLINE; break;
                    case 25: a &= ~ConsoleScreen.BLINK; break;
                    case 27: a &= ~ConsoleScreen.REVERSE; break;
                    case 38: case 48: {
                        int colour = -1;
                        if (i + 2 < MAXIMUM_PARAMETERS && parameters[i + 1] == 5) {
                            colour = palette256(parameters[i + 2]);
                            i += 2;
                        } else if (i + 4 < MAXIMUM_PARAMETERS && parameters[i + 1] == 2) {
                            colour = nearest(parameters[i + 2], parameters[i + 3], parameters[i + 4]);
                            i += 4;
                        }
                        if (colour >= 0) {
                            a = p == 38 ? foreground(a, colour) : background(a, colour);
                        }
                        break;
                    }
                    case 39: a = foreground(a, 7); break;
                    case 49: a = background(a, 0); break;
                    default: break;
                }
            }
        }
        screen.attributes = a;
    }

    private static int foreground(int attributes, int colour) {
        return attributes & ~(0xF << 16) | colour << 16;
    }

    private static int background(int attributes, int colour) {
        return attributes & ~(0xF << 20) | colour << 20;
    }

    /** The xterm palette, brought to the console's sixteen colours as Linux does. */
    private static int palette256(int i) {
        if (i < 16) {
            return i;
        }
        if (i < 232) {
            int n = i - 16;
            return nearest(n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51);
        }
        int grey = Math.min(i, 255) * 10 - 2312;
        return nearest(grey, grey, grey);
    }

    private static int nearest(int r, int g, int b) {
        int max = Math.max(r, Math.max(g, b));
        int hue = (b > max / 2 ? 4 : 0) | (g > max / 2 ? 2 : 0) | (r > max / 2 ? 1 : 0);
        if (hue == 7 && max <= 0x55) {
            return 8;
        }
        return max > 0xAA ? hue | 8 : hue;
    }

    private static int charset(int c) {
        return c == '0' ? GRAPHICS : c == 'U' ? CP437 : LATIN;
    }

    private void alignmentTest() {
        for (int r = 0; r < screen.rows(); r++) {
            screen.moveTo(r, 0);
            for (int c = 0; c < screen.columns(); c++) {
                screen.put('E', false, false);
            }
        }
        screen.moveTo(0, 0);
    }

    private void save() {
        saved = new int[] {screen.cursorRow(), screen.cursorColumn(), screen.attributes, g0, g1, usesG1 ? 1 : 0, wraps ? 1 : 0,
            screen.isOriginRelative() ? 1 : 0};
    }

    private void restore() {
        if (screen.isOriginRelative() != (saved[7] != 0)) {
            screen.setOriginRelative(saved[7] != 0);
        }
        screen.moveTo(saved[0], saved[1]);
        screen.attributes = saved[2];
        g0 = saved[3];
        g1 = saved[4];
        usesG1 = saved[5] != 0;
        wraps = saved[6] != 0;
    }

    private void reset() {
        state = GROUND;
        g0 = LATIN;
        g1 = GRAPHICS;
        usesG1 = false;
        showsControls = false;
        isInserting = false;
        wraps = true;
        newLineMode = false;
        isCursorVisible = true;
        isReversed = false;
        hasApplicationCursorKeys = false;
        hasApplicationKeypad = false;
        isUtf8 = true;
        if (usualScreen != null) {
            leaveAlternate();
        }
        screen.reset();
        save();
    }

    @Override
    public void state(StateFields s) {
        s.struct("screen", screen);
        if (s.bool("isAlternate", usualScreen != null)) {
            usualScreen = s.isLoading() ? new ConsoleScreen(screen.columns(), screen.rows()) : usualScreen;
            s.struct("usualScreen", usualScreen);
            usualSaved = s.ints("usualSaved", usualSaved);
        } else {
            usualScreen = null;
            usualSaved = null;
        }
        tty = s.ref("tty", tty, Tty.class);
        state = s.i32("state", state);
        parameters = s.ints("parameters", parameters);
        parameterCount = s.i32("parameterCount", parameterCount);
        prefix = s.i32("prefix", prefix);
        paletteDigits = s.i32("paletteDigits", paletteDigits);
        isUtf8 = s.bool("isUtf8", isUtf8);
        utf8Left = s.i32("utf8Left", utf8Left);
        utf8Value = s.i32("utf8Value", utf8Value);
        utf8Minimum = s.i32("utf8Minimum", utf8Minimum);
        g0 = s.i32("g0", g0);
        g1 = s.i32("g1", g1);
        usesG1 = s.bool("usesG1", usesG1);
        showsControls = s.bool("showsControls", showsControls);
        isInserting = s.bool("isInserting", isInserting);
        wraps = s.bool("wraps", wraps);
        newLineMode = s.bool("newLineMode", newLineMode);
        isCursorVisible = s.bool("isCursorVisible", isCursorVisible);
        isReversed = s.bool("isReversed", isReversed);
        hasApplicationCursorKeys = s.bool("hasApplicationCursorKeys", hasApplicationCursorKeys);
        hasApplicationKeypad = s.bool("hasApplicationKeypad", hasApplicationKeypad);
        bells = s.i32("bells", bells);
        saved = s.ints("saved", saved);
    }
}
