// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n, v, over; static void h(int s, siginfo_t *i, void *u) { n++; v = i->si_value.sival_int; over += i->si_overrun; if (i->si_code != SI_TIMER) v = -1; }
int main() {
    timer_t t; struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_int = 99}; on3(SIGRTMIN + 2, h, 0);
    R(timer_create(CLOCK_MONOTONIC, &e, &t)); struct itimerspec s = {{0, 3000000}, {0, 1000000}}, o; R(timer_settime(t, 0, &s, NULL)); while (n < 3) pause(); printf("%d\n", v);
    R(timer_gettime(t, &o)); T(o.it_interval.tv_nsec == 3000000); T(o.it_value.tv_nsec <= 3000000); sigset_t m; sigemptyset(&m); sigaddset(&m, SIGRTMIN + 2); sigprocmask(SIG_BLOCK, &m, NULL); pause_ms(20); n = 0; over = 0; sigprocmask(SIG_UNBLOCK, &m, NULL); T(over >= 3); T(n >= 1);
    R(timer_delete(t)); R(timer_delete(t)); e.sigev_notify = SIGEV_NONE; R(timer_create(CLOCK_REALTIME, &e, &t)); s.it_value.tv_sec = 100; timer_settime(t, 0, &s, NULL); timer_gettime(t, &o); T(o.it_value.tv_sec == 99 || o.it_value.tv_sec == 100);
    R(timer_getoverrun(t)); R(timer_create(77, &e, &t)); e.sigev_signo = 99; e.sigev_notify = SIGEV_SIGNAL; R(timer_create(CLOCK_REALTIME, &e, &t)); s.it_value.tv_nsec = -1; R(timer_settime(t, 0, &s, NULL));
}
