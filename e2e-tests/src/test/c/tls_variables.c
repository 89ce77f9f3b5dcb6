// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <pthread.h>
static __thread int a = 5; static __thread char big[10000]; __thread long long b; static __thread struct { int x; double d; } st = {1, 2.5};
static void *w(void *x) { a += (long) x; big[9999] = a; b -= a; st.d *= 2; errno = (int) (long) x; pause_ms(2); printf(""); long r = a * 1000 + big[9999] + b; return (void *) (r + (errno == (int) (long) x) * 100000 + (st.d == 5) * 1000000); }
int main() { pthread_t t[4]; void *r; for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, w, (void *) i); for (int i = 0; i < 4; i++) { pthread_join(t[i], &r); printf("%ld\n", (long) r); } printf("%d %d %lld %g\n", a, big[9999], b, st.d); pid_t p = fork(); if (!p) _exit(a + 1); reap("p", p); }
