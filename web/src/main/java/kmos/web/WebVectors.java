// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.cpu.wasm.WasmBackend;
import kmos.vectors.DecodeCost;
import kmos.vectors.Replay;
import org.teavm.interop.Export;

/**
 * Replays recorded instruction results in the page's module, with the runner that {@code ./kmos vectors} uses on the JVM.
 * A file's text comes in pieces through the transfer buffer.
 */
final class WebVectors {
    private static final int REPORT_CHARACTERS = 60_000, LONGEST_LINE = 400;

    private static MemoryArena arena;
    private static Replay replay;
    private static StringBuilder rest;

    private WebVectors() { }

    static void prepare(MemoryArena memory) {
        arena = memory;
    }

    /** Begins a file of mode 16, 32 or 64; of each instruction's tests every sample-th is run (1: all); isJit: in code compiled at first sight. 1, or 0 on failure. */
    @Export(name = "vectorsOpen")
    static int open(int mode, int sample, int isJit) {
        try {
            rest = new StringBuilder();
            replay = new Replay(arena, mode, java.util.Set.of(), CpuModel.max());
            replay.setSample(sample);
            if (isJit != 0) {
                replay.cpu().enableJit(new WasmBackend(replay.cpu().base()), arena, 1);
            }
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    /** The next count bytes of the file, in the transfer buffer. 1, or 0 after {@link Host#failed}. */
    @Export(name = "vectorsText")
    static int text(int count) {
        try {
            for (int i = 0; i < count; i++) {
                char c = (char) Memory.get8(WebMachine.transferBuffer() + i);
                if (c == '\n') {
                    replay.line(rest.toString());
                    rest.setLength(0);
                } else {
                    rest.append(c);
                }
            }
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    /** What decoding costs here: {@link DecodeCost}; -1 after {@link Host#failed}. */
    @Export(name = "decodeCost")
    static double decodeCost(int bits) {
        try {
            return DecodeCost.nanoseconds(arena, bits);
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return -1;
        }
    }

    /**
     * Ends the file. In the transfer buffer then: a line of numbers (run, passed, failed, not implemented), and for each of
     * the first failures its instruction, test and difference in one line. Returns the text's length.
     */
    @Export(name = "vectorsClose")
    static int close() {
        StringBuilder report = new StringBuilder();
        report.append(replay.run()).append(' ').append(replay.passed()).append(' ').append(replay.failed()).append(' ').append(replay.notImplemented()).append('\n');
        String last = "";
        for (Replay.Failure f : replay.failures()) {
            if (!f.instruction().equals(last) && report.length() < REPORT_CHARACTERS) {
                report.append(f.instruction()).append(" | ").append(cut(f.test())).append(" |").append(cut(f.difference())).append('\n');
                last = f.instruction();
            }
        }
        replay.close(arena);
        replay = null;
        return WebMachine.text(report.toString());
    }

    private static String cut(String line) {
        return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) : line;
    }
}
