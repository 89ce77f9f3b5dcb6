// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.base.StateReader;
import kmos.base.StateTypes;
import kmos.base.StateWriter;
import kmos.base.TimerQueue;
import kmos.host.BlockBackend;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.PortSpace;
import kmos.machine.VirtualClock;

/** A board without a processor for tests: 2 MiB of RAM, a disk of 4,096 sectors, a serial line that is recorded. */
final class Bench {
    static final int RAM = 2 << 20;
    static MemoryArena arena;

    /** A disk in linear memory; answers at once, or when told. */
    static final class Disk implements BlockBackend {
        final int data = arena.allocate(4096 * 512);
        final List<Runnable> held = new ArrayList<>();
        boolean holds;
        String error;
        int flushes;

        @Override
        public long sectorCount() {
            return 4096;
        }

        @Override
        public void read(long sector, int count, int address, long token, Completion done) {
            answer(() -> {
                Memory.copy(data + (int) sector * 512, address, count * 512);
                done.complete(token, error);
            });
        }

        @Override
        public void write(long sector, int count, int address, long token, Completion done) {
            Memory.copy(address, data + (int) sector * 512, count * 512);
            answer(() -> done.complete(token, error));
        }

        @Override
        public void flush(long token, Completion done) {
            flushes++;
            answer(() -> done.complete(token, error));
        }

        private void answer(Runnable r) {
            if (holds) {
                held.add(r);
            } else {
                r.run();
            }
        }

        void release() {
            List<Runnable> all = new ArrayList<>(held);
            held.clear();
            all.forEach(Runnable::run);
        }
    }

    final VirtualClock clock = new VirtualClock();
    final PhysicalMemory memory;
    final Machine machine;
    final Disk disk;
    final StringBuilder serial = new StringBuilder();
    final PcMachine pc;
    final PortSpace ports;

    /** The first board of a test. */
    Bench() {
        this(firstDisk());
    }

    private static Disk firstDisk() {
        arena = new MemoryArena(64 << 20);
        return new Disk();
    }

    Bench(Disk disk) {
        this.disk = disk;
        int ram = arena.allocate(RAM);
        int flags = arena.allocate(RAM / 4096);
        memory = new PhysicalMemory(ram, RAM, flags);
        machine = new Machine(clock, memory);
        machine.setCpu((CpuContext) Proxy.newProxyInstance(Bench.class.getClassLoader(), new Class<?>[] {CpuContext.class},
            (proxy, method, arguments) -> null)); // its state is empty
        pc = PcMachine.build(machine, arena, disk, v -> serial.append((char) v), 951_782_399L); // 2000-02-28 23:59:59
        ports = machine.ports();
    }

    /** Vectors 0x20 and 0x28, everything unmasked. */
    Bench initPic() {
        int[][] writes = {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1}, {0x21, 0},
            {0xA0, 0x11}, {0xA1, 0x28}, {0xA1, 2}, {0xA1, 1}, {0xA1, 0}};
        for (int[] w : writes) {
            ports.write8(w[0], w[1]);
        }
        return this;
    }

    void advance(long ns) {
        long end = clock.nowNs() + ns;
        while (machine.timers().nextDeadlineNs() <= end && !machine.isWaitingForHost()) {
            clock.advanceToNs(machine.timers().nextDeadlineNs());
            machine.timers().runUntil(clock.nowNs());
        }
        if (!machine.isWaitingForHost()) {
            clock.advanceToNs(end);
        }
    }

    /** The pending vector, acknowledged and ended; -1 when there is none. */
    int interrupt() {
        if (!machine.interrupts().hasPending()) {
            return -1;
        }
        int vector = machine.interrupts().acknowledge();
        if (vector >= 0x28) {
            ports.write8(0xA0, 0x20);
        }
        ports.write8(0x20, 0x20);
        return vector;
    }

    void dispi(int index, int value) {
        ports.write16(0x1CE, index);
        ports.write16(0x1CF, value);
    }

    int dispi(int index) {
        ports.write16(0x1CE, index);
        return ports.read16(0x1CF);
    }

    private StateTypes types() {
        StateTypes types = new StateTypes(memory.linear(0)).add("Timer", TimerQueue.Timer.class, TimerQueue.Timer::new);
        pc.registerState(types);
        return types;
    }

    byte[] save() {
        return StateWriter.save(types(), machine);
    }

    void load(byte[] saved) {
        StateReader.load(types(), machine, saved);
    }
}
