// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int s;
    R(wait(&s));
    R(waitpid(-1, &s, WNOHANG));
    R(waitpid(1 << 22, &s, 0));
    R(waitpid(0, &s, 0x40000000 | 0x100));
    pid_t a = fork();
    if (!a) { pause_ms(50); _exit(5); }
    R(waitpid(a, &s, WNOHANG));
    T(waitpid(-1, &s, 0) == a);
    status("a", s);
    a = fork();
    if (!a) { setpgid(0, 0); pause_ms(30); _exit(6); }
    setpgid(a, a);
    R(waitpid(0, &s, 0));
    T(waitpid(-a, &s, 0) == a);
    status("a", s);
    siginfo_t i;
    a = fork();
    if (!a) _exit(9);
    memset(&i, 0, sizeof i);
    R(waitid(P_PID, a, &i, WEXITED | WNOWAIT));
    T(i.si_pid == a);
    printf("code %d status %d signo %d uid %d\n", i.si_code, i.si_status, i.si_signo, i.si_uid);
    R(waitid(P_ALL, 0, &i, WEXITED));
    R(waitid(P_ALL, 0, &i, WEXITED));
    R(waitid(P_ALL, 0, &i, 0));
    a = fork();
    if (!a) pause();
    memset(&i, 1, sizeof i);
    R(waitid(P_PID, a, &i, WEXITED | WNOHANG));
    printf("none: pid %d signo %d\n", i.si_pid, i.si_signo);
    kill(a, SIGKILL);
    R(waitid(P_PID, a, &i, WEXITED));
    T(i.si_code == CLD_KILLED);
    printf("status %d\n", i.si_status);
    struct rusage u;
    a = fork();
    if (!a) _exit(1);
    T(wait4(a, &s, 0, &u) == a);
    T(u.ru_minflt > 0);
}
