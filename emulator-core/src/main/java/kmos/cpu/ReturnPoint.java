// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Where calls return to: regions start there only when others leave to it again and again. A guess that only costs or saves time. */
final class ReturnPoint {
    private ReturnPoint() { }

    /**
     * Whether a call instruction ends right before the code at a linear memory address, on the same page.
     */
    static boolean isAt(int host) {
        int offset = host & 0xFFF;
        return offset >= 7 && (Memory.get8(host - 5) == 0xE8 || isIndirectCall(host - 2, 2) || isIndirectCall(host - 3, 3) || isIndirectCall(host - 4, 4)
            || isIndirectCall(host - 6, 6) || isIndirectCall(host - 7, 7));
    }

    /** Whether FF /2 stands there with a ModRM byte (and SIB byte) that makes it length bytes long. */
    private static boolean isIndirectCall(int at, int length) {
        int modRm = Memory.get8(at + 1);
        if (Memory.get8(at) != 0xFF || (modRm & 0x38) != 0x10) {
            return false;
        }
        int mod = modRm >> 6 & 3, rm = modRm & 7;
        if (mod == 3) {
            return length == 2;
        }
        int sib = rm == 4 ? 1 : 0;
        boolean isAbsolute = mod == 0 && (rm == 5 || sib == 1 && (Memory.get8(at + 2) & 7) == 5);
        return length == 2 + sib + (isAbsolute || mod == 2 ? 4 : mod);
    }
}
