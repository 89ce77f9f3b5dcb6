// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void h(int s) { }
static void later(int sig, int ms) { if (!fork()) { pause_ms(ms); kill(getppid(), sig); _exit(0); } }
int main() {
    int p[2]; char c; pipe(p); on(SIGUSR1, h, 0); on(SIGUSR2, h, SA_RESTART); signal(SIGCHLD, SIG_DFL);
    later(SIGUSR1, 10); R(read(p[0], &c, 1)); wait(NULL);
    if (!fork()) { pause_ms(10); kill(getppid(), SIGUSR2); pause_ms(20); write(p[1], "x", 1); _exit(0); }
    R(read(p[0], &c, 1)); wait(NULL);
    later(SIGUSR2, 10); R(pause()); wait(NULL);
    struct timespec t = {5, 0}, rem = {0, 0}; later(SIGUSR2, 10); R(nanosleep(&t, &rem)); T(rem.tv_sec == 4); wait(NULL);
    struct pollfd f = {p[0], POLLIN}; later(SIGUSR2, 10); R(poll(&f, 1, 5000)); wait(NULL);
    later(SIGUSR2, 10); fd_set r; FD_ZERO(&r); FD_SET(p[0], &r); R(select(p[0] + 1, &r, NULL, NULL, NULL)); wait(NULL);
    int s; pid_t k = fork(); if (!k) { pause_ms(40); _exit(3); } pid_t m = fork(); if (!m) { pause_ms(5); kill(getppid(), SIGUSR1); _exit(0); }
    R(waitpid(k, &s, 0)); T(waitpid(k, &s, 0) == k); waitpid(m, &s, 0);
    sigset_t none; sigemptyset(&none); later(SIGUSR2, 10); R(sigsuspend(&none)); wait(NULL);
    on(SIGALRM, h, 0); alarm(1); ualarm(5000, 0); R(read(p[0], &c, 1));
    int e = epoll_create1(0); struct epoll_event ev; later(SIGUSR2, 10); R(epoll_wait(e, &ev, 1, 3000)); wait(NULL);
}
