// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The C programs below src/test/c, compiled per variant into target/e2e/VARIANT. A source's line {@code // flags: ...}
 * adds options for gcc; {@code // only: dynamic} keeps a program out of the static variants; {@code // library: NAME}
 * builds lib/NAME.c as a shared object beside it; {@code // needs: FLAG} is what the host's /proc/cpuinfo must have.
 */
final class Programs {
    static final Path SOURCES = Path.of("src/test/c").toAbsolutePath();
    static final Path TARGET = Path.of("target/e2e").toAbsolutePath();

    private Programs() { }

    /** Names of a variant's programs, sorted. kmos.e2e.only: a regular expression that they must match. */
    static List<String> names(Variant variant) throws IOException {
        String only = System.getProperty("kmos.e2e.only", ".*");
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path p : files.sorted().toList()) {
                String file = p.getFileName().toString();
                if (file.endsWith(".c") && file.replace(".c", "").matches(only)
                    && !(variant.isStatic() && "dynamic".equals(note(p, "only")))) {
                    names.add(file.substring(0, file.length() - 2));
                }
            }
        }
        return names;
    }

    /** Compiles what is older than its source; returns the folder of the programs. */
    static Path build(Variant variant) throws IOException {
        Path folder = Files.createDirectories(TARGET.resolve(variant.folder()));
        long header = Files.getLastModifiedTime(SOURCES.resolve("t.h")).toMillis();
        List<List<String>> commands = new ArrayList<>();
        for (String name : names(variant)) {
            Path source = SOURCES.resolve(name + ".c");
            add(commands, variant, source, folder.resolve(name), header, List.of());
            String library = note(source, "library");
            if (library != null) {
                add(commands, variant, SOURCES.resolve("lib/" + library + ".c"), folder.resolve("lib" + library + ".so"), header, List.of("-shared", "-fPIC"));
            }
        }
        Path runner = SOURCES.resolve("runner/runner.c");
        add(commands, Variant.AMD64_STATIC, runner, TARGET.resolve("runner"), 0, List.of());
        runAll(commands);
        return folder;
    }

    private static void add(List<List<String>> commands, Variant variant, Path source, Path program, long header, List<String> more) throws IOException {
        if (Files.exists(program) && Files.getLastModifiedTime(program).toMillis() > Math.max(header, Files.getLastModifiedTime(source).toMillis())) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu17", "-O1", "-w", "-s", "-pthread", "-rdynamic"));
        if (!more.isEmpty() || variant.isStatic()) {
            command.remove("-rdynamic");
        }
        for (String flag : variant.flags) {
            if (more.isEmpty() || !flag.equals("-pie") && !flag.equals("-fPIE")) {
                command.add(flag);
            }
        }
        command.addAll(more);
        String flags = note(source, "flags");
        if (flags != null) {
            command.addAll(List.of(flags.split(" ")));
        }
        command.addAll(List.of("-o", program.toString(), source.toString(), "-lm"));
        if (!variant.isStatic()) {
            command.add("-ldl");
        }
        commands.add(command);
    }

    private static void runAll(List<List<String>> commands) throws IOException {
        List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        commands.parallelStream().forEach(command -> {
            try {
                Tool.run(SOURCES, command);
            } catch (IOException failed) {
                failures.add(failed.getMessage());
            }
        });
        if (!failures.isEmpty()) {
            throw new IOException(String.join("\n", failures));
        }
    }

    /** Null, or why the host is no measure for a program: {@code // needs: FLAG} names what its processor must have. */
    static String missing(String name) throws IOException {
        String flag = note(SOURCES.resolve(name + ".c"), "needs");
        boolean isThere = flag == null || Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\b" + flag + "\\b.*");
        return isThere ? null : "the host's processor has no " + flag;
    }

    private static String note(Path source, String key) throws IOException {
        for (String line : Files.readAllLines(source, StandardCharsets.UTF_8)) {
            if (line.startsWith("// " + key + ": ")) {
                return line.substring(key.length() + 5);
            }
        }
        return null;
    }
}
