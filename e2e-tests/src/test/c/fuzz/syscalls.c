// SPDX-License-Identifier: Apache-2.0
// syscalls SEED ROUNDS CALLS: in each round a child makes so many system calls with numbers and arguments at random, mostly
// ones that are nearly right: small numbers, good and bad pointers, descriptors of all kinds. The parent stays sound and
// says at the end that it is. What would end the machine, or the parent, is left out.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state;

static uint32_t rnd(void) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return state >> 33;
}

#ifdef __i386__
enum { LAST = 462, REBOOT = 88, KILL = 37, TKILL = 238, TGKILL = 270, SIGQUEUE = 178, TGSIGQUEUE = 335, PTRACE = 26, UMOUNT = 22, UMOUNT2 = 52, MOUNT = 21,
    PIVOT = 217, CHROOT = 61, VHANGUP = 111, SETTIME = 79, STIME = 25, CLOCK_SET = 264, CLOCK_SET64 = 404, ADJTIMEX = 124, CLOCK_ADJ = 343, CLOCK_ADJ64 = 405, PRLIMIT = 340 };
#else
enum { LAST = 462, REBOOT = 169, KILL = 62, TKILL = 200, TGKILL = 234, SIGQUEUE = 129, TGSIGQUEUE = 297, PTRACE = 101, UMOUNT = -2, UMOUNT2 = 166, MOUNT = 165,
    PIVOT = 155, CHROOT = 161, VHANGUP = 153, SETTIME = 164, STIME = -3, CLOCK_SET = 227, CLOCK_SET64 = -4, ADJTIMEX = 159, CLOCK_ADJ = 305, CLOCK_ADJ64 = -5, PRLIMIT = 302 };
#endif

static int is_left_out(long n) {
    return n == REBOOT || n == KILL || n == TKILL || n == TGKILL || n == SIGQUEUE || n == TGSIGQUEUE || n == PTRACE || n == UMOUNT || n == UMOUNT2 || n == MOUNT
        || n == PIVOT || n == VHANGUP || n == SETTIME || n == STIME || n == CLOCK_SET || n == CLOCK_SET64 || n == ADJTIMEX || n == CLOCK_ADJ || n == CLOCK_ADJ64 || n == PRLIMIT;
}

static char *pages;
static const char *names[] = {"f", "d", "d/x", ".", "..", "/", "/proc/self/maps", "/proc/self/status", "/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "p", "l", "", "missing/x",
    "/proc/self/fd/3", "/dev/ptmx", "/proc/self/mem", "/tmp", "/dev/hda", "/proc/1/stat", "/sys"};

static void fill(void) {
    for (int i = 0; i < 8; i++) {
        unsigned at = rnd() % (3 * 4096 - 128) & ~7u;
        switch (rnd() % 5) {
            case 0: strcpy(pages + at, names[rnd() % (sizeof names / sizeof *names)]); break;
            case 1: memset(pages + at, 0, 64); break;
            case 2: memset(pages + at, 0xff, 64); break;
            case 3: for (int k = 0; k < 16; k++) ((uint32_t *) (pages + at))[k] = rnd() % 40; break;
            default: for (int k = 0; k < 8; k++) ((long *) (pages + at))[k] = (long) pages + rnd() % (4 * 4096); break;
        }
    }
}

static long argument(void) {
    switch (rnd() % 14) {
        case 0: return rnd() % 32;
        case 1: return rnd() % 32;
        case 2: return -(long) (rnd() % 5);
        case 3: return (long) (pages + rnd() % (3 * 4096 - 64));
        case 4: return (long) (pages + (rnd() % (3 * 4096 - 64) & ~7u));
        case 5: return (long) (pages + 4 * 4096 - rnd() % 64);
        case 6: return (long) pages + 5 * 4096 + rnd() % 4096;
        case 7: return 1L << rnd() % (8 * sizeof(long));
        case 8: return ((long) rnd() << 31 << 1 | rnd()) ^ (long) rnd() << 16;
        case 9: return (long) names[rnd() % (sizeof names / sizeof *names)];
        case 10: return rnd() % 5000;
        case 11: return 4096L * (rnd() % 8);
        case 12: return 0;
        default: return rnd() % 16 < 12 ? 3 + rnd() % 25 : AT_FDCWD;
    }
}

static void child(int calls) {
    struct rlimit limits[] = {{100, 100}, {64 << 20, 64 << 20}, {1 << 20, 1 << 20}, {16, 16}};
    setrlimit(RLIMIT_NOFILE, &limits[0]);
    setrlimit(RLIMIT_AS, &limits[1]);
    setrlimit(RLIMIT_FSIZE, &limits[2]);
    setrlimit(RLIMIT_NPROC, &limits[3]);
    for (int s = 1; s < 32; s++) if (s != SIGKILL && s != SIGSTOP && s != SIGALRM && s != SIGSEGV && s != SIGBUS) signal(s, SIG_IGN);
    pages = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4 * 4096, 4096, PROT_NONE);
    int p[2];
    mkdir("d", 0777);
    mkfifo("p", 0666);
    symlink("d", "l");
    open("f", O_RDWR | O_CREAT, 0666);
    open("d", O_RDONLY);
    pipe2(p, O_NONBLOCK);
    socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, p);
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p);
    socket(AF_UNIX, SOCK_STREAM, 0);
    eventfd(1, 0);
    epoll_create1(0);
    timerfd_create(CLOCK_MONOTONIC, 0);
    inotify_init1(0);
    sigset_t set;
    sigfillset(&set);
    signalfd(-1, &set, SFD_NONBLOCK);
    open("/proc/self/status", O_RDONLY);
    open("/dev/zero", O_RDWR);
    open("/dev/ptmx", O_RDWR | O_NOCTTY);
    memfd_create("m", 0);
    if (rnd() % 2) {
        setgid(1000);
        setuid(1000);
    }
    for (int i = 0; i < calls; i++) {
        if (i % 8 == 0) fill();
        long n = rnd() % (LAST + 1);
        if (is_left_out(n)) continue;
        long a[6];
        for (int k = 0; k < 6; k++) a[k] = argument();
        // A call that waits, or a child that goes on from here, is ended by the alarm.
        alarm(1);
        pid_t me = getpid();
        syscall(n, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (getpid() != me) _exit(0);
    }
    _exit(0);
}

int main(int argc, char **argv) {
    uint64_t seed = strtoull(argv[1], NULL, 0);
    int rounds = atoi(argv[2]), calls = atoi(argv[3]), ends[3] = {0};
    umask(0);
    for (int i = 0; i < rounds; i++) {
        char name[40];
        snprintf(name, sizeof name, "round%d", i);
        mkdir(name, 0777);
        pid_t pid = fork();
        if (pid == 0) {
            state = seed * 1000003 + i;
            setsid();
            if (chdir(name)) _exit(2);
            freopen("/dev/null", "r+", stdin);
            freopen("/dev/null", "w", stdout);
            freopen("/dev/null", "w", stderr);
            child(calls);
        }
        int status = 0;
        // The child may be stopped for ever or have blocked the alarm: a limit of its own.
        for (int tenths = 0; waitpid(pid, &status, WNOHANG) == 0; tenths++) {
            if (tenths == 100) kill(-pid, SIGKILL), kill(pid, SIGKILL);
            poll(NULL, 0, 100);
        }
        kill(-pid, SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
        ends[WIFEXITED(status) ? 0 : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 2 : 1]++;
    }
    FILE *f = fopen("sound", "w");
    fprintf(f, "still here\n");
    fclose(f);
    char line[40] = "";
    f = fopen("sound", "r");
    fgets(line, sizeof line, f);
    printf("rounds %d, exited %d, signalled %d, killed %d: %s", rounds, ends[0], ends[1], ends[2], line);
    return 0;
}
