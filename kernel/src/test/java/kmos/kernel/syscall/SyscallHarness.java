// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import java.lang.reflect.Proxy;
import kmos.base.ErrnoException;
import kmos.base.MemoryArena;
import kmos.base.NotReady;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.pseudofs.PseudoFileSystems;
import kmos.kernel.pseudofs.TmpFs;
import kmos.kernel.task.Clone;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.task.TaskState;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;

/** A kernel with a tmpfs root, /proc, /dev, and one task whose system-call bodies a test calls by name. No processor. */
public final class SyscallHarness {
    public static final long USER = 0x10000;
    private static final int RAM = 16 << 20;
    /** One arena for all: the linear memory is the JVM's. */
    private static final MemoryArena ARENA = new MemoryArena(300 << 20);

    public final Kernel kernel;
    public Task task;
    private final boolean is64Bit;
    private long scratch = USER;
    private final int base = ARENA.allocate(RAM);
    private final int flags = ARENA.allocate(RAM / 4096);

    public SyscallHarness(boolean is64Bit) {
        this.is64Bit = is64Bit;
        PhysicalMemory memory = new PhysicalMemory(base, RAM, flags);
        Machine machine = new Machine(new VirtualClock(), memory);
        machine.setCpu((CpuContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {CpuContext.class},
            (proxy, method, arguments) -> method.getReturnType() == long.class ? (Object) 0L : method.getReturnType() == int.class ? (Object) 0 : null));
        kernel = new Kernel(machine, new KernelConfig());
        TmpFs root = new TmpFs(kernel.vfs(), "tmpfs", 2048, 2048, 0755);
        kernel.vfs().mounts().mountRoot(root, "rootfs", 0);
        FsContext fs = new FsContext(kernel.vfs(), kernel.vfs().root());
        fs.setUmask(0);
        task = Clone.first(kernel, new FileTable(), fs);
        AddressSpace space = AddressSpace.create(kernel, is64Bit);
        task.setSpace(space);
        space.map(USER, 1 << 20, VmArea.READ | VmArea.WRITE | VmArea.MAY_WRITE, 0x10, null, null, 0);
        task.setAbi64(is64Bit);
    }

    public void close() {
        ARENA.free(base);
        ARENA.free(flags);
    }

    /** Mounts a pseudo file system at a new directory. */
    public void mount(String type, String at) {
        call("mkdir", at, 0755);
        kernel.vfs().mounts().mount(PseudoFileSystems.create(kernel.vfs(), type, ""), kernel.vfs().lookup(at), type, MountFlags.MS_NOSUID);
    }

    public void become(int uid, int gid) {
        task.setCredentials(new Credentials(uid, uid, uid, uid, gid, gid, gid, gid, new int[0]));
    }

    /** Bytes in user memory; strings get their NUL. */
    public long put(byte[] bytes) {
        long at = scratch;
        scratch += bytes.length + 15 & ~15L;
        task.user().copyOut(bytes, 0, at, bytes.length);
        return at;
    }

    public long string(String text) {
        byte[] b = new byte[text.length() + 1];
        for (int i = 0; i < text.length(); i++) {
            b[i] = (byte) text.charAt(i);
        }
        return put(b);
    }

    /** Zeroed user memory. */
    public long space(int count) {
        return put(new byte[count]);
    }

    public byte[] get(long at, int count) {
        byte[] b = new byte[count];
        task.user().copyIn(at, b, 0, count);
        return b;
    }

    public String text(long at, int count) {
        StringBuilder s = new StringBuilder();
        for (byte b : get(at, count)) {
            s.append((char) (b & 0xFF));
        }
        return s.toString();
    }

    /** Runs a body from its start. Arguments: numbers, or strings that are put into user memory. The result, -errno, or BLOCKED. */
    public long call(String name, Object... arguments) {
        task.frame().clear();
        long[] raw = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            raw[i] = arguments[i] instanceof String s ? string(s) : ((Number) arguments[i]).longValue();
            if (!is64Bit) {
                raw[i] &= 0xFFFFFFFFL;
            }
        }
        task.args().set(raw[0], raw[1], raw[2], raw[3], raw[4], raw[5]);
        current = row(name);
        return again();
    }

    private Syscall current;

    /** Runs the body of the last call again, as after a wake-up. */
    public long again() {
        if (task.taskState() != TaskState.READY) {
            task.wake();
        }
        for (int tries = 0; tries < 100; tries++) {
            try {
                return current.body().call(task, task.args());
            } catch (NotReady wait) {
                kernel.timers().runUntil(kernel.nowNs());
            } catch (ErrnoException cold) {
                return -cold.errno();
            }
        }
        throw new IllegalStateException(current.name() + " never gets ready");
    }

    public boolean isParked() {
        return task.taskState() == TaskState.SLEEPING;
    }

    private Syscall row(String name) {
        for (Syscall s : kernel.syscalls().rows()) {
            if (s.name().equals(name) && (is64Bit ? s.amd64() : s.i386()) >= 0) {
                return s;
            }
        }
        throw new IllegalArgumentException(name);
    }

    public String readAll(String path) {
        long fd = call("open", path, 0, 0);
        if (fd < 0) {
            return "errno " + -fd;
        }
        StringBuilder s = new StringBuilder();
        long buffer = space(4096);
        for (long n = call("read", fd, buffer, 4096); n > 0; n = call("read", fd, buffer, 4096)) {
            s.append(text(buffer, (int) n));
        }
        call("close", fd);
        return s.toString();
    }

    public void write(String path, String text) {
        long fd = call("open", path, 0101 | 01000, 0644);
        call("write", fd, text, text.length());
        call("close", fd);
    }
}
