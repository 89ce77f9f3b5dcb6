// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static int tree(int depth) {
    if (depth == 0) return 1;
    int sum = 1;
    pid_t p[2];
    for (int i = 0; i < 2; i++) if (!(p[i] = fork())) _exit(tree(depth - 1));
    for (int i = 0; i < 2; i++) { int s; MUST(waitpid(p[i], &s, 0) == p[i]); sum += WEXITSTATUS(s); }
    return sum;
}
int main() {
    printf("%d processes\n", tree(4));
}
