// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.kernel.Descriptors;
import kmos.kernel.mm.UserMemory;

/** struct user_desc (asm/ldt.h), 16 bytes: entry_number, base_addr, limit, flag bits; and its form as a descriptor. */
public record UserDescriptor(int entry, int base, int limit, int flags) {
    private static final int SEG_32BIT = 1, CONTENTS = 6, READ_EXEC_ONLY = 8, LIMIT_IN_PAGES = 16, SEG_NOT_PRESENT = 32, USEABLE = 64;

    public static final int SIZE = 16;

    /** ErrnoException EFAULT; NotReady. */
    public static UserDescriptor read(UserMemory user, long at) {
        return new UserDescriptor(user.read32(at), user.read32(at + 4), user.read32(at + 8), user.read32(at + 12));
    }

    public boolean isTlsEntry() {
        return entry >= Descriptors.TLS_FIRST && entry < Descriptors.TLS_FIRST + Descriptors.TLS_COUNT;
    }

    public int slot() {
        return entry - Descriptors.TLS_FIRST;
    }

    /** What Linux's tls_desc_okay accepts: 32-bit data segments, or an empty one. */
    public boolean isAcceptable() {
        return isEmpty() || (flags & SEG_32BIT) != 0 && (flags & CONTENTS) >> 1 <= 1 && (flags & SEG_NOT_PRESENT) == 0;
    }

    private boolean isEmpty() {
        boolean isLdtEmpty = base == 0 && limit == 0 && (flags & ~USEABLE) == (READ_EXEC_ONLY | SEG_NOT_PRESENT);
        return isLdtEmpty || base == 0 && limit == 0 && flags == 0;
    }

    public boolean isConforming() {
        return (flags & CONTENTS) == CONTENTS;
    }

    public boolean isNotPresent() {
        return (flags & SEG_NOT_PRESENT) != 0;
    }

    /** The entry of a local table; 0 clears it. The old interface clears by base and limit 0, and has no bit for programs. */
    public long localDescriptor(boolean isOldMode) {
        boolean isCleared = base == 0 && limit == 0 && (isOldMode || (flags & 0xFF) == (READ_EXEC_ONLY | SEG_NOT_PRESENT));
        return isCleared ? 0 : isOldMode ? encode() & ~(1L << 52) : encode();
    }

    /** An entry for threads; 0 for an empty one. */
    public long descriptor() {
        return isEmpty() ? 0 : encode();
    }

    /** SDM vol. 3A figure 3-8. */
    private long encode() {
        int type = ((flags & READ_EXEC_ONLY) != 0 ? 0 : 2) | (flags & CONTENTS) << 1 | 1;
        long low = limit & 0xFFFF | (long) (base & 0xFFFF) << 16;
        long high = base >>> 16 & 0xFF | type << 8 | 0x10 << 8 | 3 << 13 | ((flags & SEG_NOT_PRESENT) != 0 ? 0 : 1 << 15)
            | limit & 0xF0000 | ((flags & USEABLE) != 0 ? 1 << 20 : 0) | ((flags & SEG_32BIT) != 0 ? 1 << 22 : 0)
            | ((flags & LIMIT_IN_PAGES) != 0 ? 1 << 23 : 0) | base & 0xFF000000;
        return low & 0xFFFFFFFFL | high << 32;
    }

    /** The inverse, for get_thread_area. */
    public static UserDescriptor of(int entry, long d) {
        int high = (int) (d >>> 32);
        int base = (int) (d >>> 16) & 0xFFFF | (high & 0xFF) << 16 | high & 0xFF000000;
        int limit = (int) d & 0xFFFF | high & 0xF0000;
        int flags = (high >> 22 & 1) | (high >> 10 & 3) << 1 | ((high >> 9 & 1) == 0 ? READ_EXEC_ONLY : 0)
            | ((high >> 23 & 1) != 0 ? LIMIT_IN_PAGES : 0) | ((high >> 15 & 1) == 0 ? SEG_NOT_PRESENT : 0) | ((high >> 20 & 1) != 0 ? USEABLE : 0);
        return new UserDescriptor(entry, base, limit, flags);
    }

    public void write(UserMemory user, long at) {
        user.write32(at, entry);
        user.write32(at + 4, base);
        user.write32(at + 8, limit);
        user.write32(at + 12, flags);
    }
}
