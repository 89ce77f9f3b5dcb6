// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.LittleEndian;

/**
 * A console font in PC Screen Font format, version 1 or 2 (psf(5)), at most 8 pixels wide.
 *
 * <pre>
 * version 1   0 magic 0x36 0x04   2 mode (1: 512 glyphs, 2: has table)   3 bytes a glyph
 * version 2   0 magic 0x864AB572  8 header size   12 flags (1: has table)   16 glyphs   20 bytes a glyph   24 height   28 width
 * </pre>
 */
public final class PsfFont {
    private final byte[] file;
    private int glyphs, glyphBytes, height, bitmaps;
    /** Glyph of each character of the Basic Multilingual Plane, -1 where there is none. */
    private final short[] glyphOf = new short[0x10000];

    /** IllegalArgumentException when the bytes are no such font. */
    public PsfFont(byte[] file) {
        this.file = file;
        for (int i = 0; i < glyphOf.length; i++) {
            glyphOf[i] = -1;
        }
        boolean hasTable;
        boolean isFirst = file.length > 4 && file[0] == 0x36 && file[1] == 4;
        if (isFirst) {
            glyphs = (file[2] & 1) != 0 ? 512 : 256;
            hasTable = (file[2] & 6) != 0;
            glyphBytes = file[3] & 0xFF;
            height = glyphBytes;
            bitmaps = 4;
        } else {
            if (file.length < 32 || LittleEndian.get32(file, 0) != 0x864AB572 || LittleEndian.get32(file, 28) > 8) {
                throw new IllegalArgumentException("not a PSF font of 8 pixels width");
            }
            bitmaps = LittleEndian.get32(file, 8);
            hasTable = (LittleEndian.get32(file, 12) & 1) != 0;
            glyphs = LittleEndian.get32(file, 16);
            glyphBytes = LittleEndian.get32(file, 20);
            height = LittleEndian.get32(file, 24);
        }
        if (glyphs <= 0 || glyphs > 0x7FFF || height <= 0 || height > 64 || glyphBytes < height || bitmaps < 4
            || bitmaps + (long) glyphs * glyphBytes > file.length) {
            throw new IllegalArgumentException("PSF font is truncated");
        }
        if (!hasTable) {
            for (int i = 0; i < glyphs; i++) {
                glyphOf[i] = (short) i;
            }
        } else if (isFirst) {
            readTable1(bitmaps + glyphs * glyphBytes);
        } else {
            readTable2(bitmaps + glyphs * glyphBytes);
        }
    }

    /** 16-bit characters; 0xFFFE starts a sequence of combining characters, 0xFFFF ends a glyph. */
    private void readTable1(int start) {
        boolean inSequence = false;
        for (int at = start, glyph = 0; at + 1 < file.length && glyph < glyphs; at += 2) {
            int c = LittleEndian.get16(file, at);
            if (c == 0xFFFF) {
                glyph++;
                inSequence = false;
            } else if (c == 0xFFFE) {
                inSequence = true;
            } else if (!inSequence) {
                glyphOf[c] = (short) glyph;
            }
        }
    }

    /** UTF-8; 0xFE starts a sequence, 0xFF ends a glyph. */
    private void readTable2(int start) {
        boolean inSequence = false;
        int glyph = 0;
        for (int at = start; at < file.length && glyph < glyphs;) {
            int c = file[at++] & 0xFF;
            if (c == 0xFF) {
                glyph++;
                inSequence = false;
            } else if (c == 0xFE) {
                inSequence = true;
            } else {
                int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
                int value = more == 0 ? c : c & 0x3F >> more;
                for (; more > 0 && at < file.length; more--) {
                    value = value << 6 | file[at++] & 0x3F;
                }
                if (!inSequence && value < 0x10000) {
                    glyphOf[value] = (short) glyph;
                }
            }
        }
    }

    public int height() {
        return height;
    }

    /** The glyph of a character, or of the replacement character, or of '?'. */
    public int glyph(int character) {
        int g = glyphOf[character & 0xFFFF];
        g = g >= 0 ? g : glyphOf[0xFFFD];
        return g >= 0 ? g : Math.max(0, glyphOf['?']);
    }

    /** A row of a glyph; bit 7 is the leftmost pixel. */
    public int row(int glyph, int y) {
        return file[bitmaps + glyph * glyphBytes + y] & 0xFF;
    }
}
