// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <linux/futex.h>
static int *word;
static long fx(int *a, int op, int v, const struct timespec *t, int *b, int v3) { return syscall(SYS_futex, a, op, v, t, b, v3); }
int main() {
    word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long ts[2] = {0, 5000000};
    R(fx(word, FUTEX_WAIT, 1, NULL, NULL, 0));
    R(fx(word, FUTEX_WAIT, 0, (void *) ts, NULL, 0));
    long bad[2] = {0, 1000000000};
    R(fx(word, FUTEX_WAIT, 0, (void *) bad, NULL, 0));
    R(fx((int *) ((char *) word + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
    R(fx((int *) 4096, FUTEX_WAIT, 0, NULL, NULL, 0));
    R(fx(word, FUTEX_WAKE, 10, NULL, NULL, 0));
    R(fx(word, 99, 10, NULL, NULL, 0));
    R(fx(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) if (!fork()) { __sync_fetch_and_add(word + 1, 1); fx(word, FUTEX_WAIT, 0, NULL, NULL, 0); __sync_fetch_and_add(word + 2, 1); _exit(0); }
    while (word[1] < 3) pause_ms(1);
    pause_ms(10);
    R(fx(word, FUTEX_CMP_REQUEUE, 1, (void *) 1, word + 8, 5));
    R(fx(word, FUTEX_CMP_REQUEUE, 1, (void *) 1, word + 8, 0));
    R(fx(word, FUTEX_WAKE, 10, NULL, NULL, 0));
    R(fx(word + 8, FUTEX_WAKE, 10, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) wait(NULL);
    printf("%d\n", word[2]);
}
