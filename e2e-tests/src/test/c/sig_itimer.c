// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n; static void h(int s) { n++; }
int main() {
    on(SIGALRM, h, 0); on(SIGVTALRM, h, 0); on(SIGPROF, h, 0);
    struct itimerval t = {{0, 5000}, {0, 5000}}, o; R(setitimer(ITIMER_REAL, &t, NULL)); while (n < 4) pause(); memset(&t, 0, sizeof t); R(setitimer(ITIMER_REAL, &t, &o)); T(o.it_interval.tv_usec == 5000); T(o.it_value.tv_usec <= 5000);
    n = 0; t.it_value.tv_usec = 10000; R(setitimer(ITIMER_VIRTUAL, &t, NULL)); while (!n) ; n = 0; t.it_value.tv_usec = 10000; R(setitimer(ITIMER_PROF, &t, NULL)); while (!n) getppid();
    R(getitimer(ITIMER_PROF, &o)); printf("%ld %ld\n", (long) o.it_value.tv_sec, (long) o.it_value.tv_usec); R(getitimer(9, &o)); t.it_value.tv_usec = 1000000; R(setitimer(ITIMER_REAL, &t, NULL));
    R(alarm(10)); R(alarm(5)); R(alarm(0)); R(alarm(0));
    pid_t p = fork(); if (!p) { signal(SIGALRM, SIG_DFL); ualarm(1000, 0); for (;;) pause(); } reap("p", p);
}
