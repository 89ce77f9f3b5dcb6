// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.base.MemoryArena;
import kmos.base.TimerQueue;
import kmos.host.BlockBackend;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/**
 * Boots a built image once and writes into its manifest which chunks were read until the shell's prompt, in that order, so
 * that a page can fetch them ahead; all of these, one behind the other in one file, are the boot pack. Argument: the image folder.
 */
public final class BootChunks {
    private static final int SECTOR = 512;
    private static final long LIMIT_NS = 60_000_000_000L;
    private static final String PROMPT = "root@kmos:~# ";

    /** Passes requests on and notes the chunks of reads. */
    private record Recorder(FileDisk disk, int chunkBytes, Set<Long> chunks) implements BlockBackend {
        @Override
        public long sectorCount() {
            return disk.sectorCount();
        }

        @Override
        public void read(long sector, int count, int address, long token, Completion done) {
            for (long c = sector * SECTOR / chunkBytes; c <= (sector + count - 1) * SECTOR / chunkBytes; c++) {
                chunks.add(c);
            }
            disk.read(sector, count, address, token, done);
        }

        @Override
        public void write(long sector, int count, int address, long token, Completion done) {
            disk.write(sector, count, address, token, done);
        }

        @Override
        public void flush(long token, Completion done) {
            disk.flush(token, done);
        }
    }

    private BootChunks() { }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Path manifest = folder.resolve("manifest.json");
        String text = Files.readString(manifest);
        Matcher size = Pattern.compile("\"chunkSize\": (\\d+)").matcher(text);
        if (!size.find()) {
            throw new IOException(manifest + " has no chunkSize");
        }
        int chunkBytes = Integer.parseInt(size.group(1));
        Path image = folder.resolve("kmos.img");
        Set<Long> chunks = new LinkedHashSet<>();
        try (FileDisk disk = new FileDisk(image, false)) {
            SystemConfig config = new SystemConfig();
            config.memoryMegabytes = 128;
            config.font = Files.readAllBytes(folder.resolve("console.psf"));
            config.kernel.rootDevice = "hda1";
            boot(config, new Recorder(disk, chunkBytes, chunks));
        }
        byte[] pack = pack(image, chunkBytes, chunks);
        String name = SnapshotFiles.sha256(new ByteArrayInputStream(pack));
        Path file = folder.resolve("chunks").resolve(name + ".gz");
        GzipFile.write(file, pack);
        String list = chunks.toString().replace(" ", "");
        String without = text.replaceAll(",\n {2}\"boot\": \\[[^\\]]*\\]", "").replaceAll(",\n {2}\"bootPack\": \"[^\"]*\"", "");
        Files.writeString(manifest, without.replaceFirst("\n\\}\n$", ",\n  \"boot\": " + list + ",\n  \"bootPack\": \"" + name + "\"\n}\n"));
        System.out.println("image: the boot reads " + chunks.size() + " chunks, packed " + Files.size(file) + " bytes");
    }

    /** The chunks of these numbers, one behind the other. Those that are all zero have no content to fetch: they are taken off the list. */
    private static byte[] pack(Path image, int chunkBytes, Set<Long> chunks) throws IOException {
        ByteArrayOutputStream pack = new ByteArrayOutputStream();
        try (RandomAccessFile disk = new RandomAccessFile(image.toFile(), "r")) {
            for (Iterator<Long> numbers = chunks.iterator(); numbers.hasNext();) {
                long start = numbers.next() * chunkBytes;
                byte[] chunk = new byte[(int) Math.min(chunkBytes, disk.length() - start)];
                disk.seek(start);
                disk.readFully(chunk);
                if (Arrays.equals(chunk, new byte[chunk.length])) {
                    numbers.remove();
                } else {
                    pack.write(chunk);
                }
            }
        }
        return pack.toByteArray();
    }

    private static void boot(SystemConfig config, BlockBackend disk) throws IOException {
        StringBuilder console = new StringBuilder();
        KmosSystem system = new KmosSystem(new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20), config, disk, b -> console.append((char) b));
        while (console.indexOf(PROMPT) < 0) {
            long next = system.runSlice(10_000_000);
            if (!system.isRunning() || next == TimerQueue.NEVER || system.machine().clock().nowNs() > LIMIT_NS) {
                throw new IOException("the image does not boot to a prompt; its console says:\n" + console);
            }
            system.idleTo(next);
        }
    }
}
