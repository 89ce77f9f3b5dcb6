// SPDX-License-Identifier: Apache-2.0
// pidfd_open, pidfd_send_signal, pidfd_getfd, waitid(P_PIDFD), clone with CLONE_PIDFD.
#include "t.h"
#include <linux/sched.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int open_pid(pid_t p, int flags) {
    return syscall(SYS_pidfd_open, p, flags);
}

static void wait_for(const char *what, int fd, int options) {
    siginfo_t i;
    memset(&i, 0, sizeof i);
    errno = 0;
    int r = waitid(P_PIDFD, fd, &i, options);
    printf("%s: %d %s code %d status %d\n", what, r, r ? errname(errno) : "", i.si_code, i.si_status);
}

int main() {
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(1);
    }
    int f = open_pid(child, 0);
    T(f >= 0);
    printf("cloexec %d\n", fcntl(f, F_GETFD));
    struct pollfd p = {f, POLLIN, 0};
    R(poll(&p, 1, 0));
    wait_for("nothing yet", f, WEXITED | WNOHANG);
    R(syscall(SYS_pidfd_send_signal, f, 0, NULL, 0));
    R(syscall(SYS_pidfd_send_signal, f, SIGTERM, NULL, 0));
    R(poll(&p, 1, 1000));
    printf("%x\n", p.revents & POLLIN);
    wait_for("terminated", f, WEXITED);
    wait_for("again", f, WEXITED);
    R(syscall(SYS_pidfd_send_signal, f, SIGTERM, NULL, 0));
    R(poll(&p, 1, 0));
    close(f);

    int fds[2];
    MUST(pipe(fds) == 0);
    child = fork();
    if (child == 0) {
        close(fds[0]);
        dup2(fds[1], 77);
        pause_ms(200);
        _exit(5);
    }
    close(fds[1]);
    f = open_pid(child, 0);
    pause_ms(20);
    int theirs = syscall(SYS_pidfd_getfd, f, 77, 0);
    T(theirs >= 0);
    R(write(theirs, "by parent", 9));
    char b[20];
    R(read(fds[0], b, sizeof b));
    R(syscall(SYS_pidfd_getfd, f, 78, 0));
    R(syscall(SYS_pidfd_getfd, f, 77, 1));
    wait_for("exited", f, WEXITED);
    R(syscall(SYS_pidfd_getfd, f, 77, 0));

    f = open_pid(getpid(), O_NONBLOCK);
    T(f >= 0);
    int own = -1;
    struct clone_args a;
    memset(&a, 0, sizeof a);
    a.flags = CLONE_PIDFD;
    a.pidfd = (uintptr_t) &own;
    a.exit_signal = SIGCHLD;
    pid_t made = syscall(SYS_clone3, &a, sizeof a);
    if (made == 0) _exit(9);
    T(made > 0 && own >= 0);
    wait_for("cloned", own, WEXITED);

    R(open_pid(0, 0));
    R(open_pid(-1, 0));
    R(open_pid(999999, 0));
    R(open_pid(getpid(), 4));
    R(syscall(SYS_pidfd_send_signal, 0, SIGTERM, NULL, 0));
    R(syscall(SYS_pidfd_send_signal, 99, SIGTERM, NULL, 0));
    R(syscall(SYS_pidfd_send_signal, f, 99, NULL, 0));
    R(syscall(SYS_pidfd_getfd, 99, 0, 0));
    wait_for("no pidfd", 0, WEXITED);
    wait_for("not open", 99, WEXITED);
    wait_for("own", f, WEXITED);
    R(read(f, b, 1));
}
