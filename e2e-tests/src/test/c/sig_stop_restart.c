// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int p[2], s; char c = 0; pipe(p);
    pid_t k = fork();
    if (!k) { int r = read(p[0], &c, 1); printf("read %d %c\n", r, c); struct timespec t = {0, 30000000}; printf("slept %d\n", nanosleep(&t, NULL)); _exit(0); }
    pause_ms(10); kill(k, SIGSTOP); waitpid(k, &s, WUNTRACED); status("k", s); write(p[1], "q", 1); pause_ms(10);
    kill(k, SIGCONT); pause_ms(10); kill(k, SIGSTOP); waitpid(k, &s, WUNTRACED); status("k", s); pause_ms(40); kill(k, SIGCONT); reap("k", k);
}
