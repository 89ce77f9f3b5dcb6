// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.util.Arrays;
import kmos.base.Memory;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import org.teavm.interop.Export;

/** Runs a recording, as fast as it goes, and compares its hashes: exported functions of numbers. */
final class WebReplay {
    private static byte[] bytes;
    private static int count;
    private static Recording recording;
    private static Replayer replayer;

    private WebReplay() { }

    /** Makes the exports of this class part of the module. */
    static void prepare() {
        bytes = new byte[0];
    }

    /** A recording of so many bytes follows. */
    @Export(name = "replayOpen")
    static void replayOpen(int size) {
        bytes = new byte[size];
        count = 0;
    }

    @Export(name = "replayPiece")
    static void replayPiece(int length) {
        Memory.read(WebMachine.transferBuffer(), bytes, count, length);
        count += length;
    }

    /** Builds the recorded machine. imageLength: of the image's name in the transfer buffer. 0 after {@link Host#failed}. */
    @Export(name = "replayBuild")
    static int replayBuild(int sectors, int imageLength, int jitThreshold) {
        try {
            byte[] image = new byte[imageLength];
            Memory.read(WebMachine.transferBuffer(), image, 0, imageLength);
            recording = Recording.parse(Arrays.copyOf(bytes, count));
            recording.requireBuild(new String(image, java.nio.charset.StandardCharsets.ISO_8859_1));
            replayer = recording.replayer(WebMachine.build(recording.systemConfig(null), sectors, jitThreshold), true);
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    /** A slice: 0 call again, -2 the end, -3 waits for the host, -4 after {@link Host#failed} (a hash that differs, too). */
    @Export(name = "replayStep")
    static double replayStep(double cycles) {
        try {
            boolean goesOn = replayer.step((long) cycles, Long.MAX_VALUE);
            WebMachine.flushOutput();
            return !goesOn ? -2 : WebMachine.system().machine().isWaitingForHost() ? -3 : 0;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return -4;
        }
    }

    /** Hashes that were compared, and equal. */
    @Export(name = "replayHashes")
    static double replayHashes() {
        return replayer.hashesCompared();
    }
}
