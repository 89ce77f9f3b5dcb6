// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import kmos.base.TimerQueue;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that use every kind of open file and wait, on a machine that is saved between two slices at random and loaded
 * into a fresh one: what comes after is what came without. kmos.e2e.saves says how often each is saved.
 */
class ProgramStateTest {
    private static final Variant VARIANT = Variant.AMD64_STATIC;
    private static final long SEED = Long.getLong("kmos.e2e.seed", 7), LIMIT_NS = 60_000_000_000L;

    private static final class Run {
        final CopyDisk disk;
        final StringBuilder output = new StringBuilder();
        final KmosSystem system;

        Run(CopyDisk disk, String program) {
            this.disk = disk;
            SystemConfig config = Guest.config(64, "/runner", "/t", VARIANT.workFolder, "20", program);
            config.codeCacheBytes = 8 << 20;
            system = new KmosSystem(Guest.ARENA, config, disk, b -> output.append((char) b));
        }

        /** One slice; false at the end. */
        boolean step(long cycles) {
            long next = system.runSlice(cycles);
            long now = system.machine().clock().nowNs();
            if (next > now && next != TimerQueue.NEVER && system.isRunning()) {
                system.idleTo(next);
            }
            return system.isRunning() && now < LIMIT_NS;
        }
    }

    private static long slice(Random random) {
        return 1000L << random.nextInt(14);
    }

    @Tag("slow")
    @ParameterizedTest(name = "{0}: a few times")
    @ValueSource(strings = {"unix_stream", "unix_ancillary", "timerfd", "signalfd", "inotify", "splice", "epoll_wakeups", "vdso", "tmpfile", "fcntl_locks",
        "ptrace_step", "ptrace_events"})
    void program_goesOnTheSame(String program) throws Exception {
        check(program, Integer.getInteger("kmos.e2e.saves", 4));
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}: many times")
    @ValueSource(strings = {"unix_stream", "unix_dgram", "unix_ancillary", "timerfd", "signalfd", "inotify", "splice", "epoll_basic", "epoll_wakeups", "vdso",
        "tmpfile", "xattrs", "fcntl_locks", "pthread_cond", "pthread_signal", "termios_pty", "sig_posix_timer", "sig_itimer", "wait_many", "mmap_shared_writers",
        "fifo", "eventfd", "select_basic", "futex_calls", "rename_exchange", "pipe_blocking", "ptrace_step", "ptrace_watch", "ptrace_regs", "ptrace_events"})
    void program_goesOnTheSame_manyTimes(String program) throws Exception {
        check(program, Integer.getInteger("kmos.e2e.saves", 60));
    }

    static void check(String program, int saves) throws Exception {
        Path image = ProgramStateTest.image();
        try (FileDisk disk = new FileDisk(image, false)) {
            Run first = new Run(new CopyDisk(disk), program);
            Random slices = new Random(SEED);
            int steps = 1;
            while (first.step(slice(slices))) {
                steps++;
            }
            String output = first.output.toString();
            first.system.close();
            assertTrue(output.contains("@@ " + program + " exit 0"), output);
            TreeSet<Integer> places = new TreeSet<>();
            Random choice = new Random(SEED);
            while (places.size() < Math.min(saves, steps - 1)) {
                places.add(choice.nextInt(steps));
            }
            Run again = new Run(new CopyDisk(disk), program);
            slices = new Random(SEED);
            for (int step = 0; again.step(slice(slices)); step++) {
                if (places.contains(step)) {
                    continueFrom(again, program, step, output);
                }
            }
            assertEquals(output, again.output.toString());
            again.system.close();
        }
    }

    private static void continueFrom(Run saved, String program, int step, String output) {
        byte[] state = saved.system.save();
        Run fresh = new Run(new CopyDisk(saved.disk), program);
        try {
            fresh.system.load(state);
            fresh.output.setLength(0);
            fresh.output.append(saved.output);
            Random slices = new Random(step);
            while (fresh.step(slice(slices))) {
                continue;
            }
            assertEquals(output, fresh.output.toString(), program + " saved after slice " + step + ", seed " + SEED);
        } finally {
            fresh.system.close();
        }
    }

    /** The disk of all programs of the variant, made once. */
    private static synchronized Path image() throws Exception {
        Path programs = Programs.build(VARIANT);
        Path image = Programs.TARGET.resolve("state-" + VARIANT.folder() + ".img");
        if (!isMade) {
            TestDisk.make("state-" + VARIANT.folder(), programs, 200);
            isMade = true;
        }
        return image;
    }

    private static boolean isMade;
}
