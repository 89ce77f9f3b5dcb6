// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static int data = 1;
static char big[64 * 4096];
int main() {
    int stack = 2, *heap = malloc(sizeof *heap), s;
    *heap = 3;
    memset(big, 'a', sizeof big);
    pid_t p = fork();
    if (!p) {
        data = 10; stack = 20; *heap = 30;
        memset(big + 4096, 'b', 4096 * 3);
        printf("child %d %d %d %c%c%c\n", data, stack, *heap, big[0], big[4096], big[5 * 4096]);
        exit(0);
    }
    reap("child", p);
    printf("parent %d %d %d %c%c\n", data, stack, *heap, big[0], big[4096]);
    big[4096] = 'c';
    p = fork();
    if (!p) { printf("second child %c\n", big[4096]); big[0] = 'z'; _exit(0); }
    big[0] = 'y';
    reap("child", p);
    printf("%c\n", big[0]);
}
