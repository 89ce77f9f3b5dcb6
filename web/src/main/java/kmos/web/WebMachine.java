// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.nio.charset.StandardCharsets;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.base.TimerQueue;
import kmos.cpu.wasm.WasmBackend;
import kmos.device.video.VbeDisplay;
import kmos.kernel.task.Task;
import kmos.system.KmosSystem;
import kmos.system.StateText;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import kmos.system.replay.BadRecordingException;
import kmos.system.snapshot.SnapshotException;
import org.teavm.interop.Export;

/**
 * The machine as worker.js sees it: exported functions of numbers, and one transfer buffer for bytes. Called between
 * slices only, by one thread.
 */
final class WebMachine {
    /** Room for bytes from the page (a font, typed text) and for texts to it. */
    static final int TRANSFER_BYTES = 1 << 16;
    private static final int OUTPUT_BYTES = 1 << 14;
    /** Results of {@link #step} beside a time to wait. */
    private static final double NOTHING_DUE = -1, ENDED = -2, WAITS_FOR_HOST = -3, FAILED = -4;

    private static MemoryArena arena;
    private static int transfer;
    private static int output;
    private static int outputCount;
    private static BrowserDisk disk;
    private static KmosSystem system;
    private static ScriptedSession session;
    private static SystemConfig config;
    /** Null: the default. */
    private static CpuModel cpuModel;

    private WebMachine() { }

    static void prepare(int memoryMegabytes) {
        arena = MemoryArena.ofNewMemory((memoryMegabytes << 20) - 1 & ~0xFFFF);
        transfer = arena.allocate(TRANSFER_BYTES);
        output = arena.allocate(OUTPUT_BYTES);
        WebVectors.prepare(arena);
        WebCommands.prepare(transfer);
        WebSnapshots.prepare();
        WebReplay.prepare();
        WebCpu.prepare();
    }

    static KmosSystem system() {
        return system;
    }

    /** What the machine was built from. */
    static SystemConfig config() {
        return config;
    }

    /** Ends the machine, so that another can be built. */
    @Export(name = "closeMachine")
    static void closeMachine() {
        system.close();
        system = null;
        dropOutput();
    }

    static void dropOutput() {
        outputCount = 0;
    }

    /** Address of the transfer buffer. */
    @Export(name = "transferBuffer")
    static int transferBuffer() {
        return transfer;
    }

    /** The processor of the next machine: 2 for model v2, 3 for v3, 4 for max. */
    @Export(name = "chooseCpu")
    static void chooseCpu(int level) {
        cpuModel = level == 4 ? CpuModel.max() : level == 3 ? CpuModel.v3() : CpuModel.v2();
    }

    /**
     * Builds the machine; {@link #step} boots it. fontBytes: length of a PSF font in the transfer buffer, or 0. sectors:
     * size of the disk, or 0 for none. epochSeconds: 0 for the seed and the start time that all machines share. jitThreshold: entries before code is compiled, 0: never. Returns 1, or 0 after {@link Host#failed}.
     */
    @Export(name = "build")
    static int build(int memoryMegabytes, int sectors, int fontBytes, double epochSeconds, int seed, int jitThreshold) {
        try {
            config = new SystemConfig();
            config.memoryMegabytes = memoryMegabytes;
            if (cpuModel != null) {
                config.cpuModel = cpuModel;
            }
            config.font = fontBytes == 0 ? null : bytes(fontBytes);
            if (epochSeconds != 0) {
                config.kernel.startEpochSeconds = (long) epochSeconds;
                config.kernel.seed = seed;
            }
            config.kernel.rootDevice = sectors == 0 ? null : "hda1";
            WebCommands.configure(config.kernel, sectors != 0);
            build(config, sectors, jitThreshold);
            return 1;
        } catch (RuntimeException | Error problem) {
            fail(problem);
            return 0;
        }
    }

    /** The same from a whole configuration. */
    static KmosSystem build(SystemConfig whole, int sectors, int jitThreshold) {
        config = whole;
        config.jit = jitThreshold == 0 ? null : WasmBackend::new;
        config.jitThreshold = jitThreshold;
        config.boundsCompiler = jitThreshold > 1;
        disk = sectors == 0 ? null : new BrowserDisk(sectors);
        system = new KmosSystem(arena, config, WebPast.disk(disk), WebMachine::put);
        WebPast.built(system, config);
        WebCommands.built(system);
        WebCpu.built(system);
        return system;
    }

    /** Builds the machine of the standard scripted session (64 MiB, no display, fixed seed and start time); 0 on failure. */
    @Export(name = "buildScripted")
    static int buildScripted(int sectors, int jitThreshold) {
        int built = build(64, sectors, 0, new SystemConfig().kernel.startEpochSeconds, 1, jitThreshold);
        session = built == 0 ? null : new ScriptedSession(system, ScriptedSession.STANDARD, ScriptedSession.STANDARD_END);
        return built;
    }

    /** A slice of the scripted session: 0 call again, or ENDED, WAITS_FOR_HOST, FAILED. */
    @Export(name = "stepScripted")
    static double stepScripted(double cycles) {
        try {
            boolean goesOn = session.step((long) cycles);
            flushOutput();
            return !goesOn ? ENDED : system.machine().isWaitingForHost() ? WAITS_FOR_HOST : 0;
        } catch (RuntimeException | Error problem) {
            fail(problem);
            return FAILED;
        }
    }

    /** Hash of the machine's state as hexadecimal text in the transfer buffer; returns its length. */
    @Export(name = "stateHash")
    static int stateHash() {
        return text(Long.toHexString(session.hash()));
    }

    /**
     * Runs for at most so many cycles; realNs is the real time since the start, which guest time follows while
     * nothing runs. Returns 0 to be called again at once, nanoseconds to wait, or one of the negative codes.
     */
    @Export(name = "step")
    static double step(double cycles, double realNs) {
        try {
            long begin = System.nanoTime();
            double result = run((long) cycles, (long) realNs);
            WebPast.afterSlice(System.nanoTime() - begin);
            flushOutput();
            return result;
        } catch (RuntimeException | Error problem) {
            fail(problem);
            return FAILED;
        }
    }

    private static double run(long cycles, long realNs) {
        long next = system.runSlice(cycles);
        if (!system.isRunning()) {
            return ENDED;
        }
        if (system.machine().isWaitingForHost()) {
            return WAITS_FOR_HOST;
        }
        long now = system.machine().clock().nowNs();
        if (next <= now) {
            system.catchUp(realNs);
            return 0;
        }
        long wanted = Math.min(next, Math.max(now, realNs));
        if (wanted > now) {
            system.idleTo(wanted);
        }
        return next == TimerQueue.NEVER ? NOTHING_DUE : next - wanted;
    }

    private static void put(int value) {
        if (outputCount == OUTPUT_BYTES) {
            flushOutput();
        }
        Memory.put8(output + outputCount++, value);
    }

    static void flushOutput() {
        if (outputCount > 0) {
            int count = outputCount;
            outputCount = 0;
            Host.output(output, count);
        }
    }

    // Events from outside

    /** Takes as much of the count bytes in the transfer buffer as the serial line has room for; returns how many. */
    @Export(name = "input")
    static int input(int count) {
        int taken = Math.min(count, system.serialRoom());
        if (taken > 0) {
            system.typeSerial(bytes(taken));
        }
        return taken;
    }

    /** The window of the serial console changed. */
    @Export(name = "resize")
    static void resize(int columns, int rows) {
        system.resize("ttyS0", columns, rows);
    }

    /** A key of the PC keyboard: set 1 make code, plus 0x100 for a key with the prefix 0xE0. */
    @Export(name = "key")
    static void key(int code, int isDown) {
        system.key(code, isDown != 0);
    }

    @Export(name = "diskDone")
    static void diskDone(int request, int result) {
        disk.done(request, result);
    }

    // What the page shows

    /** Name of the kernel's state in the transfer buffer, a newline, and the reason; returns the length. */
    @Export(name = "endState")
    static int endState() {
        return text(system.kernel().state().name() + "\n" + system.kernel().stateReason());
    }

    @Export(name = "guestNs")
    static double guestNs() {
        return WebPast.ns(system.machine().clock().cycles());
    }

    @Export(name = "guestEpochMs")
    static double guestEpochMs() {
        return system.kernel().realTimeNs() / 1_000_000;
    }

    @Export(name = "instructions")
    static double instructions() {
        return system.cpu().instructionCount();
    }

    @Export(name = "memoryBytes")
    static double memoryBytes() {
        return system.machine().memory().size();
    }

    @Export(name = "freeBytes")
    static double freeBytes() {
        return system.kernel().frames().freeFrames() * 4096.0;
    }

    /** Linear address of the picture, or 0 while the display is off or not in a 32-bit mode. */
    @Export(name = "displayAddress")
    static int displayAddress() {
        VbeDisplay display = system.board().display();
        return display.isEnabled() && display.bitsPerPixel() == 32 ? display.frameAddress() : 0;
    }

    @Export(name = "displayWidth")
    static int displayWidth() {
        return system.board().display().width();
    }

    @Export(name = "displayHeight")
    static int displayHeight() {
        return system.board().display().height();
    }

    @Export(name = "displayStride")
    static int displayStride() {
        return system.board().display().strideBytes();
    }

    /** For tests of the error panel: reads behind the end of linear memory, which the browser answers with a trap. */
    @Export(name = "provokeTrap")
    static int provokeTrap() {
        return Memory.get32(-64);
    }

    /** For the error panel: who ran where. Text in the transfer buffer; returns its length. Works after a trap as well. */
    @Export(name = "dump")
    static int dump() {
        return text(StateText.processor(system));
    }

    /** The first count bytes of the transfer buffer. */
    static byte[] bytes(int count) {
        byte[] copy = new byte[count];
        Memory.read(transfer, copy, 0, count);
        return copy;
    }

    static int text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int count = Math.min(utf8.length, TRANSFER_BYTES);
        Memory.write(transfer, utf8, 0, count);
        return count;
    }

    static void fail(Throwable problem) {
        outputCount = 0;
        Host.failed(transfer, text(problem.toString()));
    }

    /** A problem of the user's, not of ours: its words without its class. */
    static void failPlainly(Throwable problem) {
        if (problem instanceof SnapshotException || problem instanceof BadRecordingException) {
            Host.failed(transfer, text(problem.getMessage()));
        } else {
            fail(problem);
        }
    }
}
