// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * apt of the host with state and cache of its own, for one architecture: nothing of the host's packages is touched, and
 * the architecture need not be the host's. apt checks the archive's signatures.
 */
final class Apt {
    private static final Pattern DEBIAN_URI = Pattern.compile("https?://\\S+/debian(-security)?/?(\\s|$)");
    private static final Pattern URI_LINE = Pattern.compile("^'[^']*' (([^_ ]+)_([^_ ]+)_([^_ .]+)\\.deb) .*$");

    private final String architecture;
    private final Path folder;
    private final Path config;

    Apt(String architecture, Path cache) throws IOException {
        this.architecture = architecture;
        this.folder = cache.toAbsolutePath().resolve("apt-" + architecture);
        Files.createDirectories(folder.resolve("state/lists/partial"));
        Files.createDirectories(folder.resolve("cache/archives/partial"));
        Files.createDirectories(folder.resolve("sources"));
        Files.writeString(folder.resolve("status"), "");
        copySources();
        config = folder.resolve("apt.conf");
        Files.writeString(config, String.join("\n",
            "#clear APT::Architectures;",
            "APT::Architecture \"" + architecture + "\";",
            "APT::Architectures { \"" + architecture + "\"; };",
            "Dir::State \"" + folder.resolve("state") + "\";",
            "Dir::State::status \"" + folder.resolve("status") + "\";",
            "Dir::Cache \"" + folder.resolve("cache") + "\";",
            "Dir::Etc::sourcelist \"/dev/null\";",
            "Dir::Etc::sourceparts \"" + folder.resolve("sources") + "\";",
            "Acquire::Languages \"none\";",
            "APT::Install-Recommends \"false\";",
            "APT::Sandbox::User \"root\";",
            ""));
    }

    /** The host's own sources, but only those of Debian's archive: what else the host uses is no business of the image. */
    private void copySources() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.exists(Path.of("/etc/apt/sources.list"))) {
            files.add(Path.of("/etc/apt/sources.list"));
        }
        if (Files.isDirectory(Path.of("/etc/apt/sources.list.d"))) {
            try (Stream<Path> list = Files.list(Path.of("/etc/apt/sources.list.d"))) {
                list.sorted().forEach(files::add);
            }
        }
        int kept = 0;
        for (Path file : files) {
            String text = Files.readString(file);
            if (DEBIAN_URI.matcher(text).find()) {
                Files.writeString(folder.resolve("sources").resolve(file.getFileName().toString()), text);
                kept++;
            }
        }
        if (kept == 0) {
            throw new BuildFailure("no Debian archive in /etc/apt/sources.list or /etc/apt/sources.list.d: the image is made of Debian's packages");
        }
    }

    String architecture() {
        return architecture;
    }

    /** Fetches the package lists. A list of a minor archive may fail; what cannot be resolved then is said there. */
    void update() {
        StringBuilder output = new StringBuilder();
        if (run(output, folder, "apt-get", "update") != 0) {
            System.out.println("image: apt-get update (" + architecture + ") had problems: " + firstProblem(output));
        }
    }

    /** The packages with all they depend on. A name may carry =VERSION. Null when apt cannot resolve them. */
    List<LockFile.Entry> resolve(List<String> packages) {
        List<String> command = new ArrayList<>(List.of("apt-get", "install", "-y", "--no-install-recommends", "--print-uris"));
        command.addAll(packages);
        StringBuilder output = new StringBuilder();
        if (run(output, folder, command.toArray(new String[0])) != 0) {
            lastProblem = firstProblem(output);
            return null;
        }
        List<LockFile.Entry> found = new ArrayList<>();
        for (String line : output.toString().split("\n")) {
            Matcher m = URI_LINE.matcher(line);
            if (m.matches()) {
                found.add(new LockFile.Entry(m.group(2), m.group(3).replace("%3a", ":"), m.group(4), architecture, null));
            }
        }
        return found;
    }

    private String lastProblem = "";

    String lastProblem() {
        return lastProblem;
    }

    /** Downloads packages into a folder, as name_version_architecture.deb. False when one cannot be had. */
    boolean download(List<LockFile.Entry> entries, Path to) throws IOException {
        if (entries.isEmpty()) {
            return true;
        }
        Files.createDirectories(to);
        List<String> command = new ArrayList<>(List.of("apt-get", "download"));
        for (LockFile.Entry e : entries) {
            command.add(e.name() + "=" + e.version());
        }
        StringBuilder output = new StringBuilder();
        boolean isDone = run(output, to, command.toArray(new String[0])) == 0;
        lastProblem = firstProblem(output);
        return isDone;
    }

    private static String firstProblem(StringBuilder output) {
        String last = "";
        for (String line : output.toString().split("\n")) {
            if (line.startsWith("E:") || line.startsWith("Err:")) {
                return line;
            }
            last = line;
        }
        return last;
    }

    private int run(StringBuilder output, Path directory, String... command) {
        try {
            ProcessBuilder b = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
            b.environment().put("APT_CONFIG", config.toString());
            b.environment().put("LC_ALL", "C");
            b.environment().put("DEBIAN_FRONTEND", "noninteractive");
            Process p = b.start();
            p.getOutputStream().close();
            output.append(new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return p.waitFor();
        } catch (IOException missing) {
            throw new BuildFailure("apt-get cannot be started: the image is built on Debian, or where the package apt is installed", missing);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new BuildFailure("interrupted", stop);
        }
    }
}
