// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import kmos.base.MemoryArena;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.cpu.Cpu;
import kmos.device.PcMachine;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.syscall.Strace;
import kmos.kernel.tty.Tty;
import kmos.kernel.tty.TtyOutput;
import kmos.kernel.vfs.Vfs;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;

/** A whole machine and kernel with a root in memory and a terminal ttyS0 that is a pair of buffers. */
public final class TestSystem implements AutoCloseable {
    private static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
    private static final ArrayDeque<int[]> FREE = new ArrayDeque<>();

    public final StringBuilder output = new StringBuilder();
    public final List<String> log = new ArrayList<>();
    public final List<String> trace = new ArrayList<>();
    public final Machine machine;
    public final Kernel kernel;
    public final Tty tty;
    private final Cpu cpu;

    private final class Output implements TtyOutput {
        @Override
        public int writeRoom() {
            return 4096;
        }

        @Override
        public void write(byte[] b, int off, int count) {
            output.append(new String(b, off, count, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void state(StateFields s) {
        }
    }

    public TestSystem(int megabytes, KernelConfig config) {
        int size = megabytes << 20;
        int ram = ARENA.allocate(size + (size >> 12));
        FREE.add(new int[] {ram});
        machine = new Machine(new VirtualClock(), new PhysicalMemory(ram, size, ram + size));
        cpu = new Cpu(machine, ARENA, 4 << 20);
        machine.setCpu(cpu);
        PcMachine.build(machine, ARENA, null, b -> output.append((char) b), config.startEpochSeconds);
        kernel = new Kernel(machine, config);
        kernel.log().setSink(log::add);
        Boot.prepare(kernel);
        tty = kernel.terminals().addLine("ttyS0", 64, new Output());
    }

    public void trace() {
        kernel.dispatcher().setStrace(new Strace(trace::add));
    }

    /** Puts a file into the root file system, with its directories. */
    public Inode file(String path, byte[] content, int permissions) {
        Vfs vfs = kernel.vfs();
        Inode directory = vfs.root().inode();
        String[] names = path.substring(1).split("/");
        for (int i = 0; i < names.length - 1; i++) {
            Inode next = directory.lookup(names[i]);
            directory = next != null ? next : directory.create(names[i], Inode.S_IFDIR | 0755, 0, 0, 0, 0);
        }
        Inode file = directory.create(names[names.length - 1], Inode.S_IFREG | permissions, 0, 0, 0, 0);
        for (int at = 0; at < content.length; at += CachedPage.SIZE) {
            CachedPage page = kernel.pageCache().get(file, at >> 12);
            int n = Math.min(CachedPage.SIZE, content.length - at);
            machine.memory().write(kernel.pageCache().frame(page), content, at, n);
            kernel.pageCache().markDirty(page);
        }
        file.setSize(content.length, 0);
        return file;
    }

    /** Runs until the machine stops, everything waits for ever, or guest time is over. */
    public void run(long maximumNs) {
        long end = kernel.nowNs() + maximumNs;
        while (kernel.state() == KernelState.RUNNING && kernel.nowNs() < end) {
            long next = kernel.runSlice(Math.min(10_000_000, VirtualClock.cyclesAt(end) - kernel.machine().clock().cycles()));
            if (next == TimerQueue.NEVER) {
                return;
            }
            kernel.loop().idleTo(Math.min(next, end));
        }
    }

    public void type(String text) {
        for (int i = 0; i < text.length(); i++) {
            tty.receive(text.charAt(i));
        }
    }

    @Override
    public void close() {
        ARENA.free(FREE.removeLast()[0]);
    }
}
