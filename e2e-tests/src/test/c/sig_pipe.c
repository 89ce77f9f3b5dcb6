// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n; static void h(int s) { n++; }
int main() {
    int p[2]; pipe(p); close(p[0]); signal(SIGPIPE, SIG_IGN); R(write(p[1], "x", 1)); on(SIGPIPE, h, 0); R(write(p[1], "x", 1)); printf("%d\n", n); R(write(p[1], "", 0)); printf("%d\n", n);
    pid_t k = fork(); if (!k) { signal(SIGPIPE, SIG_DFL); write(p[1], "x", 1); _exit(0); } reap("k", k);
    struct pollfd f = {p[1], POLLOUT}; R(poll(&f, 1, 0)); printf("%x\n", f.revents);
}
