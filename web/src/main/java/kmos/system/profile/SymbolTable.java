// SPDX-License-Identifier: Apache-2.0
package kmos.system.profile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The functions of an ELF file, from its symbol table and its dynamic symbols (System V ABI, chapter 4). Reads what can be had of
 * the file; a symbol whose bytes cannot is left out, and only addresses inside a symbol's size are its, so what is missing
 * never misleads.
 */
final class SymbolTable {
    /** Bytes of a file, or -1 where they cannot be had. */
    interface Source {
        int byteAt(long offset);
    }

    private static final int PT_LOAD = 1, PT_GNU_EH_FRAME = 0x6474E550, SHT_SYMTAB = 2, SHT_DYNSYM = 11, STT_FUNC = 2, STT_GNU_IFUNC = 10, MAX_SYMBOLS = 200_000, MAX_NAME = 200;

    /** A function in the file's addresses. */
    private record Function(long start, long end, String name) { }

    private final Source source;
    private boolean isComplete = true;
    private boolean is64;
    /** Offset, end, address of the segments that are loaded. */
    private long[] segments = new long[0];
    private Function[] functions = new Function[0];
    private int count;
    /** From the table of stack unwinding: where functions begin and the next one begins, pairs, ascending. */
    private long[] frames = new long[0];

    private SymbolTable(Source source) {
        this.source = source;
    }

    static SymbolTable of(Source source) {
        SymbolTable table = new SymbolTable(source);
        table.read();
        return table;
    }

    /** Whether nothing of the file was missing. */
    boolean isComplete() {
        return isComplete;
    }

    /** Functions found. */
    int size() {
        return count;
    }

    private long address(long offset) {
        long address = -1;
        for (int i = 0; i < segments.length; i += 3) {
            if (offset >= segments[i] && offset < segments[i + 1]) {
                address = offset - segments[i] + segments[i + 2];
            }
        }
        return address;
    }

    /** Offset at which the function without a name around an offset begins; the offset itself when that is not known. */
    long startOf(long offset) {
        long address = address(offset);
        int low = 0, high = frames.length / 2;
        while (low < high) {
            int middle = low + high >>> 1;
            if (frames[middle * 2] <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low > 0 && address < frames[low * 2 - 1] ? offset - (address - frames[low * 2 - 2]) : offset;
    }

    /** The function at an offset of the file, or null. */
    String nameAt(long offset) {
        long address = address(offset);
        int low = 0, high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (functions[middle].start <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // Aliases and nested symbols: the closest that reaches so far.
        for (int i = low - 1; i >= 0 && i > low - 8; i--) {
            if (address < functions[i].end) {
                return functions[i].name;
            }
        }
        return null;
    }

    private void read() {
        boolean isElf = number(0, 4) == 0x464C457F && byteAt(5) == 1;
        if (!isElf) {
            return;
        }
        is64 = byteAt(4) == 2;
        long programHeaders = number(is64 ? 32 : 28, is64 ? 8 : 4), sections = number(is64 ? 40 : 32, is64 ? 8 : 4);
        int programSize = (int) number(is64 ? 54 : 42, 2), programs = (int) number(is64 ? 56 : 44, 2);
        int sectionSize = (int) number(is64 ? 58 : 46, 2), sectionCount = (int) number(is64 ? 60 : 48, 2);
        segments(programHeaders, programSize, programs);
        for (int i = 0; i < sectionCount && sections > 0; i++) {
            long at = sections + (long) i * sectionSize;
            int type = (int) number(at + 4, 4);
            if (type == SHT_SYMTAB || type == SHT_DYNSYM) {
                int link = (int) number(at + (is64 ? 40 : 24), 4);
                long names = sections + (long) link * sectionSize;
                symbols(offset(at), size(at), offset(names), size(names));
            }
        }
        functions = Arrays.copyOf(functions, count);
        Arrays.sort(functions, (a, b) -> a.start != b.start ? Long.compare(a.start, b.start) : Long.compare(b.end, a.end));
    }

    private long offset(long section) {
        return number(section + (is64 ? 24 : 16), is64 ? 8 : 4);
    }

    private long size(long section) {
        return number(section + (is64 ? 32 : 20), is64 ? 8 : 4);
    }

    private void segments(long headers, int size, int n) {
        long[] found = new long[Math.max(0, n) * 3];
        int used = 0;
        for (int i = 0; i < n; i++) {
            long at = headers + (long) i * size;
            if (number(at, 4) == PT_LOAD) {
                long offset = number(at + (is64 ? 8 : 4), is64 ? 8 : 4);
                found[used++] = offset;
                found[used++] = offset + number(at + (is64 ? 32 : 16), is64 ? 8 : 4);
                found[used++] = number(at + (is64 ? 16 : 8), is64 ? 8 : 4);
            } else if (number(at, 4) == PT_GNU_EH_FRAME) {
                frames(number(at + (is64 ? 8 : 4), is64 ? 8 : 4), number(at + (is64 ? 16 : 8), is64 ? 8 : 4));
            }
        }
        segments = Arrays.copyOf(found, used);
    }

    /** The sorted table of .eh_frame_hdr (Linux Standard Base, Exception Frames), which stripped files have too; in its usual encoding only. */
    private void frames(long at, long address) {
        if (number(at, 4) != 0x3B031B01L) {
            return;
        }
        int n = (int) Math.min(number(at + 8, 4), MAX_SYMBOLS);
        long[] found = new long[Math.max(0, n) * 2];
        int used = 0;
        long previous = -1;
        for (int i = 0; i < n; i++) {
            long relative = number(at + 12 + i * 8L, 4);
            long start = relative < 0 ? -1 : address + (int) relative;
            if (previous >= 0 && start > previous) {
                found[used++] = previous;
                found[used++] = start;
            }
            previous = start;
        }
        frames = Arrays.copyOf(found, used);
    }

    private void symbols(long at, long bytes, long names, long namesSize) {
        int entry = is64 ? 24 : 16;
        long n = Math.min(bytes / entry, MAX_SYMBOLS);
        for (long i = 0; i < n; i++) {
            long symbol = at + i * entry;
            int info = byteAt(symbol + (is64 ? 4 : 12));
            int type = info & 15;
            boolean isFunction = info >= 0 && (type == STT_FUNC || type == STT_GNU_IFUNC) && number(symbol + (is64 ? 6 : 14), 2) != 0;
            if (isFunction) {
                long start = number(symbol + (is64 ? 8 : 4), is64 ? 8 : 4), size = number(symbol + (is64 ? 16 : 8), is64 ? 8 : 4), name = number(symbol, 4);
                if (start > 0 && size > 0 && name >= 0 && name < namesSize) {
                    add(start, size, text(names + name));
                }
            }
        }
    }

    private void add(long start, long size, String name) {
        if (!name.isEmpty()) {
            if (count == functions.length) {
                functions = Arrays.copyOf(functions, Math.max(64, count * 2));
            }
            functions[count++] = new Function(start, start + size, name);
        }
    }

    private int byteAt(long offset) {
        int b = source.byteAt(offset);
        isComplete &= b >= 0;
        return b;
    }

    /** Little-endian; negative when a byte is missing. */
    private long number(long offset, int size) {
        long v = 0;
        for (int i = 0; i < size; i++) {
            int b = byteAt(offset + i);
            if (b < 0) {
                return -1;
            }
            v |= (long) b << i * 8;
        }
        return v;
    }

    /** A name; empty when a byte is missing. */
    private String text(long offset) {
        byte[] name = new byte[MAX_NAME];
        for (int i = 0; i < MAX_NAME; i++) {
            int b = byteAt(offset + i);
            if (b <= 0) {
                return b < 0 ? "" : new String(name, 0, i, StandardCharsets.UTF_8);
            }
            name[i] = (byte) b;
        }
        return new String(name, StandardCharsets.UTF_8);
    }
}
