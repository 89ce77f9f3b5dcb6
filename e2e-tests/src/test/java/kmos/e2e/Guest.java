// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import kmos.base.MemoryArena;
import kmos.base.TimerQueue;
import kmos.cpu.CpuModel;
import kmos.headless.FileDisk;
import kmos.kernel.KernelState;
import kmos.kernel.syscall.Strace;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/** A machine in this process that runs one command with guest time that never waits for real time. */
final class Guest {
    static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final long SLICE_CYCLES = 20_000_000;

    private Guest() { }

    static SystemConfig config(int megabytes, String... command) {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = megabytes;
        config.cpuModel = CpuModel.of(System.getProperty("kmos.e2e.cpu", "v2"));
        config.kernel.rootDevice = "hda1";
        config.kernel.init = command;
        config.kernel.isInitGiven = true;
        config.kernel.isCommand = true;
        return config;
    }

    /** Runs one command on the built image, however long it takes: the serial console's output, then [wait status]. */
    static String outcome(SystemConfig config) throws IOException {
        StringBuilder output = new StringBuilder();
        config.codeCacheBytes = 8 << 20;
        config.showsKernelLog = false;
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = new KmosSystem(ARENA, config, disk, b -> output.append((char) b));
            while (system.isRunning()) {
                long next = system.runSlice(SLICE_CYCLES);
                if (next != TimerQueue.NEVER) {
                    system.idleTo(next);
                }
            }
            String result = output + "[" + system.kernel().commandStatus() + "]";
            system.close();
            return result;
        }
    }

    /** The serial console's output when the command has ended. A panic or a deadlock ends it with a line that says so. */
    static String run(Path image, SystemConfig config, long limitNs) throws IOException {
        return run(image, config, limitNs, false);
    }

    /** keeps: what the guest writes stays in the image. */
    static String run(Path image, SystemConfig config, long limitNs, boolean keeps) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (FileDisk disk = new FileDisk(image, keeps)) {
            KmosSystem system = new KmosSystem(ARENA, config, disk, c -> {
                out.write(c);
                if (Boolean.getBoolean("kmos.e2e.echo")) {
                    System.err.write(c);
                }
            });
            StringBuilder log = new StringBuilder();
            system.kernel().log().setSink(Boolean.getBoolean("kmos.e2e.log") ? line -> System.err.print(line + "\n") : null);
            if (Boolean.getBoolean("kmos.e2e.strace")) {
                system.kernel().dispatcher().setStrace(new Strace(line -> System.err.println(line)));
            }
            finish(system, limitNs, out);
            system.close();
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static void finish(KmosSystem system, long limitNs, ByteArrayOutputStream out) throws IOException {
        int dead = 0;
        while (system.isRunning()) {
            long next = system.runSlice(SLICE_CYCLES);
            long now = system.machine().clock().nowNs();
            // While partitions are scanned there is no task yet: a few more calls then go on.
            dead = next == TimerQueue.NEVER ? dead + 1 : 0;
            if (dead > 100 && system.isRunning()) {
                out.write("\n!! nothing will ever happen again\n".getBytes(StandardCharsets.ISO_8859_1));
                return;
            }
            if (now > limitNs) {
                out.write("\n!! guest time is over\n".getBytes(StandardCharsets.ISO_8859_1));
                return;
            }
            if (next > now && dead == 0) {
                system.idleTo(next);
            }
        }
        if (system.kernel().state() == KernelState.PANICKED) {
            out.write(("\n!! panic: " + system.kernel().stateReason() + "\n").getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
