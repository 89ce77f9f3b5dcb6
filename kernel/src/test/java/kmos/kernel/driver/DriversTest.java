// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.base.NotReady;
import kmos.device.PcMachine;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.fs.block.BlockBuffers;
import kmos.fs.block.BlockCache;
import kmos.fs.block.MbrPartitions;
import kmos.fs.block.MemoryDisk;
import kmos.fs.block.Partition;
import kmos.fs.ext.ExtMkfs;
import kmos.fs.ext.ExtType;
import kmos.host.BlockBackend;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All drivers on the whole board. */
class DriversTest {
    private static final int RAM = 16 << 20, DISK_SECTORS = 8192;
    private final MemoryArena arena = new MemoryArena(96 << 20);
    private final StringBuilder serial = new StringBuilder();
    private Kernel kernel;
    private PcMachine pc;
    private Drivers drivers;

    /** PSF version 1: glyph g is g in every one of 16 rows. */
    private static byte[] font() {
        byte[] font = new byte[4 + 256 * 16];
        font[0] = 0x36;
        font[1] = 4;
        font[3] = 16;
        for (int i = 0; i < 256 * 16; i++) {
            font[4 + i] = (byte) (i / 16);
        }
        return font;
    }

    private final class Disk implements BlockBackend {
        private final byte[] bytes;

        Disk(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long sectorCount() {
            return bytes.length / 512;
        }

        @Override
        public void read(long sector, int count, int address, long token, Completion done) {
            Memory.write(address, bytes, (int) sector * 512, count * 512);
            done.complete(token, null);
        }

        @Override
        public void write(long sector, int count, int address, long token, Completion done) {
            Memory.read(address, bytes, (int) sector * 512, count * 512);
            done.complete(token, null);
        }

        @Override
        public void flush(long token, Completion done) {
            done.complete(token, null);
        }
    }

    /** An ext2 with /hello, on the first partition. */
    private byte[] image() {
        byte[] bytes = new byte[DISK_SECTORS * 512];
        int sectors = DISK_SECTORS - 64;
        System.arraycopy(MbrPartitions.format(64, sectors, MbrPartitions.LINUX, 1), 0, bytes, 0, 512);
        int[] next = {arena.allocate(2 << 20)};
        BlockBuffers buffers = new BlockBuffers() {
            @Override
            public int allocate() {
                next[0] += 4096;
                return next[0] - 4096;
            }

            @Override
            public void free(int address) {
            }
        };
        BlockCache cache = new BlockCache(new Partition(new MemoryDisk(bytes), 64, sectors), 0, buffers, 256);
        ExtMkfs.format(cache, new ExtMkfs.Options(1024, sectors / 2, 64, new byte[16], "t", 1_700_000_000L));
        FileSystem fs = new ExtType().mount(cache, false);
        fs.root().symlink("hello", "world", 0, 0, 1);
        fs.unmount();
        return bytes;
    }

    @BeforeEach
    void boot() {
        byte[] bytes = image();
        PhysicalMemory memory = new PhysicalMemory(arena.allocate(RAM), RAM, arena.allocate(RAM / 4096));
        Machine machine = new Machine(new VirtualClock(), memory);
        machine.setCpu((CpuContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {CpuContext.class},
            (proxy, method, arguments) -> null));
        pc = PcMachine.build(machine, arena, new Disk(bytes), value -> serial.append((char) value), 1_700_000_000L);
        kernel = new Kernel(machine, new KernelConfig());
        kernel.loop().pic().initialize();
        kernel.vfs().fileSystemTypes().add(new ExtType());
        drivers = new Drivers(kernel, font());
        kernel.log().setSink(drivers::print);
        drivers.start();
    }

    private void run(int times) {
        for (int i = 0; i < times; i++) {
            kernel.runSlice(100_000);
            kernel.loop().idleTo(kernel.nowNs() + 100_000);
        }
    }

    private <T> T wait(Supplier<T> operation) {
        for (int i = 0; i < 1000; i++) {
            try {
                return operation.get();
            } catch (NotReady miss) {
                run(1);
            }
        }
        throw new AssertionError("never ready");
    }

    @Test
    void kernelLog_goesToTheSerialLine_andTheDateIsTheChips() {
        assertTrue(serial.toString().contains("kmOS virtual disk"), serial::toString);
        assertEquals(1_700_000_000L, kernel.realTimeNs() / 1_000_000_000L);
    }

    @Test
    void ext2_isMountedFromThePartition_throughTheController() {
        assertThrows(NotReady.class, drivers::scanPartitions);
        wait(() -> {
            drivers.scanPartitions();
            return true;
        });
        var devices = kernel.vfs().blockDevices();
        var row = devices.find("hda1");
        assertNotNull(row);
        FileSystem fs = wait(() -> devices.mount(row, "ext2", false));
        Inode link = wait(() -> fs.root().lookup("hello"));
        assertEquals("world", wait(link::readLink));
        wait(() -> fs.root().create("new", Inode.S_IFREG | 0644, 0, 0, 0, 2));
        wait(() -> {
            fs.sync();
            return true;
        });
    }

    @Test
    void characters_areDrawnIntoTheFrameBuffer() {
        serial.setLength(0);
        byte[] text = "\033[2J\033[H\033[31m\125\033[?25l".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        drivers.console().write(text, 0, text.length);
        run(400);
        int frame = pc.display().frameAddress();
        assertEquals(800, pc.display().width());
        for (int x = 0; x < 8; x++) {
            assertEquals(x % 2 == 1 ? 0xAA0000 : 0, Memory.get32(frame + 5 * 3200 + x * 4), "glyph 0x55, column " + x);
        }
    }

    @Test
    void keys_andSerialInput_areEchoedByTheirLines() {
        serial.setLength(0);
        pc.uart().receive('h');
        pc.uart().receive('i');
        pc.ps2().key(0x1E, true);
        pc.ps2().key(0x1E, false);
        run(300);
        assertEquals("hi", serial.toString());
        assertTrue(drivers.console().screen().rowText(drivers.console().screen().cursorRow()).endsWith("a"));
    }

    @Test
    void pastedText_isHeldBackInTheChip_whileTheLineIsFull() {
        for (int i = 0; i < 600; i++) {
            for (char c : "line 123\n".toCharArray()) {
                pc.uart().receive(c);
            }
        }
        run(50);
        assertTrue(kernel.terminals().line("ttyS0").isInputFull());
        assertTrue(pc.uart().receiveRoom() < (1 << 20), "the rest waits");
    }
}
