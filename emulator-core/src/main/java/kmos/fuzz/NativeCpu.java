// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The host's processor, through a small C program that runs code with a given state. */
final class NativeCpu implements AutoCloseable {
    private static final int STATE = 816, REQUEST = 1176, CODE = 824, CHUNK = 888, CHUNK_SIZE = 72;

    /** What a case ended in: trap 3 is the INT3 behind its code, 255 a case that ran too long. */
    static final class Result {
        final long[] gpr = new long[16], stLow = new long[8], ymm = new long[64];
        final int[] stHigh = new int[8];
        long ip, flags, cr2;
        int fcw, fsw, ftw, mxcsr, trap, error;
        final List<FuzzCase.Chunk> changes = new ArrayList<>();
    }

    private final Path program;
    private final int mode;
    private Process process;
    private OutputStream to;
    private InputStream from;

    private NativeCpu(Path program, int mode) {
        this.program = program;
        this.mode = mode;
    }

    /** Why this host cannot run cases of a mode, or null. */
    static String whyNot(int mode, Path folder) throws IOException {
        String arch = System.getProperty("os.arch");
        if (!arch.equals("amd64") && !arch.equals("x86_64") || !System.getProperty("os.name").equals("Linux")) {
            return "the host is no Linux on x86-64";
        }
        return compile(mode, folder) ? null : "gcc -m" + mode + " does not work here (Debian: gcc, gcc-multilib)";
    }

    private static Path programPath(int mode, Path folder) {
        return folder.resolve("runner" + mode);
    }

    private static boolean compile(int mode, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path source = folder.resolve("runner.c");
        try (InputStream in = NativeCpu.class.getResourceAsStream("runner.c")) {
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        try {
            Process gcc = new ProcessBuilder("gcc", "-O1", "-w", "-static", "-no-pie", "-Wl,-Ttext-segment=0x60000000", "-m" + mode, "-o", programPath(mode, folder).toString(), source.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("gcc.log").toFile()).start();
            return gcc.waitFor() == 0;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException noCompiler) {
            return false;
        }
    }

    /** Starts the program that whyNot has compiled (16-bit code runs in the 32-bit one). */
    static NativeCpu start(int mode, Path folder) throws IOException {
        NativeCpu cpu = new NativeCpu(programPath(Math.max(mode, 32), folder), mode);
        cpu.restart();
        return cpu;
    }

    private void restart() throws IOException {
        close();
        process = new ProcessBuilder(program.toString(), String.valueOf(mode)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        to = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
        from = new BufferedInputStream(process.getInputStream(), 1 << 16);
    }

    /** The result, or null when the case destroyed the program that ran it. */
    Result run(FuzzCase c) throws IOException {
        try {
            to.write(request(c));
            to.flush();
            return result(c);
        } catch (IOException died) {
            restart();
            return null;
        }
    }

    private static byte[] request(FuzzCase c) {
        ByteBuffer b = ByteBuffer.allocate(REQUEST).order(ByteOrder.LITTLE_ENDIAN);
        for (long v : c.gpr) {
            b.putLong(v);
        }
        b.putLong(0).putLong(c.flags).putLong(0).putInt(c.fcw).putInt(c.fsw).putInt(c.ftw).putInt(c.mxcsr).putInt(0).putInt(0);
        for (int i = 0; i < 8; i++) {
            b.putLong(c.stLow[i]).putLong(c.stHigh[i]);
        }
        for (long v : c.ymm) {
            b.putLong(v);
        }
        byte[] code = c.code();
        b.putInt(code.length).putInt(c.chunks.size());
        b.position(CODE);
        b.put(code);
        for (int i = 0; i < c.chunks.size(); i++) {
            b.position(CHUNK + i * CHUNK_SIZE);
            b.putInt(c.chunks.get(i).address()).putInt(c.chunks.get(i).bytes().length).put(c.chunks.get(i).bytes());
        }
        return b.array();
    }

    private ByteBuffer read(int count) throws IOException {
        byte[] bytes = from.readNBytes(count);
        if (bytes.length != count) {
            throw new IOException("the program has ended");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Result result(FuzzCase c) throws IOException {
        ByteBuffer b = read(STATE);
        Result r = new Result();
        for (int i = 0; i < 16; i++) {
            r.gpr[i] = b.getLong();
        }
        r.ip = b.getLong();
        r.flags = b.getLong();
        r.cr2 = b.getLong();
        r.fcw = b.getInt();
        r.fsw = b.getInt();
        r.ftw = b.getInt();
        r.mxcsr = b.getInt();
        r.trap = b.getInt();
        r.error = b.getInt();
        for (int i = 0; i < 8; i++) {
            r.stLow[i] = b.getLong();
            r.stHigh[i] = (int) b.getLong();
        }
        for (int i = 0; i < 64; i++) {
            r.ymm[i] = b.getLong();
        }
        int count = read(4).getInt();
        ByteBuffer changes = read(count * 8);
        for (int i = 0; i < count; i++) {
            r.changes.add(new FuzzCase.Chunk(changes.getInt(), new byte[] {(byte) changes.getInt()}));
        }
        return r;
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
