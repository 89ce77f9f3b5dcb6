// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void h(int s) { _exit(30 + s); }
int main() {
    int p[2]; char c; pipe(p);
    pid_t k[3]; for (int i = 0; i < 3; i++) { if (!(k[i] = fork())) { setpgid(0, i ? k[0] : 0); on(SIGUSR1, h, 0); write(p[1], "x", 1); for (;;) pause(); } setpgid(k[i], k[0]); }
    for (int i = 0; i < 3; i++) read(p[0], &c, 1);
    T(getpgid(k[2]) == k[0]); R(kill(-k[0], 0)); R(killpg(k[0], SIGUSR1)); for (int i = 0; i < 3; i++) reap("k", k[i]); R(kill(-k[0], SIGUSR1));
    R(setpgid(0, 1 << 22)); R(setpgid(1 << 22, 0)); R(setpgid(0, -1)); R(setpgid(getpid(), 0)); R(setsid()); T(getsid(0) == getpid()); T(getpgrp() == getpid());
    pid_t q = fork(); if (!q) { T(getsid(0) == getppid()); OK(setsid()); T(getsid(0) == getpid()); T(getpgid(0) == getpid()); R(getsid(1 << 22)); R(setpgid(0, 0)); _exit(0); } reap("q", q);
    q = fork(); if (!q) { execl("/proc/self/exe", "x", NULL); } kill(q, SIGKILL); reap("q", q);
}
