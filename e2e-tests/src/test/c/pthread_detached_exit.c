// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static void *work(void *x) { pause_ms(30); puts("thread ends last"); exit(6); }
int main() {
    pthread_t t; pthread_create(&t, NULL, work, NULL); pthread_detach(t);
    puts("main thread ends");
    pthread_exit(NULL);
}
