// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.Recorder;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Half an hour of guest time with somebody at the terminal who types, errs, reads and edits, on a host that is slower than the machine when that is busy.
 * Time in which nothing runs passes at once.
 */
@Tag("soak")
class HalfHourTest {
    private static final long SECOND = 1_000_000_000L, END = 30 * 60 * SECOND;
    private static final String PROMPT = "# ";
    /** What is waited for, then typed; each row is one occupation. */
    private static final String[][] OCCUPATIONS = {
        {PROMPT, "cd /usr/share; ls -l | head -20\n"},
        {PROMPT, "ps; cat /proc/meminfo | head -5\n"},
        {PROMPT, "for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done | tee /tmp/lines\n"},
        {PROMPT, "lua5.4 -e 'local x=0 for i=1,800000 do x=x+math.sin(i)/i end print(x)'\n"},
        {PROMPT, "seq 1 3000 | sort -rn | md5sum\n"},
        {PROMPT, "(sleep 20; echo the job has ended) &\n"},
        {PROMPT, "lua5.4-i386\n", "> ", "t = {} for i = 1, 1000 do t[i] = i * i end\n", "> ", "print(#t, t[10])\n", "> ", "\004"},
        {PROMPT, "busybox vi /tmp/note\n", "- /tmp/note", "oToday I have learnt how a shell starts a program:\nit forks, and the child calls execve.\n\033", "", ":wq\n", PROMPT, "wc /tmp/note\n"},
        {PROMPT, "grep -c e /etc/passwd; find /etc -name '*.conf' | wc -l\n"},
    };

    private final Random human = new Random(11);
    private final StringBuilder output = new StringBuilder();
    private KmosSystem system;
    private Recorder recorder;
    private long realNs;
    private int keys;
    private int seen;

    @Test
    void itsRecordingTakesLessThan200KB_andEndsWithTheSameHash() throws IOException {
        SystemConfig config = RecordedSession.config();
        Recording recording;
        long instructions;
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            system = new KmosSystem(Guest.ARENA, config, disk, b -> output.append((char) b));
            recorder = new Recorder(system, config, 0);
            system.resize("ttyS0", 80, 24);
            while (now() < END) {
                occupy(OCCUPATIONS[human.nextInt(OCCUPATIONS.length)]);
                await("", 1_000_000_000L + human.nextInt(1_000_000_000) * 4L); // he reads
            }
            instructions = system.cpu().instructionCount();
            recording = recorder.finish(SnapshotFiles.imageDigest(RecordedSession.IMAGE));
            system.close();
        }
        byte[] file = recording.toBytes();
        System.out.println("half an hour, " + keys + " keys, " + instructions / 1_000_000 + " million instructions: " + recording.eventBytes() + " bytes of events, a file of " + file.length);
        assertTrue(keys > 5000, keys + " keys");
        assertTrue(file.length < 200_000, file.length + " bytes");
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem again = new KmosSystem(Guest.ARENA, config, disk, b -> { });
            Replayer replayer = Recording.parse(file).replayer(again, true);
            replayer.runTo(Long.MAX_VALUE, 20_000_000);
            assertEquals(1, replayer.hashesCompared());
            again.close();
        }
    }

    private long now() {
        return system.machine().clock().nowNs();
    }

    private void occupy(String[] steps) {
        for (int i = 0; i < steps.length; i += 2) {
            await(steps[i], 0);
            for (int k = 0; k < steps[i + 1].length(); k++) {
                if (human.nextInt(20) == 0 && steps[i + 1].charAt(k) >= ' ' && steps[i].equals(PROMPT)) {
                    key('x');
                    key('\177');
                }
                key(steps[i + 1].charAt(k));
            }
        }
    }

    /** Five keys a second, some quicker, some slower. */
    private void key(char c) {
        await("", 60_000_000 + human.nextInt(280_000_000));
        system.typeSerial(c);
        keys++;
    }

    /** Runs until the text is there and so much time has passed. */
    private void await(String text, long ns) {
        long until = now() + ns, limit = now() + 120 * SECOND;
        while (now() < until || output.indexOf(text, seen) < 0) {
            assertTrue(system.isRunning() && now() < limit, "\"" + text + "\" did not come:\n" + output.substring(seen));
            slice(until);
        }
        if (!text.isEmpty()) {
            seen = output.length();
        }
    }

    /** What the machine does takes the host half as long again. */
    private void slice(long until) {
        long begin = now();
        long wake = system.runSlice(20_000_000);
        long now = now();
        realNs = Math.max(realNs, begin) + (now - begin) * 3 / 2;
        if (wake > now) {
            system.idleTo(Math.min(wake, until > now ? until : now + 50_000_000));
        } else {
            system.catchUp(realNs);
        }
        recorder.afterSlice();
    }
}
