// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static int got[100], n; static void h(int s, siginfo_t *i, void *u) { if (n < 100) got[n++] = (s - SIGRTMIN) * 1000 + i->si_value.sival_int; }
int main() {
    sigset_t s; sigemptyset(&s);
    for (int i = 0; i < 3; i++) { on3(SIGRTMIN + i, h, 0); sigaddset(&s, SIGRTMIN + i); }
    sigprocmask(SIG_BLOCK, &s, NULL);
    for (int i = 0; i < 5; i++) for (int k = 2; k >= 0; k--) sigqueue(getpid(), SIGRTMIN + k, (union sigval) {.sival_int = i});
    sigprocmask(SIG_UNBLOCK, &s, NULL);
    // A handler for a lower signal runs nested on top of the one below it.
    int lost = 0, sum = 0; for (int i = 0; i < n; i++) sum += got[i];
    printf("%d %d\n", n, sum);
    int order[3] = {-1, -1, -1}; for (int i = 0; i < n; i++) { int k = got[i] / 1000, v = got[i] % 1000; if (v <= order[k]) lost++; order[k] = v; }
    printf("out of order: %d\n", lost);
    struct rlimit r = {3, 3}; 
    sigprocmask(SIG_BLOCK, &s, NULL);
    siginfo_t i; struct timespec t = {0, 0};
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval) {.sival_int = 7}); sigqueue(getpid(), SIGRTMIN, (union sigval) {.sival_int = 8});
    T(sigwaitinfo(&s, &i) == SIGRTMIN); printf("%d\n", i.si_value.sival_int); T(sigtimedwait(&s, &i, &t) == SIGRTMIN + 1); R(sigtimedwait(&s, &i, &t));
    t.tv_nsec = 2000000; R(sigtimedwait(&s, &i, &t)); t.tv_nsec = -1; R(sigtimedwait(&s, &i, &t));
}
