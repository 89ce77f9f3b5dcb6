// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.kernel.syscall.ArgKind.*;

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
        identities();
        memory();
        signals();
        clocks();
        files();
        paths();
        polling();
        systemInfo();
        sockets();
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
        syscall( 56,  120, "clone", Processes::clone, args(CLONE_FLAGS, POINTER, POINTER, POINTER, POINTER), partial("namespaces are EINVAL"));
        syscall( 57,    2, "fork", Processes::fork, args(), full());
        syscall( 58,  190, "vfork", Processes::vfork, args(), full());
        syscall(435,  435, "clone3", Processes::clone3, args(POINTER, SIZE), partial("namespaces, set_tid and cgroup are EINVAL"));
        syscall( 59,   11, "execve", Execution::execve, args(PATH, STRING_ARRAY, POINTER), full());
        syscall(322,  358, "execveat", Execution::execveat, args(DIR_FD, PATH, STRING_ARRAY, POINTER, HEX), full());
        syscall( 60,    1, "exit", Processes::exit, args(INT), full());
        syscall(231,  252, "exit_group", Processes::exitGroup, args(INT), full());
        syscall( 61,  114, "wait4", Processes::wait4, args(INT, WAIT_STATUS, HEX, POINTER), full());
        syscall( -1,    7, "waitpid", Processes::waitpid, args(INT, WAIT_STATUS, HEX), full());
        syscall(247,  284, "waitid", Processes::waitid, args(INT, INT, POINTER, HEX, POINTER), full());
        syscall(101,   26, "ptrace", Ptrace::ptrace, args(HEX, INT, POINTER, POINTER), partial("PTRACE_SINGLEBLOCK steps over one instruction; nothing of seccomp"));
        syscall(310,  347, "process_vm_readv", ForeignVectors::readv, args(INT, POINTER, INT, POINTER, INT, HEX), full());
        syscall(311,  348, "process_vm_writev", ForeignVectors::writev, args(INT, POINTER, INT, POINTER, INT, HEX), full());
        syscall(434,  434, "pidfd_open", PidFiles::open, args(INT, HEX), full());
        syscall(424,  424, "pidfd_send_signal", PidFiles::sendSignal, args(FD, SIGNAL, POINTER, HEX), full());
        syscall(438,  438, "pidfd_getfd", PidFiles::getfd, args(FD, INT, HEX), full());
        syscall( 39,   20, "getpid", Processes::getpid, args(), full());
        syscall(110,   64, "getppid", Processes::getppid, args(), full());
        syscall(186,  224, "gettid", Processes::gettid, args(), full());
        syscall(111,   65, "getpgrp", Processes::getpgrp, args(), full());
        syscall(121,  132, "getpgid", Processes::getpgid, args(INT), full());
        syscall(109,   57, "setpgid", Processes::setpgid, args(INT, INT), full());
        syscall(112,   66, "setsid", Processes::setsid, args(), full());
        syscall(124,  147, "getsid", Processes::getsid, args(INT), full());
        syscall(218,  258, "set_tid_address", Processes::setTidAddress, args(POINTER), full());
        syscall(273,  311, "set_robust_list", Processes::setRobustList, args(POINTER, SIZE), full());
        syscall(274,  312, "get_robust_list", Processes::getRobustList, args(INT, POINTER, POINTER), full());
        syscall(158,  384, "arch_prctl", Segments::archPrctl, args(HEX, POINTER), partial("CPUID faulting is EINVAL"));
        syscall(154,  123, "modify_ldt", Segments::modifyLdt, args(HEX, POINTER, SIZE), full());
        syscall( -1,  243, "set_thread_area", Segments::setThreadArea, args(POINTER), full());
        syscall( -1,  244, "get_thread_area", Segments::getThreadArea, args(POINTER), full());
        syscall(334,  386, "rseq", Processes::rseq, args(POINTER, SIZE, HEX, HEX), partial("ENOSYS"));
        syscall(157,  172, "prctl", Processes::prctl, args(INT, HEX, HEX, HEX, HEX), partial("names, dumpable, death signal, subreaper, no_new_privs"));
        syscall( 98,   77, "getrusage", Processes::getrusage, args(INT, POINTER), full());
        syscall(202,  240, "futex", FutexCalls::futex, args(POINTER, FUTEX_OP, UINT, TIMESPEC, POINTER, HEX), partial("priority inheritance is ENOSYS"));
        syscall( -1,  422, "futex_time64", FutexCalls::futexTime64, args(POINTER, FUTEX_OP, UINT, POINTER, POINTER, HEX), partial("priority inheritance is ENOSYS"));
        syscall(324,  375, "membarrier", Scheduling::membarrier, args(INT, HEX, INT), partial("no restartable sequences, no core serialisation"));
        syscall( 24,  158, "sched_yield", Scheduling::schedYield, args(), full());
        syscall(142,  154, "sched_setparam", Scheduling::schedSetparam, args(INT, POINTER), partial("all policies run alike"));
        syscall(143,  155, "sched_getparam", Scheduling::schedGetparam, args(INT, POINTER), full());
        syscall(144,  156, "sched_setscheduler", Scheduling::schedSetscheduler, args(INT, INT, POINTER), partial("all policies run alike"));
        syscall(145,  157, "sched_getscheduler", Scheduling::schedGetscheduler, args(INT), full());
        syscall(146,  159, "sched_get_priority_max", Scheduling::schedGetPriorityMax, args(INT), full());
        syscall(147,  160, "sched_get_priority_min", Scheduling::schedGetPriorityMin, args(INT), full());
        syscall(148,  161, "sched_rr_get_interval", Scheduling::schedRrGetInterval, args(INT, POINTER), full());
        syscall( -1,  423, "sched_rr_get_interval_time64", Scheduling::schedRrGetInterval64, args(INT, POINTER), full());
        syscall(203,  241, "sched_setaffinity", Scheduling::schedSetaffinity, args(INT, SIZE, POINTER), full());
        syscall(204,  242, "sched_getaffinity", Scheduling::schedGetaffinity, args(INT, SIZE, POINTER), full());
        syscall(309,  318, "getcpu", Scheduling::getcpu, args(POINTER, POINTER, POINTER), full());
        syscall(140,   96, "getpriority", Scheduling::getpriority, args(INT, INT), full());
        syscall(141,   97, "setpriority", Scheduling::setpriority, args(INT, INT, INT), full());
        syscall( -1,   34, "nice", Scheduling::nice, args(INT), full());
    }

    // getuid setuid ... getgroups capget ...
    private void identities() {
        syscall(102,  199, "getuid", Identities::getuid, args(), full());
        syscall(104,  200, "getgid", Identities::getgid, args(), full());
        syscall(107,  201, "geteuid", Identities::geteuid, args(), full());
        syscall(108,  202, "getegid", Identities::getegid, args(), full());
        syscall(105,  213, "setuid", Identities::setuid, args(UINT), full());
        syscall(106,  214, "setgid", Identities::setgid, args(UINT), full());
        syscall(113,  203, "setreuid", Identities::setreuid, args(INT, INT), full());
        syscall(114,  204, "setregid", Identities::setregid, args(INT, INT), full());
        syscall(115,  205, "getgroups", Identities::getgroups, args(INT, POINTER), full());
        syscall(116,  206, "setgroups", Identities::setgroups, args(INT, POINTER), full());
        syscall(117,  208, "setresuid", Identities::setresuid, args(INT, INT, INT), full());
        syscall(118,  209, "getresuid", Identities::getresuid, args(POINTER, POINTER, POINTER), full());
        syscall(119,  210, "setresgid", Identities::setresgid, args(INT, INT, INT), full());
        syscall(120,  211, "getresgid", Identities::getresgid, args(POINTER, POINTER, POINTER), full());
        syscall(122,  215, "setfsuid", Identities::setfsuid, args(INT), full());
        syscall(123,  216, "setfsgid", Identities::setfsgid, args(INT), full());
        syscall( -1,   24, "getuid16", Identities::getuid16, args(), full());
        syscall( -1,   47, "getgid16", Identities::getgid16, args(), full());
        syscall( -1,   49, "geteuid16", Identities::geteuid16, args(), full());
        syscall( -1,   50, "getegid16", Identities::getegid16, args(), full());
        syscall( -1,   23, "setuid16", Identities::setuid16, args(UINT), full());
        syscall( -1,   46, "setgid16", Identities::setgid16, args(UINT), full());
        syscall( -1,   70, "setreuid16", Identities::setreuid16, args(INT, INT), full());
        syscall( -1,   71, "setregid16", Identities::setregid16, args(INT, INT), full());
        syscall( -1,   80, "getgroups16", Identities::getgroups16, args(INT, POINTER), full());
        syscall( -1,   81, "setgroups16", Identities::setgroups16, args(INT, POINTER), full());
        syscall( -1,  164, "setresuid16", Identities::setresuid16, args(INT, INT, INT), full());
        syscall( -1,  165, "getresuid16", Identities::getresuid16, args(POINTER, POINTER, POINTER), full());
        syscall( -1,  170, "setresgid16", Identities::setresgid16, args(INT, INT, INT), full());
        syscall( -1,  171, "getresgid16", Identities::getresgid16, args(POINTER, POINTER, POINTER), full());
        syscall( -1,  138, "setfsuid16", Identities::setfsuid16, args(INT), full());
        syscall( -1,  139, "setfsgid16", Identities::setfsgid16, args(INT), full());
        syscall(125,  184, "capget", Identities::capget, args(POINTER, POINTER), partial("root has all capabilities, others none"));
        syscall(126,  185, "capset", Identities::capset, args(POINTER, POINTER), partial("sets cannot be reduced: EPERM"));
    }

    // mmap mmap2 munmap mprotect mremap brk madvise msync mlock ...
    private void memory() {
        syscall(  9,   -1, "mmap", MemoryMap::mmap, args(POINTER, SIZE, PROT, MMAP_FLAGS, FD, HEX), partial("regular files, /dev/zero and anonymous memory; huge pages are EINVAL"));
        syscall( -1,   90, "old_mmap", MemoryMap::oldMmap, args(POINTER), partial("as mmap"));
        syscall( -1,  192, "mmap2", MemoryMap::mmap2, args(POINTER, SIZE, PROT, MMAP_FLAGS, FD, HEX), partial("as mmap"));
        syscall( 10,  125, "mprotect", MemoryMap::mprotect, args(POINTER, SIZE, PROT), full());
        syscall( 11,   91, "munmap", MemoryMap::munmap, args(POINTER, SIZE), full());
        syscall( 12,   45, "brk", MemoryMap::brk, args(POINTER), full());
        syscall( 25,  163, "mremap", MemoryMap::mremap, args(POINTER, SIZE, SIZE, HEX, POINTER), full());
        syscall( 26,  144, "msync", MemoryMap::msync, args(POINTER, SIZE, HEX), full());
        syscall( 27,  218, "mincore", MemoryMap::mincore, args(POINTER, SIZE, POINTER), full());
        syscall( 28,  219, "madvise", MemoryMap::madvise, args(POINTER, SIZE, INT), partial("MADV_REMOVE and MADV_POPULATE are EINVAL"));
        syscall(149,  150, "mlock", MemoryMap::mlock, args(POINTER, SIZE), full());
        syscall(150,  151, "munlock", MemoryMap::munlock, args(POINTER, SIZE), full());
        syscall(151,  152, "mlockall", MemoryMap::mlockall, args(HEX), partial("MCL_FUTURE is not kept"));
        syscall(152,  153, "munlockall", MemoryMap::munlockall, args(), full());
        syscall(325,  376, "mlock2", MemoryMap::mlock2, args(POINTER, SIZE, HEX), full());
    }

    // rt_sigaction sigreturn kill tgkill sigaltstack ...
    private void signals() {
        syscall( 13,  174, "rt_sigaction", Signals::rtSigaction, args(SIGNAL, POINTER, POINTER, SIZE), full());
        syscall( 14,  175, "rt_sigprocmask", Signals::rtSigprocmask, args(INT, POINTER, POINTER, SIZE), full());
        syscall( 15,  173, "rt_sigreturn", Signals::rtSigreturn, args(), full());
        syscall(127,  176, "rt_sigpending", Signals::rtSigpending, args(POINTER, SIZE), full());
        syscall(128,  177, "rt_sigtimedwait", Signals::rtSigtimedwait, args(POINTER, POINTER, TIMESPEC, SIZE), full());
        syscall( -1,  421, "rt_sigtimedwait_time64", Signals::rtSigtimedwait64, args(POINTER, POINTER, POINTER, SIZE), full());
        syscall(129,  178, "rt_sigqueueinfo", Signals::rtSigqueueinfo, args(INT, SIGNAL, POINTER), full());
        syscall(297,  335, "rt_tgsigqueueinfo", Signals::rtTgsigqueueinfo, args(INT, INT, SIGNAL, POINTER), full());
        syscall(130,  179, "rt_sigsuspend", Signals::rtSigsuspend, args(POINTER, SIZE), full());
        syscall(131,  186, "sigaltstack", Signals::sigaltstack, args(POINTER, POINTER), full());
        syscall( 34,   29, "pause", Signals::pause, args(), full());
        syscall( 62,   37, "kill", Signals::kill, args(INT, SIGNAL), full());
        syscall(200,  238, "tkill", Signals::tkill, args(INT, SIGNAL), full());
        syscall(234,  270, "tgkill", Signals::tgkill, args(INT, INT, SIGNAL), full());
        syscall(219,    0, "restart_syscall", Signals::restartSyscall, args(), full());
        syscall( -1,   48, "signal", Signals::signal, args(SIGNAL, POINTER), full());
        syscall( -1,   67, "sigaction", Signals::oldSigaction, args(SIGNAL, POINTER, POINTER), full());
        syscall( -1,   68, "sgetmask", Signals::sgetmask, args(), full());
        syscall( -1,   69, "ssetmask", Signals::ssetmask, args(HEX), full());
        syscall( -1,   72, "sigsuspend", Signals::oldSigsuspend, args(INT, INT, HEX), full());
        syscall( -1,   73, "sigpending", Signals::sigpending, args(POINTER), full());
        syscall( -1,  119, "sigreturn", Signals::sigreturn, args(), full());
        syscall( -1,  126, "sigprocmask", Signals::oldSigprocmask, args(INT, POINTER, POINTER), full());
    }

    // clock_* nanosleep timer_* setitimer alarm times ...
    private void clocks() {
        syscall( 35,  162, "nanosleep", Clocks::nanosleep, args(TIMESPEC, POINTER), full());
        syscall( 36,  105, "getitimer", Clocks::getitimer, args(INT, POINTER), full());
        syscall( 37,   27, "alarm", Clocks::alarm, args(UINT), full());
        syscall( 38,  104, "setitimer", Clocks::setitimer, args(INT, POINTER, POINTER), full());
        syscall( 96,   78, "gettimeofday", Clocks::gettimeofday, args(POINTER, POINTER), full());
        syscall(164,   79, "settimeofday", Clocks::settimeofday, args(POINTER, POINTER), partial("the time zone is not kept"));
        syscall(201,   13, "time", Clocks::time, args(POINTER), full());
        syscall(159,  124, "adjtimex", ClockAdjustment::adjtimex, args(POINTER), partial("the clock can be shifted, not steered"));
        syscall(305,  343, "clock_adjtime", ClockAdjustment::clockAdjtime, args(CLOCK, POINTER), partial("as adjtimex"));
        syscall( -1,  405, "clock_adjtime64", ClockAdjustment::clockAdjtime64, args(CLOCK, POINTER), partial("as adjtimex"));
        syscall( -1,   25, "stime", Clocks::stime, args(POINTER), full());
        syscall(100,   43, "times", Clocks::times, args(POINTER), full());
        syscall(222,  259, "timer_create", Clocks::timerCreate, args(CLOCK, POINTER, POINTER), partial("no timers on processor-time clocks"));
        syscall(223,  260, "timer_settime", Clocks::timerSettime, args(INT, HEX, POINTER, POINTER), full());
        syscall( -1,  409, "timer_settime64", Clocks::timerSettime64, args(INT, HEX, POINTER, POINTER), full());
        syscall(224,  261, "timer_gettime", Clocks::timerGettime, args(INT, POINTER), full());
        syscall( -1,  408, "timer_gettime64", Clocks::timerGettime64, args(INT, POINTER), full());
        syscall(225,  262, "timer_getoverrun", Clocks::timerGetoverrun, args(INT), full());
        syscall(226,  263, "timer_delete", Clocks::timerDelete, args(INT), full());
        syscall(227,  264, "clock_settime", Clocks::clockSettime, args(CLOCK, TIMESPEC), full());
        syscall( -1,  404, "clock_settime64", Clocks::clockSettime64, args(CLOCK, POINTER), full());
        syscall(228,  265, "clock_gettime", Clocks::clockGettime, args(CLOCK, POINTER), full());
        syscall( -1,  403, "clock_gettime64", Clocks::clockGettime64, args(CLOCK, POINTER), full());
        syscall(229,  266, "clock_getres", Clocks::clockGetres, args(CLOCK, POINTER), full());
        syscall( -1,  406, "clock_getres_time64", Clocks::clockGetres64, args(CLOCK, POINTER), full());
        syscall(230,  267, "clock_nanosleep", Clocks::clockNanosleep, args(CLOCK, HEX, TIMESPEC, POINTER), partial("processor-time clocks are EOPNOTSUPP"));
        syscall( -1,  407, "clock_nanosleep_time64", Clocks::clockNanosleep64, args(CLOCK, HEX, POINTER, POINTER), partial("processor-time clocks are EOPNOTSUPP"));
    }

    // open read write close lseek dup fcntl ioctl pipe pread readv sendfile fsync ftruncate ...
    private void files() {
        syscall(  2,   5, "open", FileIo::open, args(PATH, OPEN_FLAGS, MODE), full());
        syscall(257, 295, "openat", FileIo::openat, args(DIR_FD, PATH, OPEN_FLAGS, MODE), full());
        syscall(437, 437, "openat2", FileIo::openat2, args(DIR_FD, PATH, POINTER, SIZE), partial("RESOLVE_* flags give EAGAIN"));
        syscall( 85,   8, "creat", FileIo::creat, args(PATH, MODE), full());
        syscall(  3,   6, "close", FileIo::close, args(FD), full());
        syscall(436, 436, "close_range", FileIo::closeRange, args(UINT, UINT, HEX), full());
        syscall(  0,   3, "read", FileIo::read, args(FD, OUT_BUFFER, SIZE), full());
        syscall(  1,   4, "write", FileIo::write, args(FD, IN_BUFFER, SIZE), full());
        syscall( 19, 145, "readv", FileIo::readv, args(FD, POINTER, INT), full());
        syscall( 20, 146, "writev", FileIo::writev, args(FD, POINTER, INT), full());
        syscall( 17, 180, "pread64", FileIo::pread64, args(FD, OUT_BUFFER, SIZE, OFFSET), full());
        syscall( 18, 181, "pwrite64", FileIo::pwrite64, args(FD, IN_BUFFER, SIZE, OFFSET), full());
        syscall(295, 333, "preadv", FileIo::preadv, args(FD, POINTER, INT, OFFSET), full());
        syscall(296, 334, "pwritev", FileIo::pwritev, args(FD, POINTER, INT, OFFSET), full());
        syscall(327, 378, "preadv2", FileIo::preadv2, args(FD, POINTER, INT, OFFSET, OFFSET, HEX), partial("no RWF_* flags"));
        syscall(328, 379, "pwritev2", FileIo::pwritev2, args(FD, POINTER, INT, OFFSET, OFFSET, HEX), partial("no RWF_* flags"));
        syscall(  8,  19, "lseek", FileIo::lseek, args(FD, OFFSET, INT), full());
        syscall( -1, 140, "_llseek", FileIo::llseek, args(FD, UINT, UINT, POINTER, INT), full());
        syscall( 78, 141, "getdents", FileIo::getdents, args(FD, POINTER, SIZE), full());
        syscall(217, 220, "getdents64", FileIo::getdents64, args(FD, POINTER, SIZE), full());
        syscall( 40, 187, "sendfile", FileIo::sendfile, args(FD, FD, POINTER, SIZE), partial("the input is a regular file"));
        syscall( -1, 239, "sendfile64", FileIo::sendfile64, args(FD, FD, POINTER, SIZE), partial("the input is a regular file"));
        syscall(326, 377, "copy_file_range", FileIo::copyFileRange, args(FD, POINTER, FD, POINTER, SIZE, HEX), full());
        syscall( 32,  41, "dup", FileControl::dup, args(FD), full());
        syscall( 33,  63, "dup2", FileControl::dup2, args(FD, FD), full());
        syscall(292, 330, "dup3", FileControl::dup3, args(FD, FD, OPEN_FLAGS), full());
        syscall( 72,  55, "fcntl", FileControl::fcntl, args(FD, INT, HEX), partial("no leases, no signal-driven I/O, no seals, no EDEADLK"));
        syscall( -1, 221, "fcntl64", FileControl::fcntl64, args(FD, INT, HEX), partial("no leases, no signal-driven I/O, no seals, no EDEADLK"));
        syscall( 73, 143, "flock", FileControl::flock, args(FD, INT), full());
        syscall( 16,  54, "ioctl", FileControl::ioctl, args(FD, IOCTL, POINTER), partial("what each file knows"));
        syscall( 74, 118, "fsync", FileControl::fsync, args(FD), full());
        syscall( 75, 148, "fdatasync", FileControl::fdatasync, args(FD), full());
        syscall(162,  36, "sync", FileControl::sync, args(), full());
        syscall(306, 344, "syncfs", FileControl::syncfs, args(FD), full());
        syscall(277, 314, "sync_file_range", FileControl::syncFileRange, args(FD, OFFSET, OFFSET, HEX), partial("always the whole file"));
        syscall( 76,  92, "truncate", FileControl::truncate, args(PATH, OFFSET), full());
        syscall( -1, 193, "truncate64", FileControl::truncate64, args(PATH, OFFSET), full());
        syscall( 77,  93, "ftruncate", FileControl::ftruncate, args(FD, OFFSET), full());
        syscall( -1, 194, "ftruncate64", FileControl::ftruncate64, args(FD, OFFSET), full());
        syscall(285, 324, "fallocate", FileControl::fallocate, args(FD, HEX, OFFSET, OFFSET), partial("mode 0 only"));
        syscall(221, 250, "fadvise64", FileControl::fadvise64, args(FD, OFFSET, OFFSET, INT), partial("checked, not used"));
        syscall( -1, 272, "fadvise64_64", FileControl::fadvise64Long, args(FD, OFFSET, OFFSET, INT), partial("checked, not used"));
        syscall(187, 225, "readahead", FileControl::readahead, args(FD, OFFSET, SIZE), partial("checked, not used"));
        syscall( 22,  42, "pipe", Pipes::pipe, args(OUT_FDS), full());
        syscall(293, 331, "pipe2", Pipes::pipe2, args(OUT_FDS, OPEN_FLAGS), partial("O_DIRECT is ignored"));
        syscall(319, 356, "memfd_create", Pipes::memfdCreate, args(STRING, HEX), partial("no seals, no huge pages"));
    }

    // stat family, mkdir unlink rename link symlink readlink chmod chown utimens getdents chdir mount ...
    private void paths() {
        syscall(  4, 106, "stat", Stats::stat, args(PATH, POINTER), full());
        syscall(  6, 107, "lstat", Stats::lstat, args(PATH, POINTER), full());
        syscall(  5, 108, "fstat", Stats::fstat, args(FD, POINTER), full());
        syscall( -1, 195, "stat64", Stats::stat64, args(PATH, POINTER), full());
        syscall( -1, 196, "lstat64", Stats::lstat64, args(PATH, POINTER), full());
        syscall( -1, 197, "fstat64", Stats::fstat64, args(FD, POINTER), full());
        syscall(262,  -1, "newfstatat", Stats::fstatat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall( -1, 300, "fstatat64", Stats::fstatat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall(332, 383, "statx", Stats::statx, args(DIR_FD, PATH, HEX, HEX, POINTER), partial("no birth time"));
        syscall(137,  99, "statfs", Stats::statfs, args(PATH, POINTER), full());
        syscall(138, 100, "fstatfs", Stats::fstatfs, args(FD, POINTER), full());
        syscall( -1, 268, "statfs64", Stats::statfs64, args(PATH, SIZE, POINTER), full());
        syscall( -1, 269, "fstatfs64", Stats::fstatfs64, args(FD, SIZE, POINTER), full());
        syscall( 21,  33, "access", Stats::access, args(PATH, INT), full());
        syscall(269, 307, "faccessat", Stats::faccessat, args(DIR_FD, PATH, INT), full());
        syscall(439, 439, "faccessat2", Stats::faccessat2, args(DIR_FD, PATH, INT, HEX), full());
        syscall( 89,  85, "readlink", Paths::readlink, args(PATH, OUT_BUFFER, SIZE), full());
        syscall(267, 305, "readlinkat", Paths::readlinkat, args(DIR_FD, PATH, OUT_BUFFER, SIZE), full());
        syscall( 79, 183, "getcwd", Paths::getcwd, args(POINTER, SIZE), full());
        syscall( 80,  12, "chdir", Paths::chdir, args(PATH), full());
        syscall( 81, 133, "fchdir", Paths::fchdir, args(FD), full());
        syscall(161,  61, "chroot", Paths::chroot, args(PATH), full());
        syscall( 95,  60, "umask", Paths::umask, args(OCTAL), full());
        syscall( 83,  39, "mkdir", Paths::mkdir, args(PATH, MODE), full());
        syscall(258, 296, "mkdirat", Paths::mkdirat, args(DIR_FD, PATH, MODE), full());
        syscall( 84,  40, "rmdir", Paths::rmdir, args(PATH), full());
        syscall( 87,  10, "unlink", Paths::unlink, args(PATH), full());
        syscall(263, 301, "unlinkat", Paths::unlinkat, args(DIR_FD, PATH, HEX), full());
        syscall( 82,  38, "rename", Paths::rename, args(PATH, PATH), full());
        syscall(264, 302, "renameat", Paths::renameat, args(DIR_FD, PATH, DIR_FD, PATH), full());
        syscall(316, 353, "renameat2", Paths::renameat2, args(DIR_FD, PATH, DIR_FD, PATH, HEX), partial("RENAME_WHITEOUT is EINVAL"));
        syscall( 86,   9, "link", Paths::link, args(PATH, PATH), full());
        syscall(265, 303, "linkat", Paths::linkat, args(DIR_FD, PATH, DIR_FD, PATH, HEX), full());
        syscall( 88,  83, "symlink", Paths::symlink, args(PATH, PATH), full());
        syscall(266, 304, "symlinkat", Paths::symlinkat, args(PATH, DIR_FD, PATH), full());
        syscall(133,  14, "mknod", Paths::mknod, args(PATH, MODE, HEX), full());
        syscall(259, 297, "mknodat", Paths::mknodat, args(DIR_FD, PATH, MODE, HEX), full());
        syscall( 90,  15, "chmod", Attributes::chmod, args(PATH, MODE), full());
        syscall( 91,  94, "fchmod", Attributes::fchmod, args(FD, MODE), full());
        syscall(268, 306, "fchmodat", Attributes::fchmodat, args(DIR_FD, PATH, MODE), full());
        syscall(452, 452, "fchmodat2", Attributes::fchmodat2, args(DIR_FD, PATH, MODE, HEX), full());
        syscall( 92, 212, "chown", Attributes::chown, args(PATH, INT, INT), full());
        syscall( 94, 198, "lchown", Attributes::lchown, args(PATH, INT, INT), full());
        syscall( 93, 207, "fchown", Attributes::fchown, args(FD, INT, INT), full());
        syscall( -1, 182, "chown16", Attributes::chown16, args(PATH, INT, INT), full());
        syscall( -1,  16, "lchown16", Attributes::lchown16, args(PATH, INT, INT), full());
        syscall( -1,  95, "fchown16", Attributes::fchown16, args(FD, INT, INT), full());
        syscall(260, 298, "fchownat", Attributes::fchownat, args(DIR_FD, PATH, INT, INT, HEX), full());
        syscall(132,  30, "utime", Attributes::utime, args(PATH, POINTER), full());
        syscall(235, 271, "utimes", Attributes::utimes, args(PATH, POINTER), full());
        syscall(261, 299, "futimesat", Attributes::futimesat, args(DIR_FD, PATH, POINTER), full());
        syscall(280, 320, "utimensat", Attributes::utimensat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall( -1, 412, "utimensat_time64", Attributes::utimensat64, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall(165,  21, "mount", Mounts::mount, args(PATH, PATH, STRING, HEX, POINTER), partial("one namespace"));
        syscall( -1,  22, "umount", Mounts::umount, args(PATH), full());
        syscall(166,  52, "umount2", Mounts::umount2, args(PATH, HEX), partial("MNT_EXPIRE and MNT_FORCE mean nothing"));
        syscall(155, 217, "pivot_root", Mounts::pivotRoot, args(PATH, PATH), full());
        syscall(188, 226, "setxattr", Xattrs::set, args(PATH, STRING, POINTER, SIZE, HEX), partial("user, trusted and security names; no access control lists"));
        syscall(189, 227, "lsetxattr", Xattrs::setLink, args(PATH, STRING, POINTER, SIZE, HEX), partial("user, trusted and security names; no access control lists"));
        syscall(190, 228, "fsetxattr", Xattrs::setFile, args(FD, STRING, POINTER, SIZE, HEX), partial("user, trusted and security names; no access control lists"));
        syscall(191, 229, "getxattr", Xattrs::get, args(PATH, STRING, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
        syscall(192, 230, "lgetxattr", Xattrs::getLink, args(PATH, STRING, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
        syscall(193, 231, "fgetxattr", Xattrs::getFile, args(FD, STRING, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
        syscall(197, 235, "removexattr", Xattrs::remove, args(PATH, STRING), partial("user, trusted and security names; no access control lists"));
        syscall(198, 236, "lremovexattr", Xattrs::removeLink, args(PATH, STRING), partial("user, trusted and security names; no access control lists"));
        syscall(199, 237, "fremovexattr", Xattrs::removeFile, args(FD, STRING), partial("user, trusted and security names; no access control lists"));
        syscall(194, 232, "listxattr", Xattrs::list, args(PATH, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
        syscall(195, 233, "llistxattr", Xattrs::listLink, args(PATH, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
        syscall(196, 234, "flistxattr", Xattrs::listFile, args(FD, POINTER, SIZE), partial("user, trusted and security names; no access control lists"));
    }

    // poll select epoll eventfd ...
    private void polling() {
        syscall(  7, 168, "poll", Polling::poll, args(POINTER, UINT, INT), full());
        syscall(271, 309, "ppoll", Polling::ppoll, args(POINTER, UINT, TIMESPEC, POINTER, SIZE), full());
        syscall( -1, 414, "ppoll_time64", Polling::ppollTime64, args(POINTER, UINT, TIMESPEC, POINTER, SIZE), full());
        syscall( 23, 142, "select", Polling::select, args(INT, POINTER, POINTER, POINTER, POINTER), full());
        syscall( -1,  82, "select", Polling::oldSelect, args(POINTER), full());
        syscall(270, 308, "pselect6", Polling::pselect6, args(INT, POINTER, POINTER, POINTER, TIMESPEC, POINTER), full());
        syscall( -1, 413, "pselect6_time64", Polling::pselect6Time64, args(INT, POINTER, POINTER, POINTER, TIMESPEC, POINTER), full());
        syscall(213, 254, "epoll_create", Epolls::create, args(INT), full());
        syscall(291, 329, "epoll_create1", Epolls::create1, args(OPEN_FLAGS), full());
        syscall(233, 255, "epoll_ctl", Epolls::ctl, args(FD, INT, FD, POINTER), partial("EPOLLEXCLUSIVE wakes all"));
        syscall(232, 256, "epoll_wait", Epolls::epollWait, args(FD, POINTER, INT, INT), full());
        syscall(281, 319, "epoll_pwait", Epolls::epollPwait, args(FD, POINTER, INT, INT, POINTER, SIZE), full());
        syscall(441, 441, "epoll_pwait2", Epolls::epollPwait2, args(FD, POINTER, INT, TIMESPEC, POINTER, SIZE), full());
        syscall(283, 322, "timerfd_create", EventFiles::timerfdCreate, args(CLOCK, HEX), full());
        syscall(286, 325, "timerfd_settime", EventFiles::timerfdSettime, args(FD, HEX, POINTER, POINTER), full());
        syscall( -1, 411, "timerfd_settime64", EventFiles::timerfdSettime64, args(FD, HEX, POINTER, POINTER), full());
        syscall(287, 326, "timerfd_gettime", EventFiles::timerfdGettime, args(FD, POINTER), full());
        syscall( -1, 410, "timerfd_gettime64", EventFiles::timerfdGettime64, args(FD, POINTER), full());
        syscall(282, 321, "signalfd", EventFiles::signalfd, args(FD, POINTER, SIZE), full());
        syscall(289, 327, "signalfd4", EventFiles::signalfd4, args(FD, POINTER, SIZE, OPEN_FLAGS), full());
        syscall(253, 291, "inotify_init", EventFiles::inotifyInit, args(), full());
        syscall(294, 332, "inotify_init1", EventFiles::inotifyInit1, args(OPEN_FLAGS), full());
        syscall(254, 292, "inotify_add_watch", EventFiles::inotifyAddWatch, args(FD, PATH, HEX), partial("no IN_UNMOUNT"));
        syscall(255, 293, "inotify_rm_watch", EventFiles::inotifyRmWatch, args(FD, INT), full());
        syscall(275, 313, "splice", Splices::splice, args(FD, POINTER, FD, POINTER, SIZE, HEX), full());
        syscall(276, 315, "tee", Splices::tee, args(FD, FD, SIZE, HEX), full());
        syscall(278, 316, "vmsplice", Splices::vmsplice, args(FD, POINTER, SIZE, HEX), full());
        syscall(284, 323, "eventfd", Pipes::eventfd, args(UINT), full());
        syscall(290, 328, "eventfd2", Pipes::eventfd2, args(UINT, HEX), full());
    }

    // socket connect bind listen ...: AF_UNIX
    private void sockets() {
        syscall( 41,  359, "socket", Sockets::socket, args(INT, INT, INT), partial("AF_UNIX only"));
        syscall( 53,  360, "socketpair", Sockets::socketpair, args(INT, INT, INT, POINTER), partial("AF_UNIX only"));
        syscall( -1,  102, "socketcall", Sockets::socketcall, args(INT, POINTER), partial("AF_UNIX only"));
        syscall( 42,  362, "connect", Sockets::connect, args(FD, POINTER, INT), partial("AF_UNIX only"));
        syscall( 49,  361, "bind", Sockets::bind, args(FD, POINTER, INT), partial("AF_UNIX only"));
        syscall( 51,  367, "getsockname", Sockets::getsockname, args(FD, POINTER, POINTER), partial("AF_UNIX only"));
        syscall( 52,  368, "getpeername", Sockets::getpeername, args(FD, POINTER, POINTER), partial("AF_UNIX only"));
        syscall( 50,  363, "listen", Sockets::listen, args(FD, INT), partial("AF_UNIX only"));
        syscall( 48,  373, "shutdown", Sockets::shutdown, args(FD, INT), partial("AF_UNIX only"));
        syscall( 43,   -1, "accept", Sockets::accept, args(FD, POINTER, POINTER), partial("AF_UNIX only"));
        syscall(288,  364, "accept4", Sockets::accept4, args(FD, POINTER, POINTER, HEX), partial("AF_UNIX only"));
        syscall( 54,  366, "setsockopt", Sockets::setsockopt, args(FD, INT, INT, POINTER, INT), partial("AF_UNIX only"));
        syscall( 55,  365, "getsockopt", Sockets::getsockopt, args(FD, INT, INT, POINTER, POINTER), partial("AF_UNIX only"));
        syscall( 44,  369, "sendto", Sockets::sendto, args(FD, POINTER, SIZE, HEX, POINTER, INT), partial("AF_UNIX only"));
        syscall( 45,  371, "recvfrom", Sockets::recvfrom, args(FD, POINTER, SIZE, HEX, POINTER, POINTER), partial("AF_UNIX only"));
        syscall( 46,  370, "sendmsg", SocketMessages::sendmsg, args(FD, POINTER, HEX), partial("AF_UNIX only"));
        syscall( 47,  372, "recvmsg", SocketMessages::recvmsg, args(FD, POINTER, HEX), partial("AF_UNIX only"));
        syscall(307,  345, "sendmmsg", SocketMessages::sendmmsg, args(FD, POINTER, UINT, HEX), partial("AF_UNIX only"));
        syscall(299,  337, "recvmmsg", SocketMessages::recvmmsg, args(FD, POINTER, UINT, HEX, TIMESPEC), partial("AF_UNIX only; the timeout of recvmmsg is not used"));
        syscall( -1,  417, "recvmmsg_time64", SocketMessages::recvmmsg, args(FD, POINTER, UINT, HEX, POINTER), partial("AF_UNIX only; the timeout of recvmmsg is not used"));
    }

    // uname sysinfo getrandom getrlimit prlimit64 getrusage sethostname reboot syslog ...
    private void systemInfo() {
        syscall( 63,  122, "uname", SystemInfo::uname, args(POINTER), full());
        syscall( -1,  109, "olduname", SystemInfo::olduname, args(POINTER), full());
        syscall( -1,   59, "oldolduname", SystemInfo::oldolduname, args(POINTER), full());
        syscall( 99,  116, "sysinfo", SystemInfo::sysinfo, args(POINTER), full());
        syscall(318,  355, "getrandom", SystemInfo::getrandom, args(POINTER, SIZE, HEX), full());
        syscall( 97,  191, "getrlimit", SystemInfo::getrlimit, args(INT, POINTER), full());
        syscall( -1,   76, "old_getrlimit", SystemInfo::oldGetrlimit, args(INT, POINTER), full());
        syscall(160,   75, "setrlimit", SystemInfo::setrlimit, args(INT, POINTER), full());
        syscall(302,  340, "prlimit64", SystemInfo::prlimit64, args(INT, INT, POINTER, POINTER), full());
        syscall(170,   74, "sethostname", SystemInfo::sethostname, args(POINTER, INT), full());
        syscall(171,  121, "setdomainname", SystemInfo::setdomainname, args(POINTER, INT), full());
        syscall(135,  136, "personality", SystemInfo::personality, args(HEX), partial("ADDR_NO_RANDOMIZE, PER_LINUX32; the rest is only kept"));
        syscall(169,   88, "reboot", SystemInfo::reboot, args(HEX, HEX, HEX, POINTER), partial("kexec and suspend are EINVAL"));
        syscall(103,  103, "syslog", SystemInfo::syslog, args(INT, POINTER, INT), full());
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
