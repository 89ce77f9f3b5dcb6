// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.base.StateFields;
import kmos.device.PcMachine;
import kmos.fs.block.BlockRequest;
import kmos.fs.block.Partition;
import kmos.host.BlockBackend;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver against the chips: controller, disk and interrupt controller are the real ones. */
class IdeDriverTest {
    private static final int RAM = 8 << 20;
    private final MemoryArena arena = new MemoryArena(64 << 20);
    private final List<String> commands = new ArrayList<>();
    private long badSector = -1;
    private final List<String> done = new ArrayList<>();
    private Kernel kernel;
    private IdeDriver ide;
    private PhysicalMemory memory;

    private final class Disk implements BlockBackend {
        private final int data = arena.allocate(2048 * 512);

        @Override
        public long sectorCount() {
            return 2048;
        }

        @Override
        public void read(long sector, int count, int address, long token, Completion completion) {
            commands.add("read " + sector + " " + count);
            Memory.copy(data + (int) sector * 512, address, count * 512);
            completion.complete(token, badSector >= sector && badSector < sector + count ? "bad" : null);
        }

        @Override
        public void write(long sector, int count, int address, long token, Completion completion) {
            commands.add("write " + sector + " " + count);
            Memory.copy(address, data + (int) sector * 512, count * 512);
            completion.complete(token, null);
        }

        @Override
        public void flush(long token, Completion completion) {
            commands.add("flush");
            completion.complete(token, null);
        }
    }

    private final class Owner implements BlockRequest.Owner {
        @Override
        public void requestDone(BlockRequest request, int errno) {
            done.add(request.sector() + ":" + errno);
        }

        @Override
        public void state(StateFields s) {
        }
    }

    @BeforeEach
    void boot() {
        memory = new PhysicalMemory(arena.allocate(RAM), RAM, arena.allocate(RAM / 4096));
        Machine machine = new Machine(new VirtualClock(), memory);
        machine.setCpu((CpuContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {CpuContext.class},
            (proxy, method, arguments) -> null));
        PcMachine.build(machine, arena, new Disk(), value -> { }, 1_700_000_000L);
        kernel = new Kernel(machine, new KernelConfig());
        kernel.loop().pic().initialize();
        ide = new IdeDriver(kernel);
        assertTrue(ide.probe());
    }

    private BlockRequest request(int operation, long sector, int count, int physical) {
        return new BlockRequest(operation, sector, count, memory.linear(physical), new Owner());
    }

    private void run() {
        for (int i = 0; i < 20; i++) {
            kernel.runSlice(100_000);
            kernel.loop().idleTo(kernel.nowNs() + 100_000);
        }
    }

    @Test
    void identifies_theDisk() {
        assertEquals(2048, ide.sectorCount());
        assertEquals("kmOS virtual disk", ide.model());
    }

    @Test
    void neighbours_goAsOneCommand() {
        for (int i = 0; i < 6; i++) {
            ide.submit(request(BlockRequest.READ, i < 5 ? 100 + i * 8 : 500, 8, 0x200000 + i * 4096));
        }
        run();
        assertEquals(List.of("read 100 8", "read 108 32", "read 500 8"), commands, "the first had left already");
        assertEquals(List.of("100:0", "108:0", "116:0", "124:0", "132:0", "500:0"), done);
    }

    @Test
    void flush_waitsForWrites() {
        memory.write32(0x200000, 77);
        ide.submit(request(BlockRequest.WRITE, 7, 1, 0x200000));
        ide.submit(request(BlockRequest.FLUSH, 0, 0, 0));
        ide.submit(request(BlockRequest.WRITE, 8, 1, 0x200000));
        ide.submit(request(BlockRequest.READ, 7, 1, 0x300000));
        run();
        assertEquals(List.of("write 7 1", "flush", "write 8 1", "read 7 1"), commands);
        assertEquals(77, memory.read32(0x300000));
    }

    @Test
    void error_isTriedAgain_alone_andReportedForThatRequestOnly() {
        badSector = 116;
        for (int i = 0; i < 4; i++) {
            ide.submit(request(BlockRequest.READ, 100 + i * 8, 8, 0x200000 + i * 4096));
        }
        run();
        assertEquals(List.of("100:0", "108:0", "116:" + Errno.EIO, "124:0"), done);
        assertEquals(List.of("read 100 8", "read 108 24", "read 108 8", "read 116 8", "read 116 8", "read 116 8", "read 124 8"),
            commands);
    }

    @Test
    void statistics_countCommandsMergesSectorsAndTime() {
        kernel.vfs().blockDevices().add("hda", 0x300, ide);
        kernel.vfs().blockDevices().add("hda1", 0x301, new Partition(ide, 100, 500));
        for (int i = 0; i < 6; i++) {
            ide.submit(request(BlockRequest.READ, i < 5 ? 100 + i * 8 : 700, 8, 0x200000 + i * 4096));
        }
        ide.submit(request(BlockRequest.WRITE, 104, 4, 0x200000));
        ide.submit(request(BlockRequest.FLUSH, 100, 0, 0));
        run();
        DiskStatistics disk = kernel.vfs().blockDevices().find("hda").statistics();
        DiskStatistics part = kernel.vfs().blockDevices().find("hda1").statistics();
        assertEquals(List.of(3L, 3L, 48L), List.of(disk.requests(0), disk.mergedRequests(0), disk.sectors(0)));
        assertEquals(List.of(2L, 3L, 40L), List.of(part.requests(0), part.mergedRequests(0), part.sectors(0)));
        assertEquals(List.of(1L, 4L, 1L), List.of(part.requests(1), part.sectors(1), part.requests(2)));
        assertEquals(0, disk.inFlight());
        assertTrue(disk.busyNs(kernel.nowNs()) >= 500_000, "five commands of 100 us each");
        assertTrue(disk.waitedNs(0) > disk.waitedNs(1) && disk.waitedNs(1) >= 100_000);
    }

    @Test
    void badRange_isRefusedAtOnce() {
        ide.submit(request(BlockRequest.READ, 2047, 2, 0x200000));
        assertEquals(List.of("2047:" + Errno.EIO), done);
    }

    @Test
    void clockChip_givesTheDate() {
        assertEquals(1_700_000_000L, new RtcDriver(kernel.machine().ports()).readEpochSeconds());
    }
}
