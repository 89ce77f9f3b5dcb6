// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.cpu.decode.IsaTables;

/** The generated tables, unpacked once at boot; shared by all vCPUs and never changed after. */
final class IsaProperties {
    static final int MODRM = 1, LOCK = 2, D64 = 4, F64 = 8, REP = 16, END = 32, PURE = 64, STACK = 128, NO_ACCESS = 256, REGISTER_RM = 512, FUSES = 1024, LEA = 2048, ELSE_PLAIN = 4096, VSIB = 8192, X87 = 16384;
    /** Values a row. */
    static final int ROW = 12;
    static final int SHAPES = 10;
    static final int NONE = 0xFFFF;

    /** See kmos.isa.build.DecodeTree; child cells of a node follow its kind. */
    final short[] tree;
    /** Twelve values a row: attributes, width kind, first width, flag class, four operand codes, fused index, condition, features low, high. */
    final char[] rows;
    final char[] forms;
    final char[] noFlags;
    final char[] fused;

    IsaProperties() {
        char[] t = join(IsaTables.tree());
        tree = new short[t.length];
        for (int i = 0; i < t.length; i++) {
            tree[i] = (short) t[i];
        }
        rows = join(IsaTables.properties());
        forms = join(IsaTables.forms());
        noFlags = join(IsaTables.noFlags());
        fused = join(IsaTables.fused());
    }

    private static char[] join(String[] parts) {
        int n = 0;
        for (String p : parts) {
            n += p.length();
        }
        char[] all = new char[n];
        int at = 0;
        for (String p : parts) {
            for (int i = 0; i < p.length(); i++) {
                all[at++] = p.charAt(i);
            }
        }
        return all;
    }
}
