// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import kmos.base.Errno;
import kmos.base.ErrnoException;

/** The first line of a {@code #!} script (Linux fs/binfmt_script.c): interpreter and at most one argument. */
record ScriptLoader(String interpreter, String argument) {
    /** What Linux reads of a file to find out what it is. */
    static final int HEAD_SIZE = 256;

    static boolean isScript(byte[] head, int length) {
        return length >= 2 && head[0] == '#' && head[1] == '!';
    }

    /** argument is null when there is none. ENOEXEC: no interpreter, or its name does not end within the head. */
    static ScriptLoader parse(byte[] head, int length) {
        int end = 2;
        while (end < length && head[end] != '\n' && head[end] != 0) {
            end++;
        }
        boolean isCut = end == length && length == HEAD_SIZE;
        int from = skipBlanks(head, 2, end);
        int to = from;
        while (to < end && !isBlank(head[to])) {
            to++;
        }
        if (from == to || isCut && to == end) {
            throw new ErrnoException(Errno.ENOEXEC);
        }
        int argumentFrom = skipBlanks(head, to, end);
        int argumentTo = end;
        while (argumentTo > argumentFrom && isBlank(head[argumentTo - 1])) {
            argumentTo--;
        }
        return new ScriptLoader(text(head, from, to), argumentFrom < argumentTo ? text(head, argumentFrom, argumentTo) : null);
    }

    private static int skipBlanks(byte[] b, int from, int end) {
        int i = from;
        while (i < end && isBlank(b[i])) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static String text(byte[] b, int from, int to) {
        StringBuilder s = new StringBuilder();
        for (int i = from; i < to; i++) {
            s.append((char) (b[i] & 0xFF));
        }
        return s.toString();
    }
}
