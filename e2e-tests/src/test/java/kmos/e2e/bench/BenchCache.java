// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the benchmark builds and fetches, kept in a folder: the programs for both word sizes as a root file system and as an
 * archive, and the peers. Packages are Debian's, fetched by apt-get as the host is set up (with the architecture i386 added);
 * v86 is npm's.
 */
final class BenchCache {
    private static final Path SOURCES = Path.of("e2e-tests/src/test/resources/bench");
    private static final List<String> PACKAGES = List.of("busybox-static", "lua5.4", "liblua5.4-0", "libc6", "libreadline8", "libtinfo6", "libgcc-s1");
    private static final List<String> PROGRAMS = List.of("core", "dhry", "calls", "mem", "sys", "timeit", "gendata");
    private static final String V86_VERSION = "0.5.462";

    private final Path folder;

    BenchCache(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
    }

    Path folder() {
        return folder;
    }

    /** Root of the programs. */
    Path root(boolean is64) {
        return folder.resolve(is64 ? "rootfs-amd64" : "rootfs-i386");
    }

    /** Path of the archive of the programs below the folder. */
    static String archive(boolean is64) {
        return is64 ? "rootfs-amd64.cpio" : "rootfs-i386.cpio";
    }

    /** Builds the programs of one word size, if they are not there. */
    void programs(boolean is64) throws IOException, InterruptedException {
        String arch = is64 ? "amd64" : "i386";
        if (Files.exists(folder.resolve(archive(is64)))) {
            return;
        }
        say("Building the benchmark's programs for " + arch);
        Path root = folder.resolve("rootfs-" + arch + ".new");
        delete(root);
        String triplet = is64 ? "x86_64-linux-gnu" : "i386-linux-gnu";
        for (String dir : List.of("bin", "dev", "proc", "scratch", "bench/bin", "usr/bin", "lib", "usr/lib", "lib64")) {
            Files.createDirectories(root.resolve(dir));
        }
        for (String p : PACKAGES) {
            Path unpacked = debian(p + ":" + arch);
            for (String place : List.of("lib/" + triplet, "usr/lib/" + triplet)) {
                copyLibraries(unpacked.resolve(place), root.resolve(place));
            }
        }
        copy(debian("busybox-static:" + arch).resolve("bin/busybox"), root.resolve("bin/busybox"));
        copy(debian("lua5.4:" + arch).resolve("usr/bin/lua5.4"), root.resolve("usr/bin/lua5.4"));
        String loader = is64 ? "ld-linux-x86-64.so.2" : "ld-linux.so.2";
        Files.createSymbolicLink(root.resolve(is64 ? "lib64" : "lib").resolve(loader), Path.of(is64 ? "../lib/" + triplet : triplet).resolve(loader));
        compile(root.resolve("bench/bin"), is64);
        copyTree(SOURCES.resolve("lua"), root.resolve("bench/lua"));
        copy(SOURCES.resolve("guest/init"), root.resolve("init"));
        root.resolve("init").toFile().setExecutable(true);
        CpioWriter.write(root, folder.resolve(archive(is64) + ".new"));
        delete(root(is64));
        Files.move(root, root(is64));
        Files.move(folder.resolve(archive(is64) + ".new"), folder.resolve(archive(is64)));
    }

    private void compile(Path bin, boolean is64) throws IOException, InterruptedException {
        Path cold = folder.resolve("cold.c");
        Files.writeString(cold, ColdSource.text());
        Path src = SOURCES.resolve("src");
        // i386 code is Debian's baseline (i686) with SSE2, so that every peer can run it.
        List<String> sse = List.of("-msse2", "-mfpmath=sse");
        for (String p : PROGRAMS) {
            gcc(bin, p, src.resolve(p + ".c"), is64, sse);
        }
        gcc(bin, "vm_switch", src.resolve("vm.c"), is64, sse);
        gcc(bin, "vm_goto", src.resolve("vm.c"), is64, List.of("-msse2", "-mfpmath=sse", "-DGOTO", "-fno-gcse"));
        gcc(bin, "mandel_sse2", src.resolve("mandel.c"), is64, sse);
        gcc(bin, "mandel_sse2_packed", src.resolve("mandel.c"), is64, List.of("-msse2", "-mfpmath=sse", "-DPACKED"));
        gcc(bin, "mandel_x87", src.resolve("mandel.c"), is64, List.of("-mfpmath=387", "-DX87"));
        gcc(bin, "cold_code", cold, is64, sse);
    }

    private static void gcc(Path bin, String name, Path source, boolean is64, List<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("gcc", "-static", "-s", "-O2", is64 ? "-m64" : "-m32", "-I" + SOURCES.resolve("src"), "-o", bin.resolve(name).toString()));
        command.addAll(flags);
        command.add(source.toString());
        tool(Path.of("."), command);
    }

    /** The host's qemu in the chroot; null, or why there is none. */
    String qemu(boolean is64) throws IOException {
        String name = is64 ? "qemu-x86_64-static" : "qemu-i386-static";
        Path program = Path.of("/usr/bin", name);
        if (!Files.isExecutable(program)) {
            return name + " is not installed (Debian: apt-get install qemu-user-static)";
        }
        Path to = root(is64).resolve(".peer/qemu");
        Files.createDirectories(to.getParent());
        copy(program, to);
        return null;
    }

    /** A page with v86 and a guest kernel in the folder v86; null, or why there is none. */
    String v86() throws InterruptedException {
        Path page = folder.resolve("v86");
        if (Files.exists(page.resolve("complete"))) {
            return null;
        }
        try {
            say("Fetching v86 " + V86_VERSION + ", its guest's kernel and BIOS");
            Files.createDirectories(page);
            Path npm = Files.createDirectories(folder.resolve("npm"));
            Files.writeString(npm.resolve("package.json"), "{\"private\":true}");
            tool(npm, List.of("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "v86@" + V86_VERSION));
            Path build = npm.resolve("node_modules/v86/build");
            copy(build.resolve("libv86.js"), page.resolve("libv86.js"));
            copy(build.resolve("v86.wasm"), page.resolve("v86.wasm"));
            String depends = tool(folder, List.of("apt-cache", "depends", "linux-image-686:i386"));
            String kernel = depends.lines().map(String::trim).filter(l -> l.startsWith("Depends: linux-image-")).map(l -> l.substring(9).replace(":i386", "")).findFirst()
                .orElseThrow(() -> new IOException("apt-cache knows no kernel behind linux-image-686:i386"));
            try (Stream<Path> boot = Files.list(debian(kernel + ":i386").resolve("boot"))) {
                Path image = boot.filter(p -> p.getFileName().toString().startsWith("vmlinuz")).findFirst().orElseThrow(() -> new IOException("no vmlinuz in " + kernel));
                copy(image, page.resolve("vmlinuz"));
            }
            Path bios = debian("seabios:all").resolve("usr/share/seabios");
            copy(bios.resolve("bios.bin"), page.resolve("seabios.bin"));
            copy(bios.resolve("vgabios-stdvga.bin"), page.resolve("vgabios.bin"));
            copyTree(SOURCES.resolve("v86"), page);
            copy(folder.resolve(archive(false)), page.resolve("initrd.cpio"));
            Files.writeString(page.resolve("complete"), kernel + "\n");
            return null;
        } catch (IOException unavailable) {
            return unavailable.getMessage().lines().findFirst().orElse("v86 could not be fetched");
        }
    }

    /** An unpacked package, name:architecture. */
    private Path debian(String name) throws IOException, InterruptedException {
        Path unpacked = folder.resolve("packages").resolve(name.replace(':', '_'));
        if (Files.exists(unpacked)) {
            return unpacked;
        }
        Path deb = folder.resolve("deb");
        delete(deb);
        Files.createDirectories(deb);
        tool(deb, List.of("apt-get", "-q", "download", name.replace(":all", "")));
        Path temporary = folder.resolve("packages/unpacking");
        delete(temporary);
        Files.createDirectories(temporary);
        try (Stream<Path> files = Files.list(deb)) {
            Path archive = files.findFirst().orElseThrow(() -> new IOException("apt-get download " + name + " left nothing"));
            tool(deb, List.of("dpkg", "-x", archive.toString(), temporary.toString()));
        }
        Files.move(temporary, unpacked);
        return unpacked;
    }

    /** Output of a command; IOException with it when it fails. */
    private static String tool(Path dir, List<String> command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!p.waitFor(300, TimeUnit.SECONDS) || p.exitValue() != 0) {
            throw new IOException(String.join(" ", command.subList(0, Math.min(4, command.size()))) + " failed: " + text.strip().replace('\n', ' '));
        }
        return text;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Shared libraries of a folder, links as links. */
    private static void copyLibraries(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path p : files.filter(f -> f.getFileName().toString().contains(".so")).toList()) {
                Files.copy(p, to.resolve(p.getFileName()), StandardCopyOption.REPLACE_EXISTING, java.nio.file.LinkOption.NOFOLLOW_LINKS);
                to.resolve(p.getFileName()).toFile().setExecutable(true, false);
            }
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path p : files.toList()) {
                copy(p, to.resolve(p.getFileName()));
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException problem) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static void say(String what) {
        System.err.println("== " + what);
    }
}
