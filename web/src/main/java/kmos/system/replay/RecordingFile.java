// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import kmos.base.Hash64;
import kmos.base.LittleEndian;

/**
 * The container of a recording: named sections, compressed, with a checksum.
 *
 * <pre>
 * 0 magic "kmOSrec\n"   8 format version   12 bytes of the body   16 hash of the body (64 bits)   24 bytes of it uncompressed
 * 28 body, deflate; uncompressed: for each section its name's length (1), name, length (4), content
 * </pre>
 */
final class RecordingFile {
    /** Counts up when the meaning of events or sections changes. */
    static final int VERSION = 1;
    private static final byte[] MAGIC = {'k', 'm', 'O', 'S', 'r', 'e', 'c', '\n'};
    private static final int HEADER = 28, LARGEST = 1 << 30;

    private RecordingFile() { }

    static byte[] write(Map<String, byte[]> sections) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] length = new byte[4];
        for (Map.Entry<String, byte[]> s : sections.entrySet()) {
            all.write(s.getKey().length());
            byte[] name = s.getKey().getBytes(StandardCharsets.ISO_8859_1);
            all.write(name, 0, name.length);
            LittleEndian.put32(length, 0, s.getValue().length);
            all.write(length, 0, length.length);
            all.write(s.getValue(), 0, s.getValue().length);
        }
        byte[] plain = all.toByteArray();
        byte[] body = deflate(plain);
        byte[] file = new byte[HEADER + body.length];
        System.arraycopy(MAGIC, 0, file, 0, MAGIC.length);
        LittleEndian.put32(file, 8, VERSION);
        LittleEndian.put32(file, 12, body.length);
        LittleEndian.put64(file, 16, Hash64.of(body));
        LittleEndian.put32(file, 24, plain.length);
        System.arraycopy(body, 0, file, HEADER, body.length);
        return file;
    }

    /** BadRecordingException: no recording, of another version, truncated, damaged. */
    static Map<String, byte[]> read(byte[] file) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= file.length || file[i] != MAGIC[i]) {
                throw new BadRecordingException("not a kmOS recording");
            }
        }
        if (file.length < HEADER) {
            throw new BadRecordingException("the recording is truncated: it ends within its header");
        }
        if (LittleEndian.get32(file, 8) != VERSION) {
            throw new BadRecordingException("the recording has format version " + LittleEndian.get32(file, 8) + ", this kmOS reads version " + VERSION);
        }
        int length = LittleEndian.get32(file, 12);
        if (length != file.length - HEADER) {
            throw new BadRecordingException("the recording is " + (length < 0 || length > file.length - HEADER ? "truncated" : "damaged") + ": it has "
                + (file.length - HEADER) + " bytes where " + (length & 0xFFFFFFFFL) + " should be");
        }
        byte[] body = Arrays.copyOfRange(file, HEADER, file.length);
        if (Hash64.of(body) != LittleEndian.get64(file, 16)) {
            throw new BadRecordingException("the recording is damaged: its checksum is wrong");
        }
        return sections(inflate(body, LittleEndian.get32(file, 24)));
    }

    private static Map<String, byte[]> sections(byte[] plain) {
        Map<String, byte[]> sections = new LinkedHashMap<>();
        int at = 0;
        while (at < plain.length) {
            int nameLength = plain[at] & 0xFF;
            if (plain.length - at < 5 + nameLength) {
                throw new BadRecordingException("the recording is damaged: a section ends too early");
            }
            String name = new String(plain, at + 1, nameLength, StandardCharsets.ISO_8859_1);
            at += 1 + nameLength;
            int n = LittleEndian.get32(plain, at);
            at += 4;
            if (n < 0 || n > plain.length - at) {
                throw new BadRecordingException("the recording is damaged: section " + name + " ends too early");
            }
            sections.put(name, Arrays.copyOfRange(plain, at, at + n));
            at += n;
        }
        return sections;
    }

    private static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(plain);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 14];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    private static byte[] inflate(byte[] body, int length) {
        if (length < 0 || length > LARGEST) {
            throw new BadRecordingException("the recording is damaged: it says it has " + (length & 0xFFFFFFFFL) + " bytes");
        }
        Inflater inflater = new Inflater(true);
        // One byte more than the format needs: zlib wants it at the end of raw data.
        inflater.setInput(Arrays.copyOf(body, body.length + 1));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 14];
        try {
            while (!inflater.finished()) {
                int n = inflater.inflate(buffer);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                out.write(buffer, 0, n);
                if (out.size() > length) {
                    break;
                }
            }
        } catch (DataFormatException damaged) {
            throw new BadRecordingException("the recording is damaged: " + damaged.getMessage());
        } finally {
            inflater.end();
        }
        if (out.size() != length) {
            throw new BadRecordingException("the recording is damaged: it has " + out.size() + " bytes of content where " + length + " should be");
        }
        return out.toByteArray();
    }
}
