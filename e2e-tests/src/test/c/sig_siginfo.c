// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static siginfo_t last; static void h(int s, siginfo_t *i, void *u) { last = *i; }
int main() {
    int sigs[] = {SIGUSR1, SIGRTMIN, SIGCHLD, SIGALRM};
    for (int i = 0; i < 4; i++) on3(sigs[i], h, 0);
    kill(getpid(), SIGUSR1); printf("%d %d %d\n", last.si_signo, last.si_code, last.si_errno); T(last.si_pid == getpid()); T(last.si_uid == getuid());
    raise(SIGUSR1); T(last.si_code == SI_TKILL); T(last.si_pid == getpid());
    union sigval v = {.sival_int = 1234}; R(sigqueue(getpid(), SIGRTMIN, v)); T(last.si_code == SI_QUEUE); printf("%d\n", last.si_value.sival_int);
    pid_t p = fork(); if (!p) _exit(33);
    while (last.si_signo != SIGCHLD) pause_ms(1);
    T(last.si_pid == p); T(last.si_code == CLD_EXITED); printf("%d\n", last.si_status); reap("p", p);
    p = fork(); if (!p) pause(); memset(&last, 0, sizeof last); kill(p, SIGTERM);
    while (last.si_signo != SIGCHLD) pause_ms(1);
    T(last.si_code == CLD_KILLED); printf("%d\n", last.si_status); reap("p", p);
    p = fork(); if (!p) { raise(SIGSTOP); _exit(1); } memset(&last, 0, sizeof last);
    while (last.si_signo != SIGCHLD) pause_ms(1);
    T(last.si_code == CLD_STOPPED); printf("%d\n", last.si_status); memset(&last, 0, sizeof last); kill(p, SIGCONT);
    while (last.si_signo != SIGCHLD) pause_ms(1);
    T(last.si_code == CLD_CONTINUED || last.si_code == CLD_EXITED); reap("p", p);
    alarm(1); ualarm(1000, 0); memset(&last, 0, sizeof last); while (last.si_signo != SIGALRM) pause_ms(1); printf("%d\n", last.si_code);
    siginfo_t fake = {0}; fake.si_code = SI_USER; fake.si_signo = SIGUSR1;
    p = fork(); if (!p) { pause_ms(100); _exit(0); }
    R(syscall(SYS_rt_sigqueueinfo, p, SIGUSR2, &fake)); fake.si_code = SI_TKILL; R(syscall(SYS_rt_sigqueueinfo, p, SIGUSR2, &fake)); kill(p, SIGKILL); reap("p", p);
}
