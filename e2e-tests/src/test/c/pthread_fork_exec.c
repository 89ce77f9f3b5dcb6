// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static void pre(void) { puts("prepare"); } static void par(void) { pause_ms(10); puts("parent"); } static void chi(void) { puts("child"); }
static void *spin(void *x) { for (;;) pause_ms(1); }
static void *execer(void *x) { execl("/proc/self/exe", "x", "again", NULL); return NULL; }
int main(int argc, char **argv) {
    if (argc > 1) { T(gettid() == getpid()); puts("execed from a thread"); return 12; }
    pthread_t t; pthread_create(&t, NULL, spin, NULL); pthread_create(&t, NULL, spin, NULL);
    pthread_atfork(pre, par, chi);
    pid_t p = fork(); if (!p) _exit(3);
    reap("forked", p);
    p = fork(); if (!p) { pthread_create(&t, NULL, spin, NULL); pthread_create(&t, NULL, execer, NULL); pause(); }
    reap("execed", p);
    p = fork(); if (!p) { pthread_create(&t, NULL, spin, NULL); kill(getpid(), SIGTERM); pause(); }
    reap("killed", p);
}
