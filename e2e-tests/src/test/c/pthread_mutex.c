// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static long count;
static void *work(void *x) {
    for (int i = 0; i < 20000; i++) { pthread_mutex_lock(&m); count++; pthread_mutex_unlock(&m); if (i % 1000 == 0) sched_yield(); }
    return (void *) ((long) x * 10);
}
int main() {
    pthread_t t[4];
    for (long i = 0; i < 4; i++) MUST(pthread_create(&t[i], NULL, work, (void *) i) == 0);
    for (int i = 0; i < 4; i++) { void *r; pthread_join(t[i], &r); printf("thread %d: %ld\n", i, (long) r); }
    printf("%ld\n", count);
}
