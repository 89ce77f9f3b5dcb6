// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EINVAL;

import kmos.fs.FileSystemType;
import kmos.kernel.CpuTimes;
import kmos.kernel.Kernel;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.BlockDevices;
import kmos.kernel.vfs.CharDevices;

/** Bodies of the files of /proc that are about the whole system. */
final class SystemFiles {
    static final String OS_TYPE = "Linux", OS_RELEASE = "6.1.0-kmos", OS_VERSION = "#1 kmOS";
    private static final long TICK_NS = 10_000_000L;

    private SystemFiles() { }

    static void cmdline(Kernel kernel, ProcText out) {
        out.add(kernel.config().commandLine).newline();
    }

    static void cpuinfo(Kernel kernel, ProcText out) {
        out.add(kernel.config().cpuInfo);
    }

    static void devices(Kernel kernel, ProcText out) {
        out.add("Character devices:\n");
        String last = "";
        for (CharDevices.Row r : kernel.vfs().charDevices().rows()) {
            String line = r.major() + " " + r.name();
            if (!line.equals(last)) {
                out.right(r.major(), 3).space().add(r.name()).newline();
            }
            last = line;
        }
        out.add("\nBlock devices:\n");
        int lastMajor = -1;
        for (BlockDevices.Row r : kernel.vfs().blockDevices().rows()) {
            int major = DeviceNumbers.major(r.device());
            if (major != lastMajor) {
                out.right(major, 3).space().add(major == 3 ? "ide0" : "sd").newline();
                lastMajor = major;
            }
        }
    }

    static void filesystems(Kernel kernel, ProcText out) {
        for (String type : PseudoFileSystems.TYPES) {
            out.add("nodev\t").add(type).newline();
        }
        for (FileSystemType t : kernel.vfs().fileSystemTypes()) {
            for (String name : t.names()) {
                out.add("\t").add(name).newline();
            }
        }
    }

    static void interrupts(Kernel kernel, ProcText out) {
        out.add("           CPU0       \n");
        for (int irq = 0; irq < 16; irq++) {
            String name = kernel.interrupts().name(irq);
            if (name != null) {
                out.right(irq, 3).add(": ").right(kernel.interrupts().count(irq), 10).add("    XT-PIC      ").add(name).newline();
            }
        }
        out.add("ERR: ").right(kernel.interrupts().spurious(), 10).newline();
    }

    static void loadavg(Kernel kernel, ProcText out) {
        for (int i = 0; i < 3; i++) {
            out.hundredths(kernel.scheduler().loadHundredths(i)).space();
        }
        out.add(Math.max(1, kernel.scheduler().readyCount())).add('/').add(kernel.pids().tasks().size()).space();
        out.add(kernel.pids().lastPid()).newline();
    }

    static void partitions(Kernel kernel, ProcText out) {
        out.add("major minor  #blocks  name\n\n");
        for (BlockDevices.Row r : kernel.vfs().blockDevices().rows()) {
            out.right(DeviceNumbers.major(r.device()), 4).right(DeviceNumbers.minor(r.device()), 9).space();
            out.right(r.disk().sectorCount() / 2, 10).space().add(r.name()).newline();
        }
    }

    static void stat(Kernel kernel, ProcText out) {
        CpuTimes spent = kernel.times();
        String times = ticks(spent.userNs()) + ticks(spent.niceNs()) + ticks(spent.systemNs()) + ticks(spent.idleNs()) + ticks(spent.ioWaitNs())
            + ticks(spent.interruptNs()) + "0 0 0 0\n";
        out.add("cpu  ").add(times).add("cpu0 ").add(times);
        out.add("intr ").add(kernel.interrupts().total());
        for (int irq = 0; irq < 16; irq++) {
            out.space().add(kernel.interrupts().count(irq));
        }
        out.newline();
        out.add("ctxt ").add(kernel.scheduler().switches()).newline();
        out.add("btime ").add(kernel.realTimeOffsetNs() / 1_000_000_000L).newline();
        out.add("processes ").add(kernel.forks()).newline();
        int running = 0;
        int blocked = 0;
        for (Task t : kernel.pids().tasks()) {
            running += t.taskState().letter() == 'R' ? 1 : 0;
            blocked += t.taskState().letter() == 'D' ? 1 : 0;
        }
        out.add("procs_running ").add(running).newline();
        out.add("procs_blocked ").add(blocked).newline();
    }

    private static String ticks(long ns) {
        return ns / TICK_NS + " ";
    }

    static void uptime(Kernel kernel, ProcText out) {
        // The second number is idle time without waiting for disks (Linux uptime_proc_show).
        out.seconds(kernel.nowNs()).space().seconds(kernel.times().idleNs()).newline();
    }

    static void version(Kernel kernel, ProcText out) {
        out.add(OS_TYPE).add(" version ").add(OS_RELEASE).space().add(OS_VERSION).newline();
    }

    static void uuid(Kernel kernel, ProcText out) {
        writeUuid(kernel.random().next64(), kernel.random().next64(), out);
    }

    /** The same until the next boot: follows from the seed and the time of boot. */
    static void bootId(Kernel kernel, ProcText out) {
        long seed = kernel.config().seed * 0x9E3779B97F4A7C15L;
        writeUuid(seed ^ kernel.config().startEpochSeconds, (seed ^ seed >>> 29) * 0xBF58476D1CE4E5B9L, out);
    }

    /** RFC 4122, version 4. */
    private static void writeUuid(long high, long low, ProcText out) {
        long h = high & ~0xF000L | 0x4000;
        long l = low & ~(3L << 62) | 1L << 63;
        out.hex(h >>> 32, 8).add('-').hex(h >>> 16 & 0xFFFF, 4).add('-').hex(h & 0xFFFF, 4).add('-');
        out.hex(l >>> 48, 4).add('-').hex(l & 0xFFFFFFFFFFFFL, 12).newline();
    }

    static long setHostName(Task who, Task target, String text) {
        String name = firstLine(text);
        if (name.length() > 64) {
            return -EINVAL;
        }
        who.kernel().setHostName(name);
        return 0;
    }

    static long setDomainName(Task who, Task target, String text) {
        String name = firstLine(text);
        if (name.length() > 64) {
            return -EINVAL;
        }
        who.kernel().setDomainName(name);
        return 0;
    }

    static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
