// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static int value; static char stack[65536] __attribute__((aligned(16)));
static int fn(void *x) { value = 5; close(0); chdir("/"); return 17; }
int main() {
    char *top = stack + sizeof stack; int s;
    pid_t p = clone(fn, top, SIGCHLD, NULL); waitpid(p, &s, 0); status("plain", s); printf("%d\n", value);
    OK(fcntl(0, F_GETFD));
    p = clone(fn, top, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL); waitpid(p, &s, 0); status("shared", s); printf("%d\n", value);
    OK(fcntl(0, F_GETFD));
    char b[100]; puts(getcwd(b, 100));
    signal(SIGUSR1, SIG_IGN);
    p = clone(fn, top, CLONE_VM | SIGUSR1, NULL);
    pause_ms(2);
    R(waitpid(p, &s, WNOHANG)); T(waitpid(p, &s, __WCLONE) == p || errno == ECHILD);
    R(clone(fn, top, CLONE_SIGHAND, NULL)); R(clone(fn, top, CLONE_THREAD | CLONE_SIGHAND, NULL)); R(clone(fn, top, CLONE_FS | CLONE_NEWNS, NULL));
}
