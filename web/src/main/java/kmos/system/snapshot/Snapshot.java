// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import kmos.base.Hash64;
import kmos.base.LittleEndian;
import kmos.base.StateBytes;

/**
 * The container of a saved machine: facts (texts by name) and sections (bytes by name).
 *
 * <pre>
 * 0 magic "kmOSsnap"   8 format version (16 bits)   10 guest RAM in MiB (16)   12 processor model: 2, 3, 4   13 zero
 * 14 length of the body, unpacked (32)   18 checksum of bytes 8 to 17 and of the unpacked body (64)
 * 26 the body, compressed (raw deflate): count of facts, (name, value)*, count of sections, (name, length, bytes)*
 * </pre>
 * RAM and processor stand in front so that a page can make a machine of the right kind before it unpacks the rest.
 */
public final class Snapshot {
    /** Counts up when old snapshots can no longer be read. */
    public static final int VERSION = 1;
    /** No section or body is longer than guest RAM and this. */
    private static final int SLACK_BYTES = 128 << 20;
    private static final byte[] MAGIC = {'k', 'm', 'O', 'S', 's', 'n', 'a', 'p'};
    private static final int HEADER = 26;

    private final int memoryMegabytes;
    private final int cpuLevel;
    private final TreeMap<String, String> facts = new TreeMap<>();
    private final TreeMap<String, byte[]> sections = new TreeMap<>();

    /** cpuLevel: 2, 3 or 4, as kmos.cpu.CpuModel's v2, v3, max. */
    public Snapshot(int memoryMegabytes, int cpuLevel) {
        this.memoryMegabytes = memoryMegabytes;
        this.cpuLevel = cpuLevel;
    }

    public int memoryMegabytes() {
        return memoryMegabytes;
    }

    public int cpuLevel() {
        return cpuLevel;
    }

    /** The fact of a name, or null. */
    public String fact(String name) {
        return facts.get(name);
    }

    public void setFact(String name, String value) {
        facts.put(name, value);
    }

    /** The section of a name, or null. */
    public byte[] section(String name) {
        return sections.get(name);
    }

    public void setSection(String name, byte[] bytes) {
        sections.put(name, bytes);
    }

    /** The section of a name. SnapshotException: it is not there. */
    byte[] need(String name) {
        byte[] bytes = sections.get(name);
        if (bytes == null) {
            throw new SnapshotException("this snapshot is damaged: it has no section " + name);
        }
        return bytes;
    }

    static long limitBytes(int memoryMegabytes) {
        return Math.min(Integer.MAX_VALUE - 64, ((long) memoryMegabytes << 20) + SLACK_BYTES);
    }

    public byte[] toBytes() {
        StateBytes body = new StateBytes(1 << 12);
        body.putVarint(facts.size());
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            putText(body, fact.getKey());
            putText(body, fact.getValue());
        }
        body.putVarint(sections.size());
        for (Map.Entry<String, byte[]> section : sections.entrySet()) {
            putText(body, section.getKey());
            body.putVarint(section.getValue().length);
            body.put(section.getValue(), 0, section.getValue().length);
        }
        byte[] plain = body.toArray();
        byte[] packed = deflate(plain);
        byte[] file = new byte[HEADER + packed.length];
        System.arraycopy(MAGIC, 0, file, 0, MAGIC.length);
        LittleEndian.put16(file, 8, VERSION);
        LittleEndian.put16(file, 10, memoryMegabytes);
        file[12] = (byte) cpuLevel;
        LittleEndian.put32(file, 14, plain.length);
        LittleEndian.put64(file, 18, checksum(file, plain));
        System.arraycopy(packed, 0, file, HEADER, packed.length);
        return file;
    }

    /** SnapshotException: not a snapshot, of another version, truncated, damaged. */
    public static Snapshot of(byte[] file) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= file.length || file[i] != MAGIC[i]) {
                throw new SnapshotException("this is not a kmOS snapshot");
            }
        }
        if (file.length < HEADER) {
            throw new SnapshotException("this snapshot is truncated: it ends within its header");
        }
        int version = LittleEndian.get16(file, 8);
        if (version != VERSION) {
            throw new SnapshotException("this snapshot has format version " + version + ", this kmOS reads version " + VERSION);
        }
        int megabytes = LittleEndian.get16(file, 10);
        int level = file[12] & 0xFF;
        long length = LittleEndian.get32(file, 14) & 0xFFFFFFFFL;
        if (megabytes < 64 || megabytes > 1536 || level < 2 || level > 4 || file[13] != 0 || length > limitBytes(megabytes)) {
            throw new SnapshotException("this snapshot is damaged: its header makes no sense");
        }
        byte[] plain = inflate(file, HEADER, (int) length);
        if (checksum(file, plain) != LittleEndian.get64(file, 18)) {
            throw new SnapshotException("this snapshot is damaged: its checksum is wrong");
        }
        Snapshot s = new Snapshot(megabytes, level);
        SnapshotInput in = new SnapshotInput(plain);
        for (int i = in.count(in.varint()); i > 0; i--) {
            String name = in.text();
            s.facts.put(name, in.text());
        }
        for (int i = in.count(in.varint()); i > 0; i--) {
            String name = in.text();
            s.sections.put(name, in.bytes(in.count(in.varint())));
        }
        if (in.left() != 0) {
            throw new SnapshotException("this snapshot is damaged: there are bytes behind its end");
        }
        return s;
    }

    private static long checksum(byte[] file, byte[] plain) {
        return Hash64.mix(Hash64.mix(Hash64.of(plain), LittleEndian.get64(file, 8)), LittleEndian.get16(file, 16));
    }

    private static void putText(StateBytes out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > 255) {
            throw new IllegalArgumentException("too long for a snapshot: " + text);
        }
        out.put8(utf8.length);
        out.put(utf8, 0, utf8.length);
    }

    private static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(plain);
        deflater.finish();
        StateBytes out = new StateBytes(plain.length / 3 + 64);
        byte[] piece = new byte[1 << 14];
        while (!deflater.finished()) {
            out.put(piece, 0, deflater.deflate(piece));
        }
        deflater.end();
        return out.toArray();
    }

    private static byte[] inflate(byte[] file, int from, int length) {
        Inflater inflater = new Inflater(true);
        // Some inflaters want a byte behind the end of raw data.
        byte[] packed = new byte[file.length - from + 1];
        System.arraycopy(file, from, packed, 0, file.length - from);
        inflater.setInput(packed);
        // Grows with what comes: a header that claims much gets nothing for it.
        StateBytes out = new StateBytes(Math.min(length, 1 << 20));
        byte[] piece = new byte[1 << 14];
        try {
            while (out.length() <= length && !inflater.finished()) {
                int n = inflater.inflate(piece);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                out.put(piece, 0, n);
            }
        } catch (DataFormatException damaged) {
            throw new SnapshotException("this snapshot is truncated or damaged: it cannot be unpacked");
        } finally {
            inflater.end();
        }
        if (out.length() != length || !inflater.finished()) {
            throw new SnapshotException("this snapshot is truncated or damaged: it does not unpack to what its header says");
        }
        return out.toArray();
    }
}
