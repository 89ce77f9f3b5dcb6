// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static volatile pid_t where; static volatile int hits;
static void h(int s) { where = gettid(); hits++; }
static pid_t ids[2]; static volatile int stop;
static void *work(void *x) { ids[1] = gettid(); while (!stop) pause_ms(1); return NULL; }
int main() {
    pthread_t t; on(SIGUSR1, h, 0); on(SIGUSR2, h, 0);
    pthread_create(&t, NULL, work, NULL); while (!ids[1]) pause_ms(1);
    pthread_kill(t, SIGUSR1); while (!hits) pause_ms(1); T(where == ids[1]);
    sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); pthread_sigmask(SIG_BLOCK, &s, NULL);
    kill(getpid(), SIGUSR2); while (hits < 2) pause_ms(1); T(where == ids[1]);
    T(gettid() == getpid()); T(ids[1] != getpid());
    R(syscall(SYS_tgkill, getpid(), ids[1], 0)); R(syscall(SYS_tgkill, getpid() + 1, ids[1], 0)); R(syscall(SYS_tgkill, getpid(), -1, 0)); R(syscall(SYS_tkill, ids[1], 99));
    stop = 1; pthread_join(t, NULL);
}
