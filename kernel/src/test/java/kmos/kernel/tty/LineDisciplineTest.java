// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.kernel.abi.Termios.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.StateFields;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.IoBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** N_TTY as termios(3) describes it: what the program reads, what the screen shows, who gets signals. */
class LineDisciplineTest {
    private static final class Screen implements TtyOutput {
        private final StringBuilder text = new StringBuilder();
        private int room = 4096;

        @Override
        public int writeRoom() {
            return room;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            for (int i = 0; i < count; i++) {
                text.append((char) (bytes[offset + i] & 0xFF));
            }
        }

        @Override
        public void state(StateFields s) {
        }
    }

    private static final class Groups implements ProcessGroups {
        private String signals = "";

        @Override
        public void signalGroup(int processGroup, int signal) {
            signals += processGroup + ":" + signal + " ";
        }

        @Override
        public void signalSessionLeader(int session, int signal) {
            signals += "leader " + session + ":" + signal + " ";
        }

        @Override
        public boolean isOrphaned(int processGroup) {
            return false;
        }

        @Override
        public boolean isInSession(int processGroup, int session) {
            return true;
        }

        @Override
        public boolean exists(int processGroup) {
            return true;
        }

        @Override
        public boolean isIgnoredOrBlocked(Task task, int signal) {
            return false;
        }

        @Override
        public void detachSession(int session) {
        }
    }

    private final Screen screen = new Screen();
    private final Groups groups = new Groups();
    private final Tty tty = new Tty(groups, "ttyS0", 0x440, screen);

    private void type(String keys) {
        for (int i = 0; i < keys.length(); i++) {
            tty.receive(keys.charAt(i));
        }
    }

    private String line() {
        byte[] b = new byte[256];
        int n = tty.discipline().peek(b, b.length);
        tty.discipline().consume(n);
        return new String(b, 0, n, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "a line is read with its end                | ab\\r          | ab\\n     | ab\\r\\n",
        "DEL takes one character back               | abc\\x7F\\r    | ab\\n     | abc\\b \\b\\r\\n",
        "^U takes the line back                     | abc\\x15d\\r   | d\\n      | abc\\b \\b\\b \\b\\b \\bd\\r\\n",
        "^W takes a word back                       | ab cd\\x17e\\r | ab e\\n   | ab cd\\b \\b\\b \\be\\r\\n",
        "^V makes the next character literal        | \\x16\\x03\\r   | \\x03\\n   | ^\\b^C\\r\\n",
        "a control character is echoed as ^X        | \\x01\\r        | \\x01\\n   | ^A\\r\\n",
        "erasing a control character takes both     | \\x01\\x7F\\r    | \\n       | ^A\\b \\b\\b \\b\\r\\n",
        "a tab is erased by its width               | a\\t\\x7F\\r     | a\\n      | a\\t\\b\\b\\b\\b\\b\\b\\b\\r\\n",
        "^D sends what was typed without an end     | ab\\x04         | ab        | ab",
    })
    void canonical(String claim, String keys, String read, String shown) {
        type(unescape(keys));
        assertTrue(tty.discipline().isReadReady());
        assertEquals(unescape(read), line());
        assertEquals(unescape(shown), screen.text.toString());
    }

    private static String unescape(String s) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\') {
                i++;
                switch (s.charAt(i)) {
                    case 'r': out.append('\r'); break;
                    case 'n': out.append('\n'); break;
                    case 't': out.append('\t'); break;
                    case 'b': out.append('\b'); break;
                    default:
                        out.append((char) Integer.parseInt(s.substring(i + 1, i + 3), 16));
                        i += 2;
                        break;
                }
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    @Test
    void halfALine_isNotReady_andEofAloneReadsAsNothing() {
        type("abc");
        assertFalse(tty.discipline().isReadReady());
        type("\004");
        assertEquals("abc", line());
        type("\004");
        assertTrue(tty.discipline().isReadReady());
        assertEquals("", line());
        assertFalse(tty.discipline().isReadReady());
    }

    @Test
    void twoLines_areReadOneByOne() {
        type("a\rb\r");
        assertEquals("a\n", line());
        assertEquals("b\n", line());
    }

    @Test
    void interrupt_signalsTheForegroundGroup_andDropsTheLine() {
        tty.setForeground(7);
        type("abc\003\r");
        assertEquals("7:2 ", groups.signals);
        assertEquals("\n", line());
        assertTrue(screen.text.toString().startsWith("abc^C"));
        type("\032\034");
        assertEquals("7:2 7:20 7:3 ", groups.signals);
    }

    @Test
    void stopAndStart_holdOutput() {
        type("\023");
        assertEquals(-11, tty.writeUnchecked(IoBuffer.array(new byte[] {'x'}, 0, 1)));
        type("\021");
        assertEquals(1, tty.writeUnchecked(IoBuffer.array(new byte[] {'x'}, 0, 1)));
        assertEquals("x", screen.text.toString());
    }

    @Test
    void raw_givesEveryByte_andDoesNotTranslateOutput() {
        tty.termios().lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
        tty.termios().iflag = 0;
        tty.termios().oflag = 0;
        tty.discipline().modeChanged(true);
        type("a\003\r");
        assertEquals("a\003\r", line());
        tty.writeUnchecked(IoBuffer.array(new byte[] {'\n'}, 0, 1));
        assertEquals("\n", screen.text.toString());
    }

    @Test
    void resize_isSigwinch_onlyWhenItChanges() {
        tty.setForeground(9);
        tty.resize(100, 40);
        tty.resize(100, 40);
        assertEquals("9:28 ", groups.signals);
    }

    @Test
    void shortRoom_givesAShortWrite() {
        screen.room = 5;
        assertEquals(2, tty.writeUnchecked(IoBuffer.array(new byte[] {'a', 'b', 'c', 'd'}, 0, 2)));
        screen.room = 1;
        assertEquals(-11, tty.writeUnchecked(IoBuffer.array(new byte[] {'a'}, 0, 1)));
    }

    @Test
    void fullLine_stillTakesItsEnd() {
        for (int i = 0; i < 5000; i++) {
            tty.receive('x');
        }
        tty.receive('\r');
        assertTrue(tty.discipline().isReadReady());
        assertEquals(4096, tty.discipline().available());
    }
}
