// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n, last;
static void h(int s) { n++; last = s; }
int main() {
    on(SIGUSR1, h, 0);
    R(raise(SIGUSR1)); printf("%d %d\n", n, last);
    R(kill(getpid(), SIGUSR1)); printf("%d\n", n);
    on(SIGUSR1, h, SA_RESETHAND);
    raise(SIGUSR1); printf("%d\n", n);
    struct sigaction a; sigaction(SIGUSR1, NULL, &a); T(a.sa_handler == SIG_DFL);
    signal(SIGUSR1, SIG_IGN); raise(SIGUSR1); printf("%d\n", n);
    R(sigaction(SIGKILL, &a, NULL)); R(sigaction(SIGSTOP, &a, NULL)); R(sigaction(0, &a, NULL)); R(sigaction(65, &a, NULL)); R(sigaction(SIGKILL, NULL, &a));
    R(kill(getpid(), 0)); R(kill(getpid(), 65)); R(kill(getpid(), -1)); R(kill(1 << 22, SIGTERM)); R(kill(-(1 << 22), 0)); R(kill(INT_MIN, 0));
    T(signal(SIGTERM, h) == SIG_DFL); T(signal(SIGTERM, SIG_DFL) == h);
    for (int s = 1; s < 32; s++) {
        pid_t p = fork();
        if (!p) { prctl(PR_SET_DUMPABLE, 0); raise(s); _exit(0); }
        if (s == SIGSTOP || s == SIGTSTP || s == SIGTTIN || s == SIGTTOU) {
            int w; waitpid(p, &w, WUNTRACED); printf("%d ", s); status("default", w);
            if (WIFSTOPPED(w)) { kill(p, SIGCONT); reap("continued", p); }
            continue;
        }
        int w; waitpid(p, &w, 0); printf("%d ", s); status("default", w);
    }
}
