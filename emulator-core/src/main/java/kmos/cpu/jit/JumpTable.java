// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.cpu.CodeReader;

/**
 * A table of jump targets in memory that the program cannot write, as compiled code uses it: by index, with a copy of its own
 * for the values. Valid wherever the same bytes stand at its address.
 */
final class JumpTable {
    /** Linear address of the first entry, its size (4 or 8), and how many there are. */
    final long address;
    final int entryBytes;
    final int count;
    /** Targets are entries plus base; sign-extended where they are shorter than an address. */
    final long base;
    /** Where the copy lies in linear memory. */
    final int copy;
    private final boolean is64;

    /** Copies the table, which must be readable now. */
    JumpTable(int cpu, boolean is64, long address, int entryBytes, int count, long base, int copy) {
        this.is64 = is64;
        this.address = address;
        this.entryBytes = entryBytes;
        this.count = count;
        this.base = base;
        this.copy = copy;
        for (int i = 0; i < size(); i += 4) {
            Memory.put32(copy + i, Memory.get32(CodeReader.constant(cpu, address + i)));
        }
    }

    int size() {
        return count * entryBytes;
    }

    /** Where entry i leads to. */
    long target(int i) {
        return targetAt(copy + i * entryBytes, is64, entryBytes, base);
    }

    /** Whether all targets are addresses that code can have. */
    boolean isCanonical() {
        for (int i = 0; i < count; i++) {
            if (target(i) << 16 >> 16 != target(i)) {
                return false;
            }
        }
        return true;
    }

    /** Where an entry in linear memory leads to. */
    static long targetAt(int host, boolean is64, int entryBytes, long base) {
        if (!is64) {
            return base + Memory.get32(host) & 0xFFFFFFFFL;
        }
        return base + (entryBytes == 8 ? Memory.get64(host) : Memory.get32(host));
    }

    /** Numbers of the linear pages it lies on. */
    List<Long> pages() {
        List<Long> pages = new ArrayList<>();
        for (long page = address >>> 12; page <= address + size() - 1 >>> 12; page++) {
            pages.add(page);
        }
        return pages;
    }

    /** Whether it stands at its address in the current address space, readable without effect. */
    boolean isMapped(int cpu) {
        int host = 0;
        for (int i = 0; i < size(); i += 4) {
            if (host == 0 || (address + i & 0xFFF) < 4) {
                host = CodeReader.constant(cpu, address + i) - i;
                if (host == -i) {
                    return false;
                }
            }
            if (Memory.get32(host + i) != Memory.get32(copy + i)) {
                return false;
            }
        }
        return true;
    }
}
