// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

/** What a file of /proc is written into: chars 0-255, one a byte. */
public final class ProcText {
    private final StringBuilder out = new StringBuilder();

    public ProcText add(String text) {
        out.append(text);
        return this;
    }

    public ProcText add(long number) {
        out.append(number);
        return this;
    }

    public ProcText add(char c) {
        out.append(c);
        return this;
    }

    public ProcText space() {
        return add(' ');
    }

    public ProcText newline() {
        return add('\n');
    }

    /** A number in lower-case hexadecimal with at least so many digits. */
    public ProcText hex(long number, int digits) {
        String text = Long.toHexString(number);
        for (int i = text.length(); i < digits; i++) {
            out.append('0');
        }
        out.append(text);
        return this;
    }

    /** Right-aligned. */
    public ProcText right(String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        return add(text);
    }

    public ProcText right(long number, int width) {
        return right(Long.toString(number), width);
    }

    public ProcText left(String text, int width) {
        add(text);
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        return this;
    }

    /** Octal, at least so many digits. */
    public ProcText octal(long number, int digits) {
        return padded(Long.toOctalString(number), digits);
    }

    /** Seconds with two digits behind the point. */
    public ProcText seconds(long ns) {
        add(ns / 1_000_000_000L).add('.');
        return padded(Long.toString(ns / 10_000_000L % 100), 2);
    }

    /** Hundredths as a decimal fraction. */
    public ProcText hundredths(long n) {
        add(n / 100).add('.');
        return padded(Long.toString(n % 100), 2);
    }

    private ProcText padded(String digits, int width) {
        for (int i = digits.length(); i < width; i++) {
            out.append('0');
        }
        return add(digits);
    }

    /** A line of /proc/meminfo. */
    public ProcText kilobytes(String name, long kilobytes) {
        return left(name + ":", 16).right(kilobytes, 8).add(" kB\n");
    }

    /** Names in mounts and maps: blank, tab, newline and backslash as octal. */
    public ProcText escaped(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\\') {
                out.append('\\').append((char) ('0' + (c >> 6))).append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
            } else {
                out.append(c);
            }
        }
        return this;
    }

    byte[] bytes() {
        byte[] b = new byte[out.length()];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) out.charAt(i);
        }
        return b;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
