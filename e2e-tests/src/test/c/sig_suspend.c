// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n; static void h(int s) { sigset_t m; sigprocmask(0, NULL, &m); printf("handler %d usr1 %d usr2 %d\n", s, sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2)); n++; }
int main() {
    sigset_t b, w, m; on(SIGUSR1, h, 0); on(SIGUSR2, h, 0); sigemptyset(&b); sigaddset(&b, SIGUSR1); sigprocmask(SIG_BLOCK, &b, NULL);
    raise(SIGUSR1); printf("%d\n", n); sigemptyset(&w); sigaddset(&w, SIGUSR2); R(sigsuspend(&w)); printf("%d\n", n);
    sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR1)); T(sigismember(&m, SIGUSR2));
    raise(SIGUSR1); struct timespec t = {1, 0}; R(ppoll(NULL, 0, &t, &w)); sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR1)); T(sigismember(&m, SIGUSR2));
    t.tv_sec = 0; R(ppoll(NULL, 0, &t, &w)); raise(SIGUSR1); R(pselect(0, NULL, NULL, NULL, &t, &w)); printf("%d\n", n);
    sigpending(&m); T(sigismember(&m, SIGUSR1)); raise(SIGUSR1); R(pselect(0, NULL, NULL, NULL, NULL, &w)); printf("%d\n", n);
}
