// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int p[2];
    char c = 0;
    pipe(p);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t self = getpid(), a = fork();
    if (!a) {
        if (!fork()) {
            pid_t parent = getppid();
            while (getppid() == parent) pause_ms(1);
            c = getppid() == self ? 's' : 'i';
            write(p[1], &c, 1);
            _exit(8);
        }
        pause_ms(5);
        _exit(2);
    }
    reap("a", a);
    read(p[0], &c, 1);
    printf("new parent: %c\n", c);
    int s;
    T(wait(&s) > 0);
    status("grandchild", s);
    int r = -1;
    R(prctl(PR_GET_CHILD_SUBREAPER, &r));
    printf("%d\n", r);
}
