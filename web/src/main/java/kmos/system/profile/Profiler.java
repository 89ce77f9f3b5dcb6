// SPDX-License-Identifier: Apache-2.0
package kmos.system.profile;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kmos.cpu.Cpu;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Task;

/**
 * Looks every so many cycles of guest time at which instruction of which program stands next, like perf record with a period.
 * Only ends of slices are moved for it, which no program can see; nothing here is part of the machine's state. Time that the
 * kernel takes counts at the instruction behind the system call.
 */
public final class Profiler implements ProcessProfile.Finder {
    /** Cycles between two samples; a prime, so that loops do not fall into step with it. */
    public static final long PERIOD = 999_983;
    private static final int MAX_PROCESSES = 100;

    private final Kernel kernel;
    private final Cpu cpu;
    private final long period;
    private final Map<AddressSpace, ProcessProfile> processes = new IdentityHashMap<>();
    private final Map<Inode, ProfiledFile> files = new IdentityHashMap<>();
    private long next;
    private long samples;
    private long idle;
    private int met;

    /** period: cycles between samples. */
    public Profiler(Kernel kernel, Cpu cpu, long period) {
        this.kernel = kernel;
        this.cpu = cpu;
        this.period = period;
        next = kernel.machine().clock().cycles() + period;
    }

    /** Cycles until the next sample is due, at least one. */
    public long due() {
        return Math.max(1, next - kernel.machine().clock().cycles());
    }

    /** After a piece of a slice: takes the samples that have come due. Several at once count as often where a system call or an idle time was long. */
    public void ran() {
        long now = kernel.machine().clock().cycles();
        if (now < next) {
            return;
        }
        long due = (now - next) / period + 1;
        next += due * period;
        Task task = kernel.current();
        if (task == null || task.space() == null || task.isEnded() || cpu.cr3() != task.space().pageTable().root()) {
            idle += due;
            return;
        }
        samples++;
        ProcessProfile process = processes.get(task.space());
        if (process == null) {
            if (processes.size() >= MAX_PROCESSES) {
                dropSmallest();
            }
            process = new ProcessProfile(++met, task.space(), task.group().pid(), task.name());
            processes.put(task.space(), process);
        }
        process.sample(cpu.instructionPointer(), task.name(), this);
    }

    private void dropSmallest() {
        ProcessProfile smallest = null;
        for (ProcessProfile p : processes.values()) {
            smallest = smallest == null || p.samples() < smallest.samples() ? p : smallest;
        }
        processes.remove(smallest.space());
    }

    /** Another state of the machine was loaded: its objects are other ones. */
    public void clear() {
        processes.clear();
        files.clear();
        samples = 0;
        idle = 0;
        next = kernel.machine().clock().cycles() + period;
    }

    @Override
    public ProfiledFile file(AddressSpace space, long pc) {
        VmArea area = space.find(pc);
        if (area == null || area.inode() == null || area.dentry() == null) {
            return null;
        }
        return files.computeIfAbsent(area.inode(), inode -> new ProfiledFile(kernel.pageCache(), inode, kernel.vfs().text(area.dentry())));
    }

    @Override
    public long fileOffset(AddressSpace space, long pc) {
        VmArea area = space.find(pc);
        return area.fileOffset() + (pc - area.start());
    }

    @Override
    public String area(AddressSpace space, long pc) {
        VmArea area = space.find(pc);
        int flags = area == null ? 0 : area.flags();
        return (flags & VmArea.VDSO) != 0 ? "[vdso]" : (flags & VmArea.HEAP) != 0 ? "[heap]" : (flags & VmArea.STACK) != 0 ? "[stack]" : "[anonymous]";
    }

    /** Samples taken in programs. */
    public long samples() {
        return samples;
    }

    /** Samples that came due while nothing ran. */
    public long idleSamples() {
        return idle;
    }

    public long period() {
        return period;
    }

    /** Processes, most samples first. */
    public List<ProcessProfile> processes() {
        for (ProfiledFile file : files.values()) {
            file.look();
        }
        List<ProcessProfile> list = new ArrayList<>(processes.values());
        list.sort((a, b) -> a.samples() != b.samples() ? Long.compare(b.samples(), a.samples()) : Integer.compare(a.pid(), b.pid()));
        return list;
    }

    /** The process with a number, or null. */
    public ProcessProfile process(int number) {
        for (ProcessProfile p : processes.values()) {
            if (p.number() == number) {
                return p;
            }
        }
        return null;
    }

    /** Runs something in the address space of a process that was sampled. False when it has ended or was replaced by execve. */
    public boolean inSpaceOf(ProcessProfile process, Runnable what) {
        AddressSpace space = process.space();
        if (space.users() == 0) {
            return false;
        }
        cpu.inspect(space.pageTable().root(), space.pageTable().paging(), space.is64Bit(), what);
        return true;
    }
}
