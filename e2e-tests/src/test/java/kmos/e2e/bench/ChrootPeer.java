// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The host's processor, or qemu's user-mode emulator, in a chroot of the programs. Processor time is what the programs ask the host for. */
final class ChrootPeer extends Peer {
    private final Path root;
    private final String emulator;
    private boolean hasData;

    /** emulator: its path in the chroot, or empty. */
    ChrootPeer(String name, String reference, Path root, String emulator) {
        super(name, reference, !emulator.isEmpty());
        this.root = root;
        this.emulator = emulator;
    }

    @Override
    List<Sample> run(Row row, int timeoutSeconds) throws IOException, InterruptedException {
        if (row.needsData() && !hasData) {
            lines(List.of("/bench/bin/gendata"), timeoutSeconds);
            hasData = true;
        }
        Lines lines = lines(row.argv(), timeoutSeconds);
        List<Sample> samples = new ArrayList<>();
        for (Lines.Result r : lines == null ? List.<Lines.Result>of() : lines.results()) {
            samples.add(new Sample(r.name(), r.ownSeconds(), r.checksum()));
        }
        return samples;
    }

    /** Null when it took too long. */
    private Lines lines(List<String> argv, int timeoutSeconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("chroot", root.toString()));
        if (!emulator.isEmpty()) {
            command.add(emulator);
        }
        command.addAll(argv);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(java.util.Map.of("LC_ALL", "C", "HOME", "/", "BENCH_EXEC_PREFIX", emulator));
        Process process = builder.start();
        process.getOutputStream().close();
        AtomicBoolean isLate = new AtomicBoolean();
        Thread guard = new Thread(() -> {
            try {
                if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
                    isLate.set(true);
                    process.destroyForcibly();
                }
            } catch (InterruptedException done) {
                Thread.currentThread().interrupt();
            }
        }, "timeout");
        guard.setDaemon(true);
        guard.start();
        Lines lines = new Lines();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line, System.nanoTime() / 1e9);
            }
        }
        int status = process.waitFor();
        if (isLate.get()) {
            return null;
        }
        if (status != 0) {
            throw new IOException(name() + ": " + String.join(" ", argv) + " ended with status " + status + ": " + lines.said());
        }
        return lines;
    }

    @Override
    public void close() { }
}
