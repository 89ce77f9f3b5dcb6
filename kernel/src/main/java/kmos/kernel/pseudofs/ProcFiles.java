// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import java.util.ArrayList;
import java.util.List;
import kmos.kernel.Kernel;
import kmos.kernel.task.Task;

/**
 * The table of /proc: one row a file, link or directory. A path with a slash lies in a directory that has its own row.
 * Rows of tasks appear in /proc/PID, /proc/self and /proc/PID/task/TID.
 */
final class ProcFiles {
    /** Writes a system file. */
    interface SystemBody {
        void write(Kernel kernel, ProcText out);
    }

    /** Writes a task's file. */
    interface TaskBody {
        void write(Task task, ProcText out);
    }

    /** Takes what a program (who) wrote: 0 or -errno. target is null for system files and for a task that has gone. */
    interface Input {
        long accept(Task who, Task target, String text);
    }

    /**
     * FILE: text. LINK: see ProcLinks. DIRECTORY: of rows. FD, FD_INFO, TASKS: directories that ProcInode lists itself.
     * MEMORY: ProcMemory. */
    static final int FILE = 0, LINK = 1, DIRECTORY = 2, FD = 3, FD_INFO = 4, TASKS = 5, MEMORY = 6;

    /** thread: what /proc/PID/task/TID shows instead, where it differs. */
    record Row(String path, int kind, int permissions, boolean isPerTask, SystemBody system, TaskBody task, TaskBody thread, Input input) {
        String parent() {
            int slash = path.lastIndexOf('/');
            return slash < 0 ? "" : path.substring(0, slash);
        }

        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    ProcFiles() {
        link("self");
        link("thread-self");
        link("mounts");
        file("cmdline", 0444, SystemFiles::cmdline);
        file("cpuinfo", 0444, SystemFiles::cpuinfo);
        file("devices", 0444, SystemFiles::devices);
        file("diskstats", 0444, MemoryFiles::diskstats);
        file("filesystems", 0444, SystemFiles::filesystems);
        file("interrupts", 0444, SystemFiles::interrupts);
        file("loadavg", 0444, SystemFiles::loadavg);
        file("meminfo", 0444, MemoryFiles::meminfo);
        file("partitions", 0444, SystemFiles::partitions);
        file("stat", 0444, SystemFiles::stat);
        file("swaps", 0444, (kernel, out) -> out.add("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"));
        file("uptime", 0444, SystemFiles::uptime);
        file("version", 0444, SystemFiles::version);
        file("vmstat", 0444, MemoryFiles::vmstat);
        link("net");
        directory("sys");
        directory("sys/kernel");
        writable("sys/kernel/hostname", 0644, (kernel, out) -> out.add(kernel.hostName()).newline(), SystemFiles::setHostName);
        writable("sys/kernel/domainname", 0644, (kernel, out) -> out.add(kernel.domainName()).newline(), SystemFiles::setDomainName);
        file("sys/kernel/ostype", 0444, (kernel, out) -> out.add(SystemFiles.OS_TYPE).newline());
        file("sys/kernel/osrelease", 0444, (kernel, out) -> out.add(SystemFiles.OS_RELEASE).newline());
        file("sys/kernel/version", 0444, (kernel, out) -> out.add(SystemFiles.OS_VERSION).newline());
        file("sys/kernel/pid_max", 0444, (kernel, out) -> out.add(kmos.kernel.task.PidTable.PID_MAX).newline());
        file("sys/kernel/threads-max", 0444, (kernel, out) -> out.add(kmos.kernel.task.Clone.maximumTasks(kernel)).newline());
        file("sys/kernel/ngroups_max", 0444, (kernel, out) -> out.add("65536\n"));
        file("sys/kernel/cap_last_cap", 0444, (kernel, out) -> out.add("40\n"));
        directory("sys/kernel/random");
        file("sys/kernel/random/uuid", 0444, SystemFiles::uuid);
        file("sys/kernel/random/boot_id", 0444, SystemFiles::bootId);
        file("sys/kernel/random/entropy_avail", 0444, (kernel, out) -> out.add("256\n"));
        file("sys/kernel/random/poolsize", 0444, (kernel, out) -> out.add("256\n"));
        directory("sys/vm");
        file("sys/vm/overcommit_memory", 0444, (kernel, out) -> out.add("0\n"));
        directory("sys/fs");
        file("sys/fs/file-max", 0444, (kernel, out) -> out.add("9223372036854775807\n"));
        file("sys/fs/pipe-max-size", 0444, (kernel, out) -> out.add("1048576\n"));

        perTask("auxv", 0400, TaskFiles::auxv);
        perTask("cmdline", 0444, TaskFiles::cmdline);
        perTaskWritable("comm", 0644, (task, out) -> out.add(task.name()).newline(), TaskFiles::setComm);
        perTaskLink("cwd");
        perTask("environ", 0400, TaskFiles::environ);
        perTaskLink("exe");
        perTaskDirectory("fd", FD, 0500);
        perTaskDirectory("fdinfo", FD_INFO, 0500);
        perTask("io", 0400, MemoryFiles::io, MemoryFiles::threadIo);
        perTask("limits", 0444, TaskFiles::limits);
        perTask("maps", 0444, TaskFiles::maps);
        perTaskDirectory("mem", MEMORY, 0600);
        perTask("mountinfo", 0444, TaskFiles::mountinfo);
        perTask("mounts", 0444, TaskFiles::mounts);
        perTask("oom_score", 0444, MemoryFiles::oomScore);
        perTaskWritable("oom_score_adj", 0644, MemoryFiles::oomAdjustment, MemoryFiles::setOomAdjustment);
        perTaskDirectory("net", DIRECTORY, 0555);
        perTask("net/unix", 0444, NetFiles::unix);
        perTaskLink("root");
        perTask("stat", 0444, TaskFiles::stat);
        perTask("statm", 0444, MemoryFiles::statm);
        perTask("status", 0444, TaskFiles::status);
        perTaskDirectory("task", TASKS, 0555);
        perTask("wchan", 0444, TaskFiles::wchan);
    }

    List<Row> rows() {
        return rows;
    }

    Row find(String path, boolean isPerTask) {
        for (Row r : rows) {
            if (r.isPerTask == isPerTask && r.path.equals(path)) {
                return r;
            }
        }
        return null;
    }

    int indexOf(Row row) {
        return rows.indexOf(row);
    }

    private void file(String path, int permissions, SystemBody body) {
        rows.add(new Row(path, FILE, permissions, false, body, null, null, null));
    }

    private void writable(String path, int permissions, SystemBody body, Input input) {
        rows.add(new Row(path, FILE, permissions, false, body, null, null, input));
    }

    private void link(String path) {
        rows.add(new Row(path, LINK, 0777, false, null, null, null, null));
    }

    private void directory(String path) {
        rows.add(new Row(path, DIRECTORY, 0555, false, null, null, null, null));
    }

    private void perTask(String path, int permissions, TaskBody body) {
        perTask(path, permissions, body, body);
    }

    private void perTask(String path, int permissions, TaskBody body, TaskBody ofThread) {
        rows.add(new Row(path, FILE, permissions, true, null, body, ofThread, null));
    }

    private void perTaskWritable(String path, int permissions, TaskBody body, Input input) {
        rows.add(new Row(path, FILE, permissions, true, null, body, body, input));
    }

    private void perTaskLink(String path) {
        rows.add(new Row(path, LINK, 0777, true, null, null, null, null));
    }

    private void perTaskDirectory(String path, int kind, int permissions) {
        rows.add(new Row(path, kind, permissions, true, null, null, null, null));
    }
}
