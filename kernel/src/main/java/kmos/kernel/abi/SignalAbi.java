// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** signal.h of x86; the same numbers for both ABIs. */
public final class SignalAbi {
    private SignalAbi() { }

    public static final int SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8,
        SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGSTKFLT = 16,
        SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGURG = 23, SIGXCPU = 24,
        SIGXFSZ = 25, SIGVTALRM = 26, SIGPROF = 27, SIGWINCH = 28, SIGIO = 29, SIGPWR = 30, SIGSYS = 31, SIGRTMIN = 32,
        NSIG = 64;

    public static final long SIG_DFL = 0, SIG_IGN = 1;
    public static final int SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2;

    public static final int SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_ONSTACK = 0x08000000,
        SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000, SA_RESETHAND = 0x80000000, SA_EXPOSE_TAGBITS = 0x800;

    public static final int SS_ONSTACK = 1, SS_DISABLE = 2, SS_AUTODISARM = 0x80000000;

    public static final int SI_USER = 0, SI_KERNEL = 0x80, SI_QUEUE = -1, SI_TIMER = -2, SI_TKILL = -6;
    public static final int ILL_ILLOPN = 2, FPE_INTDIV = 1, FPE_INTOVF = 2, FPE_FLTDIV = 3, FPE_FLTOVF = 4, FPE_FLTUND = 5,
        FPE_FLTRES = 6, FPE_FLTINV = 7, FPE_FLTUNK = 14, SEGV_MAPERR = 1, SEGV_ACCERR = 2, SEGV_BNDERR = 3, BUS_ADRALN = 1, BUS_ADRERR = 2,
        TRAP_BRKPT = 1, TRAP_TRACE = 2, TRAP_HWBKPT = 4;
    public static final int CLD_EXITED = 1, CLD_KILLED = 2, CLD_DUMPED = 3, CLD_TRAPPED = 4, CLD_STOPPED = 5, CLD_CONTINUED = 6;

    public static final int SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD = 2, SIGEV_THREAD_ID = 4;

    private static final String NAMES = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP "
        + "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

    /** The signal as a bit of a kernel sigset (signal 1 is bit 0). */
    public static long bit(int signal) {
        return 1L << signal - 1;
    }

    /** "SIGHUP", "SIGRT_3" ... as strace writes it. */
    public static String name(int signal) {
        if (signal >= SIGRTMIN && signal <= NSIG) {
            return signal == SIGRTMIN ? "SIGRTMIN" : "SIGRT_" + (signal - SIGRTMIN);
        }
        String[] names = NAMES.split(" ");
        return signal >= 1 && signal <= names.length ? "SIG" + names[signal - 1] : String.valueOf(signal);
    }
}
