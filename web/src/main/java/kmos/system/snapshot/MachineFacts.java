// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.nio.charset.StandardCharsets;
import kmos.base.Hash64;
import kmos.base.StateFile;
import kmos.cpu.CpuModel;
import kmos.kernel.KernelConfig;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/** What a machine was built from, as facts of its snapshot: who restores it needs the same. */
public final class MachineFacts {
    private static final String BUILD = "build", IMAGE = "image", SEED = "seed", EPOCH = "epoch", OPTIONS = "options";
    /** What saved fields mean: {@link StateFile#VERSION}. A snapshot without it is of version 1. */
    private static final String STATE = "state";

    private MachineFacts() { }

    /** A new snapshot with the facts of a machine of that configuration. image: SHA-256 of the disk image, or empty. */
    public static Snapshot describe(SystemConfig config, String image) {
        Snapshot s = new Snapshot(config.memoryMegabytes, level(config.cpuModel));
        s.setFact(BUILD, KmosSystem.build());
        s.setFact(IMAGE, shortImage(image));
        s.setFact(SEED, Long.toString(config.kernel.seed, 36));
        s.setFact(EPOCH, Long.toString(config.kernel.startEpochSeconds, 36));
        s.setFact(OPTIONS, options(config));
        s.setFact(STATE, Integer.toString(StateFile.VERSION));
        return s;
    }

    /** All of it in one line: whoever has the same line can go on with the same states. */
    static String name(SystemConfig config, String image) {
        return KmosSystem.build() + " image " + shortImage(image) + " memory " + config.memoryMegabytes + " processor " + level(config.cpuModel) + " seed "
            + config.kernel.seed + " epoch " + config.kernel.startEpochSeconds + " options " + options(config);
    }

    /** Sets in config what a snapshot prescribes and what has no other source: RAM, processor, seed, start time. */
    public static void apply(Snapshot s, SystemConfig config) {
        config.memoryMegabytes = s.memoryMegabytes();
        config.cpuModel = s.cpuLevel() == 2 ? CpuModel.v2() : s.cpuLevel() == 3 ? CpuModel.v3() : CpuModel.max();
        try {
            config.kernel.seed = Long.parseLong(String.valueOf(s.fact(SEED)), 36);
            config.kernel.startEpochSeconds = Long.parseLong(String.valueOf(s.fact(EPOCH)), 36);
        } catch (NumberFormatException damaged) {
            throw new SnapshotException("this snapshot is damaged: it does not say how its machine was started");
        }
    }

    /** The build that made a snapshot. */
    public static String build(Snapshot s) {
        return String.valueOf(s.fact(BUILD));
    }

    /** Whether this build made it: then its machine goes on here as it would have there. */
    public static boolean isOfThisBuild(Snapshot s) {
        return KmosSystem.build().equals(s.fact(BUILD));
    }

    /** SnapshotException when a machine of config (after {@link #apply}) with that image is not the snapshot's kind. */
    public static void check(Snapshot s, SystemConfig config, String image) {
        if (!isOfThisBuild(s)) {
            throw new SnapshotException("this snapshot is of kmOS build " + build(s) + ", this is build " + KmosSystem.build() + ": open it with the build that made it");
        }
        checkKind(s, config, image);
    }

    /** The same for a snapshot of any build, which {@link Restore} may be able to restore. */
    public static void checkKind(Snapshot s, SystemConfig config, String image) {
        if (s.fact(STATE) != null && number(s, STATE, 1, Integer.MAX_VALUE) != StateFile.VERSION) {
            throw new SnapshotException("this snapshot is of kmOS build " + build(s) + ", whose saved states have another meaning (version " + s.fact(STATE) + ", here "
                + StateFile.VERSION + "): open it with the build that made it");
        }
        if (!shortImage(image).equals(s.fact(IMAGE))) {
            throw new SnapshotException("this snapshot belongs to the disk image " + s.fact(IMAGE) + ", here is " + shortImage(image));
        }
        if (!options(config).equals(s.fact(OPTIONS))) {
            throw new SnapshotException("this snapshot is of a machine that was started with other options (font, init, console)");
        }
    }

    /** The fact as a number within bounds. */
    static long number(Snapshot s, String name, long least, long most) {
        try {
            long value = Long.parseLong(String.valueOf(s.fact(name)));
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException damaged) {
            // as out of bounds
        }
        throw new SnapshotException("this snapshot is damaged: " + name + " is " + s.fact(name));
    }

    private static int level(CpuModel model) {
        return model.name().equals("v2") ? 2 : model.name().equals("v3") ? 3 : 4;
    }

    private static String shortImage(String image) {
        return image.length() > 16 ? image.substring(0, 16) : image;
    }

    /** All that a kernel or board takes from its configuration beside the above. */
    private static String options(SystemConfig config) {
        KernelConfig k = config.kernel;
        StringBuilder text = new StringBuilder();
        text.append(config.font == null ? 0 : Hash64.of(config.font)).append('\n').append(config.showsKernelLog).append(k.isInitGiven).append(k.isCommand)
            .append(k.isHosted).append(k.isConsoleControlling).append(k.isRootReadOnly).append(k.isAddressRandomized).append('\n')
            .append(k.console).append('\n').append(k.commandLine).append('\n').append(k.hostName).append('\n').append(k.rootDevice).append('\n');
        for (String word : k.init) {
            text.append(word).append('\0');
        }
        for (String variable : k.environment) {
            text.append(variable).append('\0');
        }
        return Long.toHexString(Hash64.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
