// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * Builds the default image: {@code BuildImage OUTPUT_DIR [--cache DIR] [--assets DIR] [--update-lock]}. Leaves kmos.img,
 * manifest.json, chunks/, console.psf and packages.lock (what was really used) in OUTPUT_DIR. Exit status 1 and one line
 * on standard error when something cannot be had.
 */
public final class BuildImage {
    private final Path output;
    private final Path cache;
    private final Path assets;
    private final boolean updatesLock;
    private final List<LockFile.Entry> used = new ArrayList<>();

    private BuildImage(Path output, Path cache, Path assets, boolean updatesLock) {
        this.output = output;
        this.cache = cache;
        this.assets = assets;
        this.updatesLock = updatesLock;
    }

    public static void main(String[] arguments) {
        try {
            parse(arguments).run();
        } catch (BuildFailure failure) {
            System.err.println("image: " + failure.getMessage());
            System.exit(1);
        } catch (IOException failure) {
            System.err.println("image: cannot read or write: " + failure);
            System.exit(1);
        }
    }

    private static BuildImage parse(String[] arguments) {
        Path output = null;
        Path cache = null;
        Path assets = Path.of("assets");
        boolean updatesLock = false;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--cache" -> cache = Path.of(value(arguments, ++i));
                case "--assets" -> assets = Path.of(value(arguments, ++i));
                case "--update-lock" -> updatesLock = true;
                default -> {
                    if (output != null || arguments[i].startsWith("-")) {
                        throw new BuildFailure("usage: BuildImage OUTPUT_DIR [--cache DIR] [--assets DIR] [--update-lock]");
                    }
                    output = Path.of(arguments[i]);
                }
            }
        }
        if (output == null) {
            throw new BuildFailure("usage: BuildImage OUTPUT_DIR [--cache DIR] [--assets DIR] [--update-lock]");
        }
        return new BuildImage(output, cache == null ? output.resolve("cache") : cache, assets, updatesLock);
    }

    private static String value(String[] arguments, int i) {
        if (i == arguments.length) {
            throw new BuildFailure(arguments[i - 1] + " needs a value");
        }
        return arguments[i];
    }

    private void run() throws IOException {
        Path overlay = assets.resolve("rootfs");
        if (!Files.isDirectory(overlay)) {
            throw new BuildFailure(overlay + " is missing: start from the project's root or give --assets DIR");
        }
        Files.createDirectories(output);
        Files.createDirectories(cache);
        List<LockFile.Entry> locked = updatesLock ? List.of() : LockFile.read(assets.resolve("packages.lock"));
        Map<String, List<LockFile.Entry>> sets = new TreeMap<>();
        for (String set : List.of(Recipe.FIRST, Recipe.SECOND)) {
            List<LockFile.Entry> entries = new ArrayList<>(fetch(set, locked.stream().filter(e -> e.set().equals(set)).toList()));
            entries.sort(Comparator.comparing(LockFile.Entry::name)); // the same bytes, however they were found
            sets.put(set, entries);
        }
        writeFont(sets.get(Recipe.FIRST));
        System.out.println("image: unpacking " + used.size() + " packages");
        RootTree tree = new RootTree();
        tree.addSkeleton();
        for (String set : List.of(Recipe.FIRST, Recipe.SECOND)) {
            for (LockFile.Entry e : sets.get(set)) {
                boolean isShared = set.equals(Recipe.SECOND) && e.architecture().equals("all");
                if (!e.name().equals(Recipe.FONT_PACKAGE) && !isShared) {
                    tree.addPackage(file(e), set.equals(Recipe.SECOND));
                }
            }
        }
        tree.addHome();
        tree.addLinks();
        tree.addOverlay(overlay);
        System.out.println("image: writing " + tree.nodes().size() + " files to " + output.resolve("kmos.img"));
        byte[] disk = DiskWriter.write(tree);
        Files.write(output.resolve("kmos.img"), disk);
        System.out.println("image: cutting into chunks");
        long bytes = ImageChunks.write(disk, Recipe.CHUNK_BYTES, output);
        LockFile.write(output.resolve("packages.lock"), used);
        if (updatesLock) {
            LockFile.write(assets.resolve("packages.lock"), used);
        }
        System.out.println("image: done, " + disk.length / (1 << 20) + " MiB disk, " + bytes / 1024 + " KiB of chunks");
    }

    private Path file(LockFile.Entry e) {
        return cache.resolve("packages").resolve(e.fileName());
    }

    /** The packages of one set, in the cache. Locked ones that are there with the right hash need no network. */
    private List<LockFile.Entry> fetch(String set, List<LockFile.Entry> locked) throws IOException {
        if (!locked.isEmpty() && areCached(locked)) {
            used.addAll(locked);
            return locked;
        }
        Apt apt = new Apt(set, cache);
        System.out.println("image: reading package lists (" + set + ")");
        apt.update();
        List<LockFile.Entry> missing = locked.stream().filter(e -> !isCached(e)).toList();
        if (!locked.isEmpty()) {
            System.out.println("image: downloading " + missing.size() + " packages (" + set + ")");
            boolean isDone = apt.download(missing, cache.resolve("packages"));
            if (isDone && areCached(locked)) {
                used.addAll(locked);
                return locked;
            }
            System.out.println("image: a locked package (" + set + ") is gone or has changed, taking the archive's current versions: "
                + apt.lastProblem());
        }
        return fetchCurrent(apt, set, locked);
    }

    private List<LockFile.Entry> fetchCurrent(Apt apt, String set, List<LockFile.Entry> locked) throws IOException {
        List<LockFile.Entry> resolved = apt.resolve(Recipe.PACKAGES.get(set));
        if (resolved == null || resolved.isEmpty()) {
            throw new BuildFailure("apt cannot resolve the packages for " + set + " (no network, or no package lists): " + apt.lastProblem());
        }
        List<LockFile.Entry> wanted = new ArrayList<>();
        for (LockFile.Entry e : resolved) {
            boolean isLeftOut = Recipe.LEFT_OUT.contains(e.name()) || set.equals(Recipe.SECOND) && Recipe.LEFT_OUT_SECOND.contains(e.name());
            if (!isLeftOut) {
                wanted.add(e);
            }
        }
        if (set.equals(Recipe.FIRST)) {
            List<LockFile.Entry> font = apt.resolve(List.of(Recipe.FONT_PACKAGE));
            for (LockFile.Entry e : font == null ? List.<LockFile.Entry>of() : font) {
                if (e.name().equals(Recipe.FONT_PACKAGE)) {
                    wanted.add(e);
                }
            }
        }
        List<LockFile.Entry> missing = wanted.stream().filter(e -> !Files.exists(file(e))).toList();
        System.out.println("image: downloading " + missing.size() + " packages (" + set + ")");
        if (!apt.download(missing, cache.resolve("packages"))) {
            throw new BuildFailure("packages for " + set + " cannot be downloaded: " + apt.lastProblem());
        }
        List<LockFile.Entry> result = new ArrayList<>();
        for (LockFile.Entry e : wanted) {
            LockFile.Entry hashed = e.withHash(ImageChunks.sha256(Files.readAllBytes(file(e))));
            for (LockFile.Entry old : locked) {
                if (old.name().equals(e.name()) && !old.version().equals(e.version())) {
                    System.out.println("image: " + e.name() + " (" + set + ") " + old.version() + " is replaced by " + e.version());
                }
            }
            result.add(hashed);
        }
        used.addAll(result);
        return result;
    }

    private boolean areCached(List<LockFile.Entry> entries) {
        return entries.stream().allMatch(this::isCached);
    }

    private boolean isCached(LockFile.Entry e) {
        try {
            return Files.exists(file(e)) && ImageChunks.sha256(Files.readAllBytes(file(e))).equals(e.sha256());
        } catch (IOException unreadable) {
            throw new BuildFailure("cannot read " + file(e), unreadable);
        }
    }

    private void writeFont(List<LockFile.Entry> first) throws IOException {
        byte[][] font = new byte[1][];
        for (LockFile.Entry e : first) {
            if (e.name().equals(Recipe.FONT_PACKAGE)) {
                DebPackage.read(file(e), (path, entry, content) -> {
                    if (path.equals(Recipe.FONT)) {
                        font[0] = content;
                    }
                });
            }
        }
        if (font[0] == null) {
            throw new BuildFailure("the console font " + Recipe.FONT + " is not in the package " + Recipe.FONT_PACKAGE);
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(font[0]))) {
            byte[] psf = in.readAllBytes();
            if (psf.length < 32 || !(psf[0] == 0x36 && psf[1] == 4 || Arrays.equals(Arrays.copyOf(psf, 4), new byte[] {0x72, (byte) 0xB5, 0x4A, (byte) 0x86}))) {
                throw new BuildFailure(Recipe.FONT + " is not a PSF font");
            }
            Files.write(output.resolve("console.psf"), psf);
        }
    }
}
