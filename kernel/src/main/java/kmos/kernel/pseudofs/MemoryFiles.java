// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EACCES;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EPERM;
import static kmos.base.Errno.ESRCH;

import kmos.fs.block.BlockRequest;
import kmos.kernel.Kernel;
import kmos.kernel.PageEvents;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.driver.DiskStatistics;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.MemoryUse;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.IoCounters;
import kmos.kernel.task.OutOfMemory;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.vfs.BlockDevices;

/** Bodies of the files of /proc that count memory, disks and input and output. */
final class MemoryFiles {
    private static final long MILLISECOND = 1_000_000L;

    private MemoryFiles() { }

    static void meminfo(Kernel kernel, ProcText out) {
        MemoryUse m = MemoryUse.count(kernel);
        out.kilobytes("MemTotal", kb(m.total()));
        out.kilobytes("MemFree", kb(m.free()));
        // What reclaim gives up without writing: pages that nobody maps and metadata blocks.
        out.kilobytes("MemAvailable", kb(m.free() + Math.max(0, m.cached() - m.shared() - m.mappedFiles()) + m.buffers()));
        out.kilobytes("Buffers", kb(m.buffers()));
        out.kilobytes("Cached", kb(m.cached()));
        out.kilobytes("SwapCached", 0);
        // There is one list of clean pages: a page that a program maps counts as active, as reclaim passes it over.
        int activeFile = m.mappedFiles();
        int inactiveFile = m.cached() - m.shared() - m.mappedFiles() + m.buffers();
        int anonymous = m.anonymous() + m.shared();
        out.kilobytes("Active", kb(anonymous + activeFile));
        out.kilobytes("Inactive", kb(inactiveFile));
        out.kilobytes("Active(anon)", kb(anonymous));
        out.kilobytes("Inactive(anon)", 0);
        out.kilobytes("Active(file)", kb(activeFile));
        out.kilobytes("Inactive(file)", kb(inactiveFile));
        out.kilobytes("SwapTotal", 0);
        out.kilobytes("SwapFree", 0);
        out.kilobytes("Dirty", kb(m.dirty()));
        out.kilobytes("Writeback", kb(m.writeback()));
        out.kilobytes("AnonPages", kb(m.anonymous()));
        out.kilobytes("Mapped", kb(m.mapped()));
        out.kilobytes("Shmem", kb(m.shared()));
        out.kilobytes("KReclaimable", 0);
        out.kilobytes("Slab", kb(m.kernel()));
        out.kilobytes("SReclaimable", 0);
        out.kilobytes("SUnreclaim", kb(m.kernel()));
        out.kilobytes("KernelStack", kb(m.kernelStacks()));
        out.kilobytes("PageTables", kb(m.pageTables()));
        out.kilobytes("CommitLimit", kb(m.total() / 2));
        out.kilobytes("Committed_AS", kb(m.committed()));
    }

    private static long kb(long pages) {
        return pages * 4;
    }

    static void vmstat(Kernel kernel, ProcText out) {
        MemoryUse m = MemoryUse.count(kernel);
        PageEvents e = kernel.pageEvents();
        line(out, "nr_free_pages", m.free());
        line(out, "nr_anon_pages", m.anonymous());
        line(out, "nr_mapped", m.mapped());
        line(out, "nr_file_pages", m.cached() + m.buffers());
        line(out, "nr_dirty", m.dirty());
        line(out, "nr_writeback", m.writeback());
        line(out, "nr_shmem", m.shared());
        line(out, "nr_slab_unreclaimable", m.kernel());
        line(out, "nr_page_table_pages", m.pageTables());
        line(out, "nr_kernel_stack", m.kernelStacks() * 4L);
        line(out, "nr_dirtied", e.dirtied());
        line(out, "nr_written", e.written());
        long in = 0;
        long outSectors = 0;
        for (BlockDevices.Row r : kernel.vfs().blockDevices().rows()) {
            if (DeviceNumbers.minor(r.device()) % 64 == 0) {
                in += r.statistics().sectors(BlockRequest.READ);
                outSectors += r.statistics().sectors(BlockRequest.WRITE);
            }
        }
        line(out, "pgpgin", in / 2);
        line(out, "pgpgout", outSectors / 2);
        line(out, "pgfault", e.faults());
        line(out, "pgmajfault", e.majorFaults());
        line(out, "pgsteal_direct", e.reclaimed());
        line(out, "oom_kill", e.oomKills());
    }

    private static void line(ProcText out, String name, long value) {
        out.add(name).space().add(value).newline();
    }

    /** Documentation/admin-guide/iostats: reads, writes, now, discards (none here), flushes. */
    static void diskstats(Kernel kernel, ProcText out) {
        for (BlockDevices.Row r : kernel.vfs().blockDevices().rows()) {
            DiskStatistics s = r.statistics();
            out.right(DeviceNumbers.major(r.device()), 4).right(DeviceNumbers.minor(r.device()), 8).space().add(r.name());
            long waitedMs = 0;
            for (int operation : new int[] {BlockRequest.READ, BlockRequest.WRITE}) {
                out.space().add(s.requests(operation)).space().add(s.mergedRequests(operation)).space().add(s.sectors(operation));
                out.space().add(s.waitedNs(operation) / MILLISECOND);
                waitedMs += s.waitedNs(operation) / MILLISECOND;
            }
            long flushMs = s.waitedNs(BlockRequest.FLUSH) / MILLISECOND;
            out.space().add(s.inFlight()).space().add(s.busyNs(kernel.nowNs()) / MILLISECOND).space().add(waitedMs + flushMs);
            out.add(" 0 0 0 0 ").add(s.requests(BlockRequest.FLUSH)).space().add(flushMs).newline();
        }
    }

    // Of a process

    /** /proc/PID/io: the process with its ended threads and reaped children. */
    static void io(Task task, ProcText out) {
        ProcInode.requireAccess(task.kernel().current(), task);
        counters(task.group().io(), out);
    }

    /** /proc/PID/task/TID/io: this thread alone. */
    static void threadIo(Task task, ProcText out) {
        ProcInode.requireAccess(task.kernel().current(), task);
        counters(task.io(), out);
    }

    private static void counters(IoCounters io, ProcText out) {
        out.add("rchar: ").add(io.readChars()).add("\nwchar: ").add(io.writtenChars());
        out.add("\nsyscr: ").add(io.readCalls()).add("\nsyscw: ").add(io.writeCalls());
        out.add("\nread_bytes: ").add(io.readBytes()).add("\nwrite_bytes: ").add(io.writeBytes());
        out.add("\ncancelled_write_bytes: ").add(io.cancelledWriteBytes()).newline();
    }

    static void statm(Task task, ProcText out) {
        AddressSpace space = task.space();
        if (space == null) {
            out.add("0 0 0 0 0 0 0\n");
            return;
        }
        long[] files = space.residentFilePages();
        long text = (space.endCode - space.startCode + 4095) / 4096;
        out.add(space.totalPages()).space().add(space.residentPages()).space().add(files[0] + files[1]).space();
        out.add(text).add(" 0 ").add(space.dataPages()).add(" 0\n");
    }

    /** The Vm lines of /proc/PID/status. */
    static void statusMemory(AddressSpace space, ProcText out) {
        long stack = 0;
        long library = 0;
        long executable = (space.endCode - space.startCode + 4095) / 4096;
        for (VmArea a : space.areas()) {
            long pages = (a.end() - a.start()) / 4096;
            stack += (a.flags() & VmArea.STACK) != 0 ? pages : 0;
            library += a.isExecutable() && a.inode() != null && a.inode() != space.executable() ? pages : 0;
        }
        long[] files = space.residentFilePages();
        pages(out, "VmPeak", space.maxTotalPages());
        pages(out, "VmSize", space.totalPages());
        pages(out, "VmLck", space.lockedPages());
        pages(out, "VmPin", 0);
        pages(out, "VmHWM", space.maxResidentPages());
        pages(out, "VmRSS", space.residentPages());
        pages(out, "RssAnon", space.residentPages() - files[0] - files[1]);
        pages(out, "RssFile", files[0]);
        pages(out, "RssShmem", files[1]);
        pages(out, "VmData", space.dataPages());
        pages(out, "VmStk", stack);
        pages(out, "VmExe", executable);
        pages(out, "VmLib", library);
        pages(out, "VmPTE", space.pageTable().tableFrames());
        pages(out, "VmSwap", 0);
    }

    private static void pages(ProcText out, String name, long pages) {
        out.add(name).add(":\t").right(pages * 4, 8).add(" kB\n");
    }

    // Out of memory

    /** proc_oom_score: badness on a scale of 0 to 2000, by two thirds. */
    static void oomScore(Task task, ProcText out) {
        long total = task.kernel().frames().totalFrames();
        long badness = OutOfMemory.badness(task.group(), total);
        out.add(badness == OutOfMemory.NEVER ? 0 : (1000 + badness * 1000 / total) * 2 / 3).newline();
    }

    static void oomAdjustment(Task task, ProcText out) {
        out.add(task.group().oomAdjustment()).newline();
    }

    /** EINVAL: no number of -1000 to 1000; EACCES: lower than a privileged process left it. */
    static long setOomAdjustment(Task who, Task target, String text) {
        String number = SystemFiles.firstLine(text).trim();
        int value;
        try {
            value = Integer.parseInt(number);
        } catch (NumberFormatException noNumber) {
            return -EINVAL;
        }
        if (value < -1000 || value > 1000) {
            return -EINVAL;
        }
        if (target == null) {
            return -ESRCH;
        }
        boolean isPrivileged = who.credentials().isRoot();
        ThreadGroup group = target.group();
        if (!isPrivileged && value < group.minimumOomAdjustment()) {
            return -EACCES;
        }
        if (!isPrivileged && who.credentials().fsuid() != target.credentials().euid()) {
            return -EPERM;
        }
        group.setOomAdjustment(value, isPrivileged);
        return 0;
    }
}
