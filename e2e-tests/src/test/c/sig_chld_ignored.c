// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static volatile int n; static void h(int s) { n++; }
int main() {
    int s; signal(SIGCHLD, SIG_IGN); pid_t p = fork(); if (!p) { pause_ms(10); _exit(1); } R(wait(&s));
    signal(SIGCHLD, SIG_DFL); on(SIGCHLD, h, SA_NOCLDWAIT); p = fork(); if (!p) { pause_ms(5); _exit(1); } do { errno = 0; p = wait(&s); } while (errno == EINTR); printf("%d %s\n", p, errname(errno)); printf("%d\n", n);
    n = 0; on(SIGCHLD, h, SA_NOCLDSTOP); p = fork(); if (!p) { raise(SIGSTOP); _exit(2); } waitpid(p, &s, WUNTRACED); pause_ms(2); printf("stop: %d\n", n); kill(p, SIGCONT); while (!n) pause_ms(1); reap("p", p); printf("%d\n", n);
}
