// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n; static char order[20];
static void h(int s) { order[n++] = 'A' + s; }
static void nested(int s) { order[n++] = '('; raise(SIGUSR2); raise(s); sigset_t m; sigprocmask(0, NULL, &m); order[n++] = sigismember(&m, s) ? 'm' : 'u'; order[n++] = sigismember(&m, SIGUSR2) ? 'm' : 'u'; order[n++] = ')'; }
int main() {
    sigset_t s, o; on(SIGUSR1, h, 0); on(SIGUSR2, h, 0); on(SIGHUP, h, 0);
    sigfillset(&s); R(sigprocmask(SIG_SETMASK, &s, &o)); sigprocmask(0, NULL, &s); T(sigismember(&s, SIGKILL)); T(sigismember(&s, SIGSTOP)); T(sigismember(&s, SIGINT));
    raise(SIGUSR2); raise(SIGUSR1); raise(SIGHUP); raise(SIGUSR1);
    printf("%d\n", n); sigpending(&s); T(sigismember(&s, SIGUSR1)); T(sigismember(&s, SIGTERM));
    sigemptyset(&s); R(sigprocmask(SIG_SETMASK, &s, NULL)); printf("%d\n", n);
    R(sigprocmask(7, &s, NULL)); R(sigprocmask(SIG_BLOCK, (void *) 8, NULL));
    struct sigaction a = {0}; n = 0; memset(order, 0, 20);
    a.sa_handler = nested; sigaddset(&a.sa_mask, SIGUSR2); sigaction(SIGUSR1, &a, NULL); raise(SIGUSR1); printf("%s\n", order);
    n = 0; memset(order, 0, 20); on(SIGUSR1, h, SA_NODEFER); raise(SIGUSR1); printf("%s\n", order);
    pid_t p = fork();
    if (!p) { signal(SIGSEGV, h); sigfillset(&s); sigprocmask(SIG_BLOCK, &s, NULL); *(volatile int *) 0 = 1; _exit(0); }
    reap("fault while blocked", p);
}
