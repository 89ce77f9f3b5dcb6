// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import java.util.ArrayList;
import java.util.List;

/**
 * The system-call table of both ABIs, in the families of the manual pages. A row drives dispatch, strace and
 * docs/ref/syscalls.md. What has no row is answered with ENOSYS and its number logged once.
 */
public final class LinuxSyscalls {
    private final Syscall[] amd64 = new Syscall[512];
    private final Syscall[] i386 = new Syscall[512];
    private final List<Syscall> rows = new ArrayList<>();

    public LinuxSyscalls() {
        //      amd64 i386  name     body    arguments   support
        processes();
        memory();
        signals();
        clocks();
        files();
        paths();
        polling();
        systemInfo();
    }

    /** The row of a number, or null. */
    public Syscall row(boolean is64Bit, long number) {
        Syscall[] table = is64Bit ? amd64 : i386;
        return number >= 0 && number < table.length ? table[(int) number] : null;
    }

    public List<Syscall> rows() {
        return rows;
    }

    // clone fork vfork execve exit exit_group wait4 waitid getpid ... sched_* prctl arch_prctl set_thread_area futex
    private void processes() {
    }

    // mmap mmap2 munmap mprotect mremap brk madvise msync mlock ...
    private void memory() {
    }

    // rt_sigaction sigreturn kill tgkill sigaltstack ...
    private void signals() {
    }

    // clock_* nanosleep timer_* setitimer alarm times ...
    private void clocks() {
    }

    // open read write close lseek dup fcntl ioctl pipe pread readv sendfile fsync ftruncate ...
    private void files() {
    }

    // stat family, mkdir unlink rename link symlink readlink chmod chown utimens getdents chdir mount ...
    private void paths() {
    }

    // poll select epoll eventfd ...
    private void polling() {
    }

    // uname sysinfo getrandom getrlimit prlimit64 getrusage sethostname reboot syslog ...
    private void systemInfo() {
    }

    private void syscall(int amd64Number, int i386Number, String name, SyscallBody body, ArgKind[] arguments, String support) {
        Syscall row = new Syscall(amd64Number, i386Number, name, body, arguments, support);
        rows.add(row);
        if (amd64Number >= 0) {
            amd64[amd64Number] = row;
        }
        if (i386Number >= 0) {
            i386[i386Number] = row;
        }
    }

    private static ArgKind[] args(ArgKind... kinds) {
        return kinds;
    }

    private static String full() {
        return Syscall.FULL;
    }

    private static String partial(String whatIsMissing) {
        return whatIsMissing;
    }
}
