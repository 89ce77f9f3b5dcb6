// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

/** Register values of a vector; memory is kept by {@link Replay}. */
final class VectorState {
    final long[] gpr = new long[16];
    final long[] xmmLow = new long[16], xmmHigh = new long[16], ymmLow = new long[16], ymmHigh = new long[16];
    final long[] stLow = new long[8];
    final int[] stHigh = new int[8];
    int flags;
    int fcw, fsw, ftw, mxcsr;

    void set(VectorState o) {
        System.arraycopy(o.gpr, 0, gpr, 0, 16);
        System.arraycopy(o.xmmLow, 0, xmmLow, 0, 16);
        System.arraycopy(o.xmmHigh, 0, xmmHigh, 0, 16);
        System.arraycopy(o.ymmLow, 0, ymmLow, 0, 16);
        System.arraycopy(o.ymmHigh, 0, ymmHigh, 0, 16);
        System.arraycopy(o.stLow, 0, stLow, 0, 8);
        System.arraycopy(o.stHigh, 0, stHigh, 0, 8);
        flags = o.flags;
        fcw = o.fcw;
        fsw = o.fsw;
        ftw = o.ftw;
        mxcsr = o.mxcsr;
    }

    private static final String[] NAMES = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};

    /** Number of a general register by its name (rax, eax, r9), or -1. */
    static int gprNumber(String name) {
        if (name.length() >= 2 && name.charAt(0) == 'r' && Character.isDigit(name.charAt(1))) {
            return Integer.parseInt(name.substring(1));
        }
        if (name.length() == 3) {
            for (int i = 0; i < 8; i++) {
                if (name.substring(1).equals(NAMES[i])) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Applies a token that names a register. Returns false for any other token. */
    boolean apply(String name, String value) {
        int g = gprNumber(name);
        if (g >= 0) {
            gpr[g] = hex(value);
            return true;
        }
        char c = name.charAt(0);
        boolean isNumbered = name.length() >= 2 && Character.isDigit(name.charAt(1));
        if (isNumbered && (c == 'x' || c == 'y')) {
            int n = Integer.parseInt(name.substring(1));
            int split = Math.max(0, value.length() - 16);
            (c == 'x' ? xmmHigh : ymmHigh)[n] = split == 0 ? 0 : hex(value.substring(0, split));
            (c == 'x' ? xmmLow : ymmLow)[n] = hex(value.substring(split));
            return true;
        }
        if (isNumbered && c == 'p') {
            int n = Integer.parseInt(name.substring(1));
            int split = Math.max(0, value.length() - 16);
            stHigh[n] = split == 0 ? 0 : Integer.parseInt(value.substring(0, split), 16);
            stLow[n] = hex(value.substring(split));
            return true;
        }
        switch (name) {
            case "fl": flags = Integer.parseInt(value, 16); return true;
            case "fcw": fcw = Integer.parseInt(value, 16); return true;
            case "fsw": fsw = Integer.parseInt(value, 16); return true;
            case "ftw": ftw = Integer.parseInt(value, 16); return true;
            case "mx": mxcsr = Integer.parseInt(value, 16); return true;
            default: return false;
        }
    }

    /** Up to 16 hexadecimal digits as 64 bits (TeaVM's library has no parseUnsignedLong). */
    static long hex(String digits) {
        long v = 0;
        for (int i = 0; i < digits.length(); i++) {
            int d = Character.digit(digits.charAt(i), 16);
            if (d < 0 || digits.length() > 16) {
                throw new IllegalArgumentException("not a number: " + digits);
            }
            v = v << 4 | d;
        }
        return v;
    }
}
