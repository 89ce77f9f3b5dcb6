// SPDX-License-Identifier: Apache-2.0
package kmos.headless.lessons;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import kmos.base.MemoryArena;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.host.ByteSink;
import kmos.system.KmosSystem;
import kmos.system.ScreenText;
import kmos.system.SystemConfig;
import kmos.system.snapshot.BaseFile;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Recipe;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;

/** The base's machine with a lesson's lines typed into it, each when what came before has come to rest. The same every time. */
public final class LessonMachine implements AutoCloseable {
    private static final long SLICE_CYCLES = 1_000_000;
    /** Guest time without output after which a line is done; and after which the next is typed in any case. */
    private static final long REST_NS = 300_000_000, LIMIT_NS = 5_000_000_000L;
    /** So much time passes at the keyboard in a slice: for a program that never ends this is a slow machine, and few instructions. */
    private static final long SLICE_NS = 20_000_000;
    /** What a line ends with that is typed without Enter. */
    private static final String HALF = "\\c";

    private final SystemConfig config;
    private final String imageDigest;
    private final FileDisk disk;
    private final KmosSystem system;
    private final Recipe recipe;
    private long outputCount;
    private long hostNs;

    /** config: as BaseAsset has it, or with other RAM. */
    public LessonMachine(MemoryArena arena, SystemConfig config, Path image, Lesson lesson) throws IOException {
        this(arena, config, image, lesson, b -> { });
    }

    /** heard: what the machine writes on its console. */
    public LessonMachine(MemoryArena arena, SystemConfig config, Path image, Lesson lesson, ByteSink heard) throws IOException {
        this.config = config;
        imageDigest = SnapshotFiles.imageDigest(image);
        disk = new FileDisk(image, false);
        system = new KmosSystem(arena, config, disk, b -> {
            outputCount++;
            heard.put(b);
        });
        BaseFile.boot(system, SLICE_CYCLES);
        recipe = Recipe.follow(system);
        disk.forgetReads();
        for (String line : lesson.setup()) {
            type(line.endsWith(HALF) ? line.substring(0, line.length() - HALF.length()) : line + "\n");
        }
    }

    private long nowNs() {
        return system.machine().clock().nowNs();
    }

    /** Types on the keyboard, and waits until what it gives has come to rest. */
    public void type(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            while (system.serialRoom() == 0) {
                run();
            }
            system.typeSerial(b);
        }
        settle();
    }

    private void settle() {
        long end = nowNs() + LIMIT_NS, quiet = nowNs(), count = outputCount;
        while (nowNs() < end && nowNs() - quiet < REST_NS) {
            run();
            if (count != outputCount) {
                count = outputCount;
                quiet = nowNs();
            }
        }
    }

    private void run() {
        long next = system.runSlice(SLICE_CYCLES);
        long now = nowNs();
        hostNs = Math.max(hostNs, now) + SLICE_NS;
        if (next > now) {
            system.idleTo(Math.min(next, hostNs));
        } else {
            system.catchUp(hostNs);
        }
    }

    public KmosSystem system() {
        return system;
    }

    /** Instructions that whoever opens the recipe runs. */
    public long instructions() {
        return recipe.instructions();
    }

    /** How the machine came to be what it is, and its screen. */
    public Snapshot recipe() {
        Snapshot s = MachineFacts.describe(config, imageDigest);
        SnapshotCodec.add(s, new MachineImage(new byte[0], new TreeMap<>()), 0, null, disk);
        while (!recipe.add(s)) {
            run(); // it waits for its disk
        }
        SnapshotCodec.addReads(s, disk.atHand());
        return withScreen(s);
    }

    /** Its state as the difference to the base. */
    public Snapshot state(SnapshotCodec.Base base) {
        return withScreen(SnapshotFiles.save(system, config, disk, imageDigest, base));
    }

    private Snapshot withScreen(Snapshot s) {
        var screen = system.serialScreen().screen();
        s.setSection("screen", (screen.columns() + " " + screen.rows() + "\n" + ScreenText.paint(system.serialScreen())).getBytes(StandardCharsets.UTF_8));
        return s;
    }

    @Override
    public void close() throws IOException {
        system.close();
        disk.close();
    }
}
