// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int s;
    pid_t p = fork();
    if (!p) { raise(SIGSTOP); _exit(3); }
    T(waitpid(p, &s, WUNTRACED) == p); status("p", s);
    R(waitpid(p, &s, WNOHANG | WUNTRACED));
    kill(p, SIGCONT);
    T(waitpid(p, &s, WCONTINUED) == p); status("p", s);
    T(waitpid(p, &s, 0) == p); status("p", s);
    p = fork();
    if (!p) for (;;) pause();
    kill(p, SIGTSTP);
    siginfo_t i;
    R(waitid(P_PID, p, &i, WSTOPPED));
    T(i.si_code == CLD_STOPPED); printf("status %d\n", i.si_status);
    kill(p, SIGTERM);
    R(waitid(P_PID, p, &i, WEXITED | WNOHANG));
    kill(p, SIGCONT);
    R(waitid(P_PID, p, &i, WEXITED));
    T(i.si_code == CLD_KILLED); printf("status %d\n", i.si_status);
}
