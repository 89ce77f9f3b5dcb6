// SPDX-License-Identifier: Apache-2.0
// What every test program starts with: headers, line-buffered output, and macros that print facts.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
}

__attribute__((unused)) static const char *errname(int e) {
    const char *n = strerrorname_np(e);
    return n ? n : "?";
}

// The expression, its value, and errno's name when that is -1.
#define R(e) do { errno = 0; long r_ = (long) (e); if (r_ == -1) printf("%s = -1 %s\n", #e, errname(errno)); else printf("%s = %ld\n", #e, r_); } while (0)
// Whether it succeeded, for values that differ by machine.
#define OK(e) do { errno = 0; long r_ = (long) (e); if (r_ == -1) printf("%s: %s\n", #e, errname(errno)); else printf("%s: ok\n", #e); } while (0)
// A fact.
#define T(e) printf("%s: %s\n", #e, (e) ? "yes" : "no")
// A condition without which the program makes no sense.
#define MUST(e) do { errno = 0; if (!(e)) { printf("line %d: %s failed: %s\n", __LINE__, #e, errname(errno)); exit(99); } } while (0)

__attribute__((unused)) static void status(const char *what, int s) {
    if (WIFEXITED(s)) printf("%s: exit %d\n", what, WEXITSTATUS(s));
    else if (WIFSIGNALED(s)) printf("%s: signal %d\n", what, WTERMSIG(s));
    else if (WIFSTOPPED(s)) printf("%s: stopped %d\n", what, WSTOPSIG(s));
    else if (WIFCONTINUED(s)) printf("%s: continued\n", what);
}

__attribute__((unused)) static void reap(const char *what, pid_t p) {
    int s = 0;
    while (waitpid(p, &s, 0) < 0 && errno == EINTR) continue;
    status(what, s);
}

__attribute__((unused)) static void put(const char *name, const char *text) {
    int f = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    MUST(f >= 0);
    MUST(write(f, text, strlen(text)) == (ssize_t) strlen(text));
    close(f);
}

__attribute__((unused)) static void show(const char *name) {
    char b[4096];
    int f = open(name, O_RDONLY);
    if (f < 0) { printf("%s: %s\n", name, errname(errno)); return; }
    ssize_t n = read(f, b, sizeof b);
    printf("%s: [%.*s]\n", name, (int) (n < 0 ? 0 : n), b);
    close(f);
}

__attribute__((unused)) static void pause_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&t, &t) < 0 && errno == EINTR) continue;
}

__attribute__((unused)) static void on(int sig, void (*h)(int), int flags) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = h;
    a.sa_flags = flags;
    MUST(sigaction(sig, &a, NULL) == 0);
}

__attribute__((unused)) static void on3(int sig, void (*h)(int, siginfo_t *, void *), int flags) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_sigaction = h;
    a.sa_flags = flags | SA_SIGINFO;
    MUST(sigaction(sig, &a, NULL) == 0);
}
