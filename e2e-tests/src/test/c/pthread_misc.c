// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
#include <semaphore.h>
static pthread_barrier_t bar; static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER; static sem_t sem;
static pthread_key_t key; static pthread_once_t once = PTHREAD_ONCE_INIT; static __thread int tls = 7; static int inits, serial, destroyed;
static void init(void) { inits++; }
static void gone(void *p) { __sync_fetch_and_add(&destroyed, (int) (long) p); }
static void *work(void *x) {
    pthread_once(&once, init); tls += (long) x; pthread_setspecific(key, (void *) (long) (1 << (long) x));
    if (pthread_barrier_wait(&bar) == PTHREAD_BARRIER_SERIAL_THREAD) __sync_fetch_and_add(&serial, 1);
    for (int i = 0; i < 100; i++) { pthread_rwlock_rdlock(&rw); pthread_rwlock_unlock(&rw); pthread_rwlock_wrlock(&rw); pthread_rwlock_unlock(&rw); }
    sem_post(&sem);
    return (void *) (long) tls;
}
static void *sleeper(void *x) { pause(); return NULL; }
static void *stubborn(void *x) { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL); pause_ms(20); pthread_exit((void *) 77); }
int main() {
    pthread_t t[4]; void *r;
    pthread_barrier_init(&bar, NULL, 4); sem_init(&sem, 0, 0); pthread_key_create(&key, gone);
    for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, (void *) i);
    for (int i = 0; i < 4; i++) sem_wait(&sem);
    for (int i = 0; i < 4; i++) { pthread_join(t[i], &r); printf("tls %ld\n", (long) r); }
    printf("%d %d %d %d\n", inits, serial, destroyed, tls);
    pthread_create(&t[0], NULL, sleeper, NULL); pause_ms(5); pthread_cancel(t[0]); pthread_join(t[0], &r); T(r == PTHREAD_CANCELED);
    pthread_create(&t[0], NULL, stubborn, NULL); pthread_cancel(t[0]); pthread_join(t[0], &r); printf("%ld\n", (long) r);
    pthread_mutexattr_t a; pthread_mutex_t m; pthread_mutexattr_init(&a); pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK); pthread_mutex_init(&m, &a);
    printf("%s\n", errname(pthread_mutex_unlock(&m))); pthread_mutex_lock(&m); printf("%s\n", errname(pthread_mutex_lock(&m)));
    printf("%s\n", errname(pthread_mutex_trylock(&m)));
}
