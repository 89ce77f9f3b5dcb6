// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.replay.Recording;
import kmos.system.snapshot.Snapshot;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kmos headless} saves, restores and replays: each in a process of its own, with nothing in common but the file. */
@Tag("slow")
class HeadlessCommandTest {
    private static final String PROMPT = "# ";
    /** The machine is saved while the job sleeps and a command is half typed. */
    private static final String[] SESSION = {
        PROMPT, "name=kept; (sleep 3; seq 1 3000 | md5sum; cat /proc/uptime; od -An -N8 -tx8 /dev/urandom; poweroff) & cd /usr\n",
        PROMPT, "echo half ty"};

    @TempDir
    static Path folder;
    private static Path saved;
    private static Path recording;
    private static KmosCommand first;

    private static KmosCommand headless(List<?> options, String... dialogue) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("headless", "--memory", "64"));
        options.forEach(each -> arguments.add(each.toString()));
        return KmosCommand.run(arguments, dialogue);
    }

    @BeforeAll
    static void saveAndRecord() throws IOException {
        saved = folder.resolve("machine.kmos");
        recording = folder.resolve("session.recording");
        first = headless(List.of("--deterministic", "--stats", "--record", recording, "--save", saved), SESSION);
        assertEquals(0, first.status(), first.err());
        assertTrue(first.out().endsWith("echo half ty"), first.out());
    }

    /** more: options. */
    private static KmosCommand restored(List<?> more, String... dialogue) throws IOException {
        List<Object> options = new ArrayList<>(List.of("--stats", "--restore", saved));
        options.addAll(more);
        KmosCommand command = headless(options, dialogue);
        assertEquals(0, command.status(), command.err());
        return command;
    }

    /** The run that nobody interrupted: what was recorded, and on from there until the machine switches itself off. Its output behind the recording, then its hash. */
    private static String[] uninterrupted() throws IOException {
        StringBuilder output = new StringBuilder();
        Recording r = Recording.parse(Files.readAllBytes(recording));
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, r.systemConfig(null), disk, b -> output.append((char) b));
            r.replayer(system, true).runTo(Long.MAX_VALUE, 10_000_000);
            assertEquals(first.hash(), Long.toHexString(system.stateHash()), "where it was saved");
            output.setLength(0);
            while (system.isRunning()) {
                long next = system.runSlice(3_000_000);
                if (system.isRunning()) {
                    system.idleTo(next);
                }
            }
            String hash = Long.toHexString(system.stateHash());
            system.close();
            return new String[] {output.toString().replace("\r", ""), hash};
        }
    }

    @Test
    void aRestoredMachine_goesOnAsTheOneThatWasNeverSaved() throws IOException {
        String[] wanted = uninterrupted();
        assertTrue(wanted[0].matches("(?s).*[0-9a-f]{32}.*\\d+\\.\\d\\d \\d+\\.\\d\\d.*[0-9a-f]{16}.*"), wanted[0]);
        for (int i = 0; i < 2; i++) {
            KmosCommand command = restored(List.of("--deterministic"));
            assertEquals(wanted[0], command.out());
            assertEquals(wanted[1], command.hash());
        }
    }

    @Test
    void aRestoredMachine_isTheSavedOne_andIsTypedAt() throws IOException {
        Path again = folder.resolve("again.kmos");
        KmosCommand command = restored(List.of("--deterministic", "--save", again));
        assertEquals(first.hash(), command.hash());
        assertEquals(Snapshot.of(Files.readAllBytes(saved)).fact("hash"), Snapshot.of(Files.readAllBytes(again)).fact("hash"));
        command = restored(List.of(), "", "ped\necho $name $PWD\n"); // in real time, so that the job does not come first
        assertTrue(command.out().startsWith("ped\n") && command.out().contains("half typed\n") && command.out().contains("kept /usr\n"), command.out());
    }

    @Test
    void aRecording_endsWithTheHashOfItsMachine() throws IOException {
        KmosCommand command = headless(List.of("--replay", recording));
        assertEquals(0, command.status(), command.err());
        assertEquals(first.hash(), command.hash());
        assertEquals(first.out(), command.out().stripTrailing());
    }

    /** A clear sentence about the file and a status, not a stack trace. */
    private static void assertRefused(int status, String words, String option, Path file) throws IOException {
        KmosCommand command = headless(List.of(option, file));
        assertEquals(status, command.status(), command.err());
        assertTrue(command.err().startsWith("headless: " + file + ": ") && command.err().contains(words), command.err());
        assertFalse(command.err().contains("\tat "), command.err());
        assertEquals("", command.out());
    }

    private static Path changed(Path file, int at, int length) throws IOException {
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(file), length);
        bytes[at] ^= 1;
        return Files.write(folder.resolve("bad"), bytes);
    }

    @Test
    void whatCannotBeOpened_isRefusedWithTheReason() throws IOException {
        int length = (int) Files.size(recording);
        assertRefused(2, "damaged", "--replay", changed(recording, length / 2, length));
        assertRefused(2, "truncated", "--replay", changed(recording, length / 2, length - 1));
        assertRefused(2, "not a kmOS recording", "--replay", saved);
        assertRefused(2, "cannot be read", "--replay", folder.resolve("none"));
        length = (int) Files.size(saved);
        assertRefused(1, "damaged", "--restore", changed(saved, length / 2, length));
        assertRefused(1, "truncated", "--restore", changed(saved, length / 2, length - 1));
        assertRefused(1, "not a kmOS snapshot", "--restore", recording);
        assertRefused(2, "cannot be read", "--restore", folder.resolve("none"));
    }
}
