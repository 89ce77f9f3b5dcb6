// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static int queue[8], used, head, done;
static void *consume(void *sum) {
    for (;;) {
        pthread_mutex_lock(&m);
        while (!used && !done) pthread_cond_wait(&full, &m);
        if (!used) { pthread_mutex_unlock(&m); return NULL; }
        *(long *) sum += queue[head]; head = (head + 1) % 8; used--;
        pthread_cond_signal(&empty);
        pthread_mutex_unlock(&m);
    }
}
int main() {
    pthread_t t[4]; long sum[4] = {0};
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, consume, &sum[i]);
    for (int i = 1; i <= 2000; i++) {
        pthread_mutex_lock(&m);
        while (used == 8) pthread_cond_wait(&empty, &m);
        queue[(head + used++) % 8] = i;
        pthread_cond_signal(&full);
        pthread_mutex_unlock(&m);
    }
    pthread_mutex_lock(&m); done = 1; pthread_cond_broadcast(&full); pthread_mutex_unlock(&m);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    printf("%ld\n", sum[0] + sum[1] + sum[2] + sum[3]);
    struct timespec ts; clock_gettime(CLOCK_REALTIME, &ts); ts.tv_nsec += 20000000; if (ts.tv_nsec >= 1000000000) ts.tv_sec++, ts.tv_nsec -= 1000000000;
    pthread_mutex_lock(&m);
    printf("%s\n", errname(pthread_cond_timedwait(&full, &m, &ts)));
    pthread_mutex_unlock(&m);
}
