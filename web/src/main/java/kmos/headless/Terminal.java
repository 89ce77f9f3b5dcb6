// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** The host's terminal: raw while kmOS runs in it, restored at the end. Input comes from a thread of its own. */
final class Terminal implements AutoCloseable {
    private final BlockingQueue<Integer> input = new ArrayBlockingQueue<>(1 << 16);
    private final String saved;
    private volatile boolean isEnded;

    Terminal() {
        boolean isTerminal = System.console() != null;
        saved = isTerminal ? stty("-g") : null;
        if (saved != null) {
            stty("raw -echo");
        }
        Thread reader = new Thread(this::read, "stdin");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        InputStream in = System.in;
        byte[] buffer = new byte[4096];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    input.put(buffer[i] & 0xFF);
                }
            }
        } catch (IOException | InterruptedException closed) {
            // Same as the end of input.
            isEnded = true;
        }
        isEnded = true;
    }

    /** What was typed since, at most so many bytes. */
    byte[] poll(int most) {
        byte[] typed = new byte[Math.min(most, input.size())];
        for (int i = 0; i < typed.length; i++) {
            typed[i] = (byte) (int) input.poll();
        }
        return typed;
    }

    boolean isEnded() {
        return isEnded && input.isEmpty();
    }

    /** Waits for input at most so long. */
    void await(long milliseconds) {
        long end = System.nanoTime() + milliseconds * 1_000_000;
        while (input.isEmpty() && System.nanoTime() < end && !Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException wanted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Columns and rows, or null when the output is not a terminal. */
    int[] size() {
        if (saved == null) {
            return null;
        }
        String[] parts = stty("size").split(" ");
        return parts.length == 2 ? new int[] {Integer.parseInt(parts[1]), Integer.parseInt(parts[0])} : null;
    }

    private static String stty(String arguments) {
        try {
            Process p = new ProcessBuilder(("stty " + arguments).split(" ")).redirectInput(new File("/dev/tty")).start();
            String out = new String(p.getInputStream().readAllBytes()).trim();
            return p.waitFor() == 0 ? out : "";
        } catch (IOException | InterruptedException noTerminal) {
            return "";
        }
    }

    @Override
    public void close() {
        if (saved != null && !saved.isEmpty()) {
            stty(saved);
        }
    }
}
