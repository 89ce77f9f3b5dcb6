// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void list(void) {
    for (int i = 3; i < 20; i++) if (fcntl(i, F_GETFD) >= 0) printf("fd %d open\n", i);
}
int main(int argc, char **argv) {
    if (argc > 1) {
        list();
        sigset_t s; sigprocmask(0, NULL, &s);
        T(sigismember(&s, SIGUSR1));
        struct sigaction a; sigaction(SIGUSR2, NULL, &a); T(a.sa_handler == SIG_DFL);
        sigaction(SIGHUP, NULL, &a); T(a.sa_handler == SIG_IGN);
        sigpending(&s); T(sigismember(&s, SIGUSR1));
        printf("umask %o\n", umask(0));
        printf("alarm %u\n", alarm(0) > 0);
        struct rlimit r; getrlimit(RLIMIT_NOFILE, &r); printf("%d\n", (int) r.rlim_cur);
        return 0;
    }
    open("/dev/null", O_RDONLY); open("/dev/null", O_RDONLY | O_CLOEXEC);
    R(dup3(3, 10, O_CLOEXEC)); R(dup2(3, 11)); R(fcntl(3, F_DUPFD_CLOEXEC, 12)); R(fcntl(4, F_DUPFD, 13));
    R(dup3(3, 3, 0)); R(dup2(3, 3)); R(dup3(3, 5, 0x7));
    list();
    sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR1); sigprocmask(SIG_BLOCK, &s, NULL);
    raise(SIGUSR1);
    on(SIGUSR2, (void (*)(int)) list, 0);
    signal(SIGHUP, SIG_IGN);
    umask(027);
    alarm(100);
    struct rlimit r = {55, 66}; setrlimit(RLIMIT_NOFILE, &r);
    execl("/proc/self/exe", "x", "y", NULL);
}
