// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import kmos.base.Errno;
import kmos.base.TimerQueue;
import kmos.headless.FileDisk;
import kmos.kernel.command.GuestCommands;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.archive.Archive;
import kmos.system.archive.ArchiveContent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs and files that the outside asks a machine without init for, one after the other and together. */
@Tag("slow")
class GuestCommandsTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final List<String> ENVIRONMENT = List.of("PATH=/bin:/usr/bin", "WHO=you");

    private FileDisk disk;
    private KmosSystem system;

    @BeforeEach
    void boot() throws IOException {
        disk = new FileDisk(IMAGE, false);
        system = build(null);
    }

    @AfterEach
    void end() throws IOException {
        system.close();
        disk.close();
    }

    private KmosSystem build(byte[] archive) {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        config.kernel.isHosted = true;
        config.kernel.rootContent = archive == null ? null : new ArchiveContent(Archive.read(archive), true);
        return new KmosSystem(Guest.ARENA, config, disk, b -> { });
    }

    private GuestCommands commands() {
        return system.kernel().commands();
    }

    private void slice() {
        long next = system.runSlice(2_000_000);
        assertTrue(system.isRunning(), system.kernel().stateReason());
        if (next != TimerQueue.NEVER) {
            system.idleTo(next);
        }
    }

    private void ready() {
        for (int i = 0; i < 10_000 && !commands().isReady(); i++) {
            slice();
        }
        assertTrue(commands().isReady());
    }

    private int start(String... argv) {
        ready();
        return commands().run(List.of(argv), ENVIRONMENT, "/", false);
    }

    /** Output and "[wait status]". */
    private String finish(int id, byte[] input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        int given = 0;
        for (int i = 0; i < 200_000; i++) {
            if (given < input.length) {
                byte[] rest = Arrays.copyOfRange(input, given, Math.min(input.length, given + 4096));
                given += commands().input(id, rest, rest.length);
                if (given == input.length) {
                    commands().endInput(id);
                }
            }
            int status = commands().status(id);
            for (int n; (n = commands().output(id, buffer)) > 0;) {
                out.write(buffer, 0, n);
            }
            if (status >= 0) {
                int errno = commands().errno(id);
                commands().close(id);
                return out.toString(StandardCharsets.ISO_8859_1) + "[" + (errno == 0 ? String.valueOf(status) : Errno.name(errno)) + "]";
            }
            slice();
        }
        return out + "[never ends]";
    }

    private String run(String... argv) {
        int id = start(argv);
        commands().endInput(id);
        return finish(id, new byte[0]);
    }

    @Test
    void programsRun_withOutputStatusAndEnvironment() {
        assertEquals("you here\n[0]", run("sh", "-c", "echo $WHO; echo here >&2").replace("you\nhere", "you here"));
        assertEquals("[" + (7 << 8) + "]", run("/bin/sh", "-c", "exit 7"));
        assertEquals("[11]", run("/bin/sh", "-c", "kill -SEGV $$"));
        assertEquals("[ENOENT]", run("/no/such/program"));
        assertEquals("[EACCES]", run("/etc/passwd"));
        assertEquals("[ENOENT]", run("nosuchprogram"));
    }

    @Test
    void theFileSystemLasts_andCommandsRunTogether() {
        assertEquals("[0]", run("sh", "-c", "echo kept > /tmp/f"));
        int slow = start("sh", "-c", "sleep 1; cat /tmp/f");
        assertEquals("quick\n[0]", run("echo", "quick"));
        assertEquals("kept\n[0]", finish(slow, new byte[0]));
    }

    @Test
    void inputArrivesWhole_thoughItIsMoreThanAPipeHolds() {
        byte[] much = new byte[300_000];
        Arrays.fill(much, (byte) 'x');
        assertEquals("300000\n[0]", finish(start("wc", "-c"), much).replace(" ", ""));
    }

    @Test
    void aTerminal_isOne() {
        ready();
        int id = commands().run(List.of("sh", "-c", "test -t 1 && tty"), ENVIRONMENT, "/", true);
        assertEquals("/dev/pts/0\r\n[0]", finish(id, new byte[0]));
    }

    @Test
    void aSignalEndsACommand() {
        int id = start("sleep", "1000");
        for (int i = 0; i < 100; i++) {
            slice();
        }
        commands().signal(id, 9);
        assertEquals("[9]", finish(id, new byte[0]));
    }

    @Test
    void filesGoInAndOut_onDiskAndInMemory() {
        byte[] content = new byte[200_001];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 7 ^ i >> 9);
        }
        for (String path : List.of("/tmp/data", "/root/data")) {
            ready();
            assertEquals("[0]", finish(commands().writeFile(path, 0640), content));
            assertEquals("640 200001\n[0]", run("stat", "-c", "%a %s", path));
            String got = finish(commands().readFile(path), new byte[0]);
            assertArrayEquals(content, got.substring(0, got.length() - 3).getBytes(StandardCharsets.ISO_8859_1), path);
            assertEquals("[0]", got.substring(got.length() - 3));
        }
        assertEquals("[ENOENT]", finish(commands().readFile("/none"), new byte[0]));
        assertEquals("[EISDIR]", finish(commands().readFile("/tmp"), new byte[0]));
        assertEquals("[EINVAL]", finish(commands().writeFile("/dev/null", 0644), new byte[] {1}));
        assertEquals("[ENOENT]", finish(commands().writeFile("/none/f", 0644), new byte[] {1}));
    }

    @Test
    void aSavedMachine_goesOnWithItsCommands() {
        int id = start("sh", "-c", "echo one; read x; echo $x; sleep 2; echo two");
        for (int i = 0; i < 40; i++) {
            slice();
        }
        byte[] saved = system.save();
        system.close();
        system = build(null);
        system.load(saved);
        assertEquals("one\nword\ntwo\n[0]", finish(id, "word\n".getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void anArchive_addsToTheImage_withoutReplacingIt() {
        system.close();
        StringBuilder cpio = new StringBuilder();
        add(cpio, 1, 1, "extra", 040755, "");
        add(cpio, 2, 2, "extra/run", 0100755, "#!/bin/sh\necho from the archive\n");
        add(cpio, 2, 2, "extra/again", 0100755, "");
        add(cpio, 3, 1, "extra/link", 0120777, "run");
        add(cpio, 4, 1, "bin/sh", 0100755, "not a shell");
        add(cpio, 5, 1, "usr/new", 0100644, "new");
        add(cpio, 6, 1, "TRAILER!!!", 0, "");
        system = build(cpio.toString().getBytes(StandardCharsets.ISO_8859_1));
        assertEquals("from the archive\n[0]", run("/extra/link"));
        assertEquals("2\n[0]", run("stat", "-c", "%h", "/extra/again"));
        assertEquals("new[0]", run("cat", "/usr/new"));
    }

    @Test
    void anArchiveOfAWholeRoot_mayHaveTheDirectoriesOfMountedFileSystems(@TempDir Path folder) throws IOException {
        system.close();
        Files.writeString(folder.resolve("p.c"), "#include <stdio.h>\nint main(void) { FILE *f = fopen(\"/proc/self/comm\", \"r\"); char s[20] = \"\"; fgets(s, 20, f); printf(\"%s\", s); return 0; }\n");
        Tool.run(folder, List.of("gcc", "-static", "-O1", "-o", "program", "p.c"));
        StringBuilder cpio = new StringBuilder();
        for (String each : List.of("proc", "sys", "dev", "bin")) {
            add(cpio, 1 + cpio.length(), 1, each, 040755, "");
        }
        add(cpio, 5, 1, "bin/program", 0100755, new String(Files.readAllBytes(folder.resolve("program")), StandardCharsets.ISO_8859_1));
        add(cpio, 6, 1, "TRAILER!!!", 0, "");
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.isHosted = true;
        ArchiveContent content = new ArchiveContent(Archive.read(cpio.toString().getBytes(StandardCharsets.ISO_8859_1)), false);
        config.kernel.rootContent = content;
        system = new KmosSystem(Guest.ARENA, config, null, b -> { });
        assertEquals("program\n[0]", run("/bin/program"));
        assertEquals("", content.problem());
    }

    private static void add(StringBuilder out, int ino, int links, String name, int mode, String content) {
        int[] fields = {ino, mode, 0, 0, links, 0, content.length(), 0, 0, 0, 0, name.length() + 1, 0};
        out.append("070701");
        for (int f : fields) {
            out.append(String.format("%08x", f));
        }
        out.append(name).append('\0');
        pad(out);
        out.append(content);
        pad(out);
    }

    private static void pad(StringBuilder out) {
        while (out.length() % 4 != 0) {
            out.append('\0');
        }
    }
}
