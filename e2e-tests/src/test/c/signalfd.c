// SPDX-License-Identifier: Apache-2.0
// signalfd: blocked signals are read, with who sent them; polling, children, queues of real-time signals, errors.
#include "t.h"
#include <sys/signalfd.h>

static void take(int f, int room) {
    struct signalfd_siginfo s[4];
    memset(s, 0, sizeof s);
    errno = 0;
    ssize_t n = read(f, s, room * sizeof *s);
    if (n < 0) {
        printf("read: %s\n", errname(errno));
        return;
    }
    for (int i = 0; i < n / (ssize_t) sizeof *s; i++) {
        printf("signal %d code %d from %s uid %d value %d status %d\n", s[i].ssi_signo, s[i].ssi_code,
            s[i].ssi_pid == getpid() ? "me" : s[i].ssi_pid == 0 ? "nobody" : "a child", s[i].ssi_uid, s[i].ssi_int, s[i].ssi_status);
    }
}

int main() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int f = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    T(f >= 0);
    take(f, 1);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    struct pollfd p = {f, POLLIN | POLLOUT, 0};
    R(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    take(f, 4);
    R(poll(&p, 1, 0));
    union sigval v;
    for (int i = 1; i < 4; i++) {
        v.sival_int = i * 11;
        sigqueue(getpid(), SIGRTMIN + 1, v);
    }
    raise(SIGUSR2);
    take(f, 3);
    take(f, 3);
    pid_t child = fork();
    if (child == 0) _exit(7);
    reap("child", child);
    take(f, 1);
    fcntl(f, F_SETFL, 0);
    child = fork();
    if (child == 0) {
        pause_ms(20);
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    take(f, 1);
    reap("child", child);
    take(f, 1);
    // A child that reads the same file sees its own signals.
    child = fork();
    if (child == 0) {
        kill(getpid(), SIGUSR2);
        take(f, 1);
        _exit(0);
    }
    reap("child", child);
    take(f, 1);
    int e = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {0}};
    R(epoll_ctl(e, EPOLL_CTL_ADD, f, &ev));
    R(epoll_wait(e, &ev, 1, 0));
    kill(getpid(), SIGUSR1);
    R(epoll_wait(e, &ev, 1, 1000));
    sigset_t other;
    sigemptyset(&other);
    sigaddset(&other, SIGUSR2);
    R(signalfd(f, &other, 0) == f);
    R(poll(&p, 1, 0));
    R(signalfd(f, &set, 0) == f);
    R(poll(&p, 1, 0));
    char small[10];
    R(read(f, small, sizeof small));
    R(syscall(SYS_signalfd4, -1, &set, 4, 0));
    R(syscall(SYS_signalfd4, -1, &set, 8, 1));
    R(syscall(SYS_signalfd4, 0, &set, 8, 0));
    R(syscall(SYS_signalfd4, 99, &set, 8, 0));
    R(syscall(SYS_signalfd4, -1, (void *) 8, 8, 0));
    R(write(f, small, sizeof small));
}
