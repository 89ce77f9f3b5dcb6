// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import kmos.kernel.KernelConfig;
import kmos.machine.VirtualClock;
import kmos.system.SystemConfig;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import kmos.system.replay.TimeTravel;
import org.teavm.interop.Export;

/** Runs a recording and compares its hashes: exported functions of numbers. The file comes through {@link WebSnapshots#put}. */
final class WebReplay {
    private static final double END = -2, WAITS_FOR_HOST = -3, FAILED = -4, LIMIT = -5;

    private static Recording recording;
    private static Replayer replayer;
    private static double endNs;

    private WebReplay() { }

    /** Makes the exports of this class part of the module. */
    static void prepare() {
        endNs = 0;
    }

    /** Reads what was put as a recording for the image that was named. 0 after {@link Host#failed}; 2: another build made it, only its start is of use. */
    @Export(name = "replayOpen")
    static int replayOpen() {
        try {
            recording = Recording.parse(WebSnapshots.incoming());
            if (!recording.isOfThisBuild() && recording.start() != null) {
                recording.requireImage(WebSnapshots.imageName());
                return 2;
            }
            recording.requireBuild(WebSnapshots.imageName());
            endNs = WebPast.ns(recording.endCycles());
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** Builds the recorded machine. fontBytes: of a PSF font in the transfer buffer, which is used if the machine had a display. 0 after {@link Host#failed}. */
    @Export(name = "replayBuild")
    static int replayBuild(int sectors, int fontBytes, int jitThreshold) {
        try {
            byte[] font = recording.config().contains("font none\n") ? null : WebMachine.bytes(fontBytes);
            WebMachine.build(recording.systemConfig(font), sectors, jitThreshold);
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** The snapshot at which the recording begins is got next: its length, or 0, it begins at boot. */
    @Export(name = "replayStart")
    static int replayStart() {
        return recording.start() == null ? 0 : WebSnapshots.give(recording.start());
    }

    /** Whether the recorded machine began as everybody's does, so that what is shared of it can build on the base. */
    @Export(name = "replayHasBase")
    static int replayHasBase() {
        KernelConfig usual = new SystemConfig().kernel, here = WebMachine.config().kernel;
        return here.seed == usual.seed && here.startEpochSeconds == usual.startEpochSeconds ? 1 : 0;
    }

    /** The machine stands where the recording begins. */
    @Export(name = "replayBegin")
    static void replayBegin() {
        TimeTravel travel = WebPast.travel();
        replayer = travel == null ? recording.replayer(WebMachine.system(), true) : recording.replayer(WebMachine.system(), true, travel.log());
    }

    /** The machine is back from its past, which had its own expectations. */
    @Export(name = "replayResume")
    static void replayResume() {
        recording.expectFailures(WebMachine.system());
    }

    /** The recording is left, at its end or before it: from now on the disk itself decides. */
    @Export(name = "replayLeave")
    static void replayLeave() {
        WebMachine.system().outside().setFailures(null);
        recording = null;
        replayer = null;
    }

    /** A slice to guest time limitNs at most: 0 call again, -5 it is reached, -2 the end, -3 waits for the host, -4 after {@link Host#failed} (a hash that differs, too). */
    @Export(name = "replayStep")
    static double replayStep(double cycles, double limitNs) {
        try {
            long limit = limitNs >= endNs ? Long.MAX_VALUE : (long) (limitNs * VirtualClock.CYCLES_PER_NS);
            long begin = System.nanoTime();
            boolean goesOn = replayer.step((long) cycles, limit);
            WebPast.afterSlice(System.nanoTime() - begin);
            WebMachine.flushOutput();
            return goesOn ? WebMachine.system().machine().isWaitingForHost() ? WAITS_FOR_HOST : 0 : replayer.isAtEnd() ? END : LIMIT;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return FAILED;
        }
    }

    /** Guest time of the recording's end. */
    @Export(name = "replayEndNs")
    static double replayEndNs() {
        return endNs;
    }

    /** Hashes that were compared, and equal. */
    @Export(name = "replayHashes")
    static double replayHashes() {
        return replayer.hashesCompared();
    }
}
