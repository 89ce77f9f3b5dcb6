// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.LittleEndian;

/**
 * Makes the vdso: a shared object of one page, linked at 0, with the tables that a dynamic linker (symbols with versions,
 * System V gABI chapter 5 and "ELF Symbol Versioning") and an unwinder (DWARF call frame information) look for.
 *
 * <pre>
 * 0 ELF header, program headers | dynsym | dynstr | versym | verdef | hash | dynamic | eh_frame_hdr | eh_frame | 0x800 code
 * 0xC00 names of sections | section headers (a debugger finds the symbols by them)
 * </pre>
 */
final class VdsoImage {
    static final int SIZE = 4096, CODE = 0x800, SECTIONS = 0xC00;
    private static final int PT_DYNAMIC = 2, PT_GNU_EH_FRAME = 0x6474E550;
    private static final int DT_HASH = 4, DT_STRTAB = 5, DT_SYMTAB = 6, DT_STRSZ = 10, DT_SYMENT = 11, DT_SONAME = 14, DT_VERSYM = 0x6FFFFFF0,
        DT_VERDEF = 0x6FFFFFFC, DT_VERDEFNUM = 0x6FFFFFFD;
    private static final int SHT_PROGBITS = 1, SHT_STRTAB = 3, SHT_DYNAMIC = 6, SHT_DYNSYM = 11, SHF_ALLOC = 2, SHF_EXECINSTR = 4;
    private static final int STB_GLOBAL_STT_FUNC = 1 << 4 | 2, FIRST_CODE_SECTION = 1;

    private final boolean is64Bit;
    private final byte[] out = new byte[SIZE];
    private final VdsoCode.Symbol[] symbols;
    private final String[] versions;
    private final StringBuilder strings = new StringBuilder("\0");
    private int at;

    private VdsoImage(boolean is64Bit) {
        this.is64Bit = is64Bit;
        symbols = VdsoCode.symbols(is64Bit);
        versions = is64Bit ? new String[] {"linux-vdso.so.1", "LINUX_2.6"} : new String[] {"linux-gate.so.1", "LINUX_2.6", "LINUX_2.5"};
    }

    static byte[] make(boolean is64Bit) {
        return new VdsoImage(is64Bit).build();
    }

    private byte[] build() {
        int programHeaders = 3;
        int headers = (is64Bit ? 64 : 52) + programHeaders * (is64Bit ? 56 : 32);
        int[] names = new int[symbols.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = string(symbols[i].name());
        }
        int[] versionNames = new int[versions.length];
        for (int i = 0; i < versions.length; i++) {
            versionNames[i] = string(versions[i]);
        }
        int dynsym = align(headers);
        int dynstr = dynsym + (symbols.length + 1) * (is64Bit ? 24 : 16);
        int versym = align(dynstr + strings.length());
        int verdef = align(versym + (symbols.length + 1) * 2);
        int hash = align(verdef + versions.length * 28);
        int dynamic = align(hash + (2 + 1 + symbols.length + 1) * 4);
        int frameHeader = dynamic + 10 * 2 * (is64Bit ? 8 : 4);
        int frames = align(frameHeader + 8);
        symbolTable(dynsym, names);
        for (int i = 0; i < strings.length(); i++) {
            out[dynstr + i] = (byte) strings.charAt(i);
        }
        versionTables(versym, verdef, versionNames);
        hashTable(hash);
        dynamicSection(dynamic, new long[][] {{DT_SONAME, versionNames[0]}, {DT_HASH, hash}, {DT_STRTAB, dynstr}, {DT_SYMTAB, dynsym},
            {DT_STRSZ, strings.length()}, {DT_SYMENT, is64Bit ? 24 : 16}, {DT_VERDEF, verdef}, {DT_VERDEFNUM, versions.length}, {DT_VERSYM, versym}, {0, 0}});
        int end = callFrames(frameHeader, frames);
        Check.that(end <= CODE, "the tables of the vdso fit before its code", end);
        byte[] code = VdsoCode.code(is64Bit);
        System.arraycopy(code, 0, out, CODE, code.length);
        Check.that(CODE + code.length <= SECTIONS, "the code of the vdso fits before its section headers", code.length);
        int symbolSize = is64Bit ? 24 : 16;
        // .text is FIRST_CODE_SECTION, which the symbols name; .dynsym refers to .dynstr, its neighbour.
        int sections = sectionHeaders(new String[] {"", ".text", ".dynsym", ".dynstr", ".dynamic", ".eh_frame_hdr", ".eh_frame", ".shstrtab"}, new int[][] {
            {0, 0, 0, 0, 0, 0, 0},
            {SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, CODE, code.length, 0, 0, 0},
            {SHT_DYNSYM, SHF_ALLOC, dynsym, dynstr - dynsym, 3, 1, symbolSize},
            {SHT_STRTAB, SHF_ALLOC, dynstr, strings.length(), 0, 0, 0},
            {SHT_DYNAMIC, SHF_ALLOC, dynamic, frameHeader - dynamic, 3, 0, is64Bit ? 16 : 8},
            {SHT_PROGBITS, SHF_ALLOC, frameHeader, 8, 0, 0, 0},
            {SHT_PROGBITS, SHF_ALLOC, frames, end - frames, 0, 0, 0}});
        elfHeader(programHeaders, sections, 8);
        at = is64Bit ? 64 : 52;
        programHeader(ElfImage.PT_LOAD, 0, SIZE, ElfImage.PF_R | ElfImage.PF_X, 4096);
        programHeader(PT_DYNAMIC, dynamic, frameHeader - dynamic, ElfImage.PF_R, 8);
        programHeader(PT_GNU_EH_FRAME, frameHeader, 8, ElfImage.PF_R, 4);
        return out;
    }

    private static int align(int offset) {
        return offset + 7 & ~7;
    }

    private int string(String text) {
        int offset = strings.length();
        strings.append(text).append('\0');
        return offset;
    }

    private void word(int where, long value) {
        if (is64Bit) {
            LittleEndian.put64(out, where, value);
        } else {
            LittleEndian.put32(out, where, (int) value);
        }
    }

    /** Rows: type, flags, offset, size, link, info, entry size; the last name is that of the section of names. The offset of the headers. */
    private int sectionHeaders(String[] names, int[][] rows) {
        int[] nameAt = new int[names.length];
        int end = SECTIONS;
        for (int i = 0; i < names.length; i++) {
            nameAt[i] = end - SECTIONS;
            for (int k = 0; k < names[i].length(); k++) {
                out[end++] = (byte) names[i].charAt(k);
            }
            end++;
        }
        int headers = align(end);
        int size = is64Bit ? 64 : 40;
        int w = is64Bit ? 8 : 4;
        Check.that(headers + names.length * size <= SIZE, "the section headers of the vdso fit", headers);
        for (int i = 0; i < names.length; i++) {
            int[] row = i < rows.length ? rows[i] : new int[] {SHT_STRTAB, 0, SECTIONS, end - SECTIONS, 0, 0, 0};
            int h = headers + i * size;
            LittleEndian.put32(out, h, nameAt[i]);
            LittleEndian.put32(out, h + 4, row[0]);
            word(h + 8, row[1]);
            word(h + 8 + w, (row[1] & SHF_ALLOC) != 0 ? row[2] : 0);
            word(h + 8 + 2 * w, row[2]);
            word(h + 8 + 3 * w, row[3]);
            LittleEndian.put32(out, h + 8 + 4 * w, row[4]);
            LittleEndian.put32(out, h + 12 + 4 * w, row[5]);
            word(h + 16 + 4 * w, i == 0 ? 0 : i == 1 ? 16 : 8);
            word(h + 16 + 5 * w, row[6]);
        }
        return headers;
    }

    private void elfHeader(int programHeaders, int sections, int sectionCount) {
        int w = is64Bit ? 8 : 4;
        byte[] ident = {0x7F, 'E', 'L', 'F', (byte) (is64Bit ? 2 : 1), 1, 1};
        System.arraycopy(ident, 0, out, 0, ident.length);
        LittleEndian.put16(out, 16, ElfImage.ET_DYN);
        LittleEndian.put16(out, 18, is64Bit ? ElfImage.EM_X86_64 : ElfImage.EM_386);
        LittleEndian.put32(out, 20, 1);
        word(24, CODE);
        word(24 + w, is64Bit ? 64 : 52);
        word(24 + 2 * w, sections);
        int after = 24 + 3 * w + 4;
        LittleEndian.put16(out, after, is64Bit ? 64 : 52);
        LittleEndian.put16(out, after + 2, is64Bit ? 56 : 32);
        LittleEndian.put16(out, after + 4, programHeaders);
        LittleEndian.put16(out, after + 6, is64Bit ? 64 : 40);
        LittleEndian.put16(out, after + 8, sectionCount);
        LittleEndian.put16(out, after + 10, sectionCount - 1);
    }

    private void programHeader(int type, int offset, int size, int flags, int alignment) {
        LittleEndian.put32(out, at, type);
        if (is64Bit) {
            LittleEndian.put32(out, at + 4, flags);
            long[] fields = {offset, offset, offset, size, size, alignment};
            for (int i = 0; i < fields.length; i++) {
                LittleEndian.put64(out, at + 8 + i * 8, fields[i]);
            }
            at += 56;
        } else {
            int[] fields = {offset, offset, offset, size, size, flags, alignment};
            for (int i = 0; i < fields.length; i++) {
                LittleEndian.put32(out, at + 4 + i * 4, fields[i]);
            }
            at += 32;
        }
    }

    private void symbolTable(int dynsym, int[] names) {
        int size = is64Bit ? 24 : 16;
        for (int i = 0; i < symbols.length; i++) {
            int s = dynsym + (i + 1) * size;
            VdsoCode.Symbol symbol = symbols[i];
            LittleEndian.put32(out, s, names[i]);
            if (is64Bit) {
                out[s + 4] = STB_GLOBAL_STT_FUNC;
                LittleEndian.put16(out, s + 6, FIRST_CODE_SECTION);
                LittleEndian.put64(out, s + 8, CODE + symbol.offset());
                LittleEndian.put64(out, s + 16, symbol.size());
            } else {
                LittleEndian.put32(out, s + 4, CODE + symbol.offset());
                LittleEndian.put32(out, s + 8, symbol.size());
                out[s + 12] = STB_GLOBAL_STT_FUNC;
                LittleEndian.put16(out, s + 14, FIRST_CODE_SECTION);
            }
        }
    }

    private void versionTables(int versym, int verdef, int[] names) {
        for (int i = 0; i < symbols.length; i++) {
            for (int v = 1; v < versions.length; v++) {
                if (versions[v].equals(symbols[i].version())) {
                    LittleEndian.put16(out, versym + (i + 1) * 2, v + 1);
                }
            }
        }
        for (int v = 0; v < versions.length; v++) {
            int d = verdef + v * 28;
            LittleEndian.put16(out, d, 1);
            LittleEndian.put16(out, d + 2, v == 0 ? 1 : 0); // VER_FLG_BASE
            LittleEndian.put16(out, d + 4, v + 1);
            LittleEndian.put16(out, d + 6, 1);
            LittleEndian.put32(out, d + 8, hash(versions[v]));
            LittleEndian.put32(out, d + 12, 20);
            LittleEndian.put32(out, d + 16, v + 1 < versions.length ? 28 : 0);
            LittleEndian.put32(out, d + 20, names[v]);
        }
    }

    /** One bucket: a chain through all symbols. */
    private void hashTable(int hash) {
        LittleEndian.put32(out, hash, 1);
        LittleEndian.put32(out, hash + 4, symbols.length + 1);
        LittleEndian.put32(out, hash + 8, 1);
        for (int i = 1; i < symbols.length; i++) {
            LittleEndian.put32(out, hash + 12 + i * 4, i + 1);
        }
    }

    /** The gABI's hash of names. */
    static int hash(String name) {
        int h = 0;
        for (int i = 0; i < name.length(); i++) {
            h = (h << 4) + name.charAt(i);
            int high = h & 0xF0000000;
            h = (h ^ high >>> 24) & ~high;
        }
        return h;
    }

    private void dynamicSection(int dynamic, long[][] entries) {
        int w = is64Bit ? 8 : 4;
        for (int i = 0; i < entries.length; i++) {
            word(dynamic + i * 2 * w, entries[i][0]);
            word(dynamic + i * 2 * w + w, entries[i][1]);
        }
    }

    // Call frames

    private static final int ADVANCE = 0x40, OFFSET = 0x80, RESTORE = 0xC0, DEF_CFA = 0x0C, DEF_CFA_OFFSET = 0x0E, PCREL_SDATA4 = 0x1B, OMIT = 0xFF;
    private static final int ECX = 1, EDX = 2, EBP = 5;

    /** Header without a table, one CIE, and a FDE each for __kernel_vsyscall and for what has no frame of its own. */
    private int callFrames(int header, int frames) {
        out[header] = 1;
        out[header + 1] = PCREL_SDATA4;
        out[header + 2] = (byte) OMIT;
        out[header + 3] = (byte) OMIT;
        LittleEndian.put32(out, header + 4, frames - (header + 4));
        int word = is64Bit ? 8 : 4;
        int[] cie = {1, 'z', 'R', 0, 1, 0x80 - word, is64Bit ? 16 : 8, 1, PCREL_SDATA4, DEF_CFA, is64Bit ? 7 : 4, word, OFFSET | (is64Bit ? 16 : 8), 1};
        int next = record(frames, 0, cie);
        int[] leaf = {0};
        if (is64Bit) {
            return terminate(frameDescription(next, frames, 0, VdsoCode.code(true).length, leaf));
        }
        int[] pushes = {ADVANCE | 1, DEF_CFA_OFFSET, 8, OFFSET | ECX, 2, ADVANCE | 1, DEF_CFA_OFFSET, 12, OFFSET | EDX, 3, ADVANCE | 1,
            DEF_CFA_OFFSET, 16, OFFSET | EBP, 4, ADVANCE | 7, DEF_CFA_OFFSET, 12, RESTORE | EBP, ADVANCE | 1, DEF_CFA_OFFSET, 8, RESTORE | EDX,
            ADVANCE | 1, DEF_CFA_OFFSET, 4, RESTORE | ECX};
        next = frameDescription(next, frames, 0, 13, pushes);
        return terminate(frameDescription(next, frames, 0xC0, 0x180, leaf));
    }

    private int frameDescription(int where, int cie, int codeOffset, int length, int[] instructions) {
        int[] body = new int[9 + instructions.length];
        int start = CODE + codeOffset - (where + 8);
        for (int i = 0; i < 4; i++) {
            body[i] = start >>> i * 8 & 0xFF;
            body[4 + i] = length >>> i * 8 & 0xFF;
        }
        System.arraycopy(instructions, 0, body, 9, instructions.length);
        return record(where, where + 4 - cie, body);
    }

    /** Length, identity (0 for a CIE, else the way back to it), bytes, padded with DW_CFA_nop. */
    private int record(int where, int id, int[] bytes) {
        int size = 4 + bytes.length + 3 & ~3;
        LittleEndian.put32(out, where, size);
        LittleEndian.put32(out, where + 4, id);
        for (int i = 0; i < bytes.length; i++) {
            out[where + 8 + i] = (byte) bytes[i];
        }
        return where + 4 + size;
    }

    /** A length of zero ends the list. */
    private static int terminate(int where) {
        return where + 4;
    }

    /** For tests: the names in the order of the symbol table. */
    static List<String> names(boolean is64Bit) {
        List<String> names = new ArrayList<>();
        for (VdsoCode.Symbol s : VdsoCode.symbols(is64Bit)) {
            names.add(s.name());
        }
        return names;
    }
}
