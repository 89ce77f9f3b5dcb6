// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main(int argc, char **argv) {
    if (argc > 1) { printf("in child %s\n", argv[1]); return 11; }
    volatile int seen = 0;
    pid_t p = vfork();
    if (!p) { seen = 1; execl("/proc/self/exe", "x", "arg", NULL); _exit(1); }
    int was = seen;
    reap("exec", p);
    T(was == 1);
    p = vfork();
    if (!p) { seen = 5; _exit(4); }
    printf("%d\n", seen);
    reap("exit", p);
    p = vfork();
    if (!p) { execl("/nonexistent", "x", NULL); seen = errno; _exit(9); }
    printf("%s\n", errname(seen));
    reap("failed", p);
}
