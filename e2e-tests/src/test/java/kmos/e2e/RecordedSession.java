// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import kmos.base.MemoryArena;
import kmos.headless.SnapshotFiles;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.Recorder;
import kmos.system.replay.Recording;

/**
 * A session with somebody at the terminal, on a host whose speed and slices are random: boot, shell commands, Lua, vi, background jobs,
 * timers, a pipe storm of four tasks. Typed is when what was waited for has come, so nothing is at a round time.
 */
public final class RecordedSession {
    public static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final MemoryArena ARENA = Guest.ARENA;
    private static final String PROMPT = "# ";
    /** What is waited for, what is typed then. */
    private static final String[][] SCRIPT = {
        {PROMPT, "uname -a; ls -l /etc | md5sum\n"},
        {PROMPT, "lua5.4 -e 'local x=0 for i=1,30000 do x=x+math.sin(i)/i end print(string.format(\"%.17g\",x))'\n"},
        {PROMPT, "lua5.4-i386 -e 'local x=0 for i=1,20000 do x=x+math.exp(-i/1000)*i end print(string.format(\"%.17g\",x))'\n"},
        {PROMPT, "(sleep 1; echo one) & (sleep 0.3; seq 1 2000 | md5sum) &\n"},
        {PROMPT, "seq 1 4000 | cat | tr 1 2 | wc\n"},
        {PROMPT, "busybox vi /tmp/note\n"},
        {"- /tmp/note", "ihello from vi\033"},
        // Not before vi is back in command mode: what follows ESC within 50 ms is one key with it, here as on any terminal.
        {"- /tmp/note", ":wq\n"},
        {PROMPT, "wait; cat /tmp/note; sync\n"},
        {PROMPT, "for i in 1 2 3; do sleep 0.1; echo tick $i; done | cat\n"},
        {PROMPT, "echo last\n"},
        {PROMPT, null},
    };

    private final StringBuilder output = new StringBuilder();
    private Recording recording;
    private KmosSystem system;
    private int seen;
    /** How the random host was seeded. */
    private final long seed;

    private RecordedSession(long seed) {
        this.seed = seed;
    }

    /** Records it with a hash every so many cycles. */
    public static RecordedSession record(long seed, long hashEvery) throws IOException {
        RecordedSession session = new RecordedSession(seed);
        session.run(hashEvery);
        return session;
    }

    public Recording recording() {
        return recording;
    }

    public String output() {
        return output.toString();
    }

    static SystemConfig config() {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        config.kernel.seed = 12345;
        return config;
    }

    private void run(long hashEvery) throws IOException {
        Random host = new Random(seed);
        SystemConfig config = config();
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            system = new KmosSystem(ARENA, config, disk, b -> output.append((char) b));
            Recorder recorder = new Recorder(system, config, hashEvery);
            system.resize("ttyS0", 80, 24);
            long real = 0;
            for (String[] step : SCRIPT) {
                real = waitFor(step[0], host, recorder, real);
                if (step[1] == null) {
                    break;
                }
                for (int i = 0; i < step[1].length(); i++) {
                    system.typeSerial(step[1].charAt(i));
                    if (host.nextInt(4) == 0) {
                        real = slice(host, recorder, real);
                    }
                }
            }
            system.resize("ttyS0", 100, 30);
            recording = recorder.finish(SnapshotFiles.imageDigest(IMAGE));
            system.close();
        }
    }

    private long waitFor(String text, Random host, Recorder recorder, long realNs) {
        long real = realNs;
        long limit = system.machine().clock().nowNs() + 60_000_000_000L;
        while (output.indexOf(text, seen) < 0) {
            if (!system.isRunning() || system.machine().clock().nowNs() > limit) {
                throw new IllegalStateException("\"" + text + "\" did not come:\n" + output);
            }
            real = slice(host, recorder, real);
        }
        seen = output.length();
        return real;
    }

    /** The host is sometimes slower than the guest, then its time goes on in the guest by samples. */
    private long slice(Random host, Recorder recorder, long realNs) {
        long cycles = 1000L << host.nextInt(14);
        long begin = system.machine().clock().nowNs();
        long wake = system.runSlice(cycles);
        long now = system.machine().clock().nowNs();
        long real = Math.max(realNs, begin) + (now - begin) * (1 + host.nextInt(3)) / 2;
        if (wake > now) {
            real += host.nextInt(20_000_000);
            system.idleTo(Math.min(wake, Math.max(now, real)));
        } else {
            system.catchUp(real);
        }
        recorder.afterSlice();
        return real;
    }
}
