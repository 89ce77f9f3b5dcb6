// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int p[2], q[2]; pipe(p); pipe(q); pid_t k = fork(); if (!k) { close(p[1]); close(q[0]); char b[3000]; long sum = 0; ssize_t n; while ((n = read(p[0], b, sizeof b)) > 0) { for (int i = 0; i < n; i++) sum += (unsigned char) b[i]; } write(q[1], &sum, sizeof sum); _exit(n == 0 ? 0 : 1); }
    close(p[0]); close(q[1]); char *b = malloc(1000000); for (int i = 0; i < 1000000; i++) b[i] = i * 7; R(write(p[1], b, 1000000)); close(p[1]); long sum; R(read(q[0], &sum, sizeof sum) == sizeof sum); printf("%ld\n", sum); reap("k", k);
    pipe(p); for (int i = 0; i < 3; i++) if (!fork()) { char l[101]; memset(l, 'a' + i, 100); l[99] = '\n'; for (int j = 0; j < 50; j++) write(p[1], l, 100); _exit(0); } close(p[1]); char l[100]; int bad = 0, lines = 0, got; for (;;) { int at = 0; while (at < 100 && (got = read(p[0], l + at, 100 - at)) > 0) at += got; if (at < 100) break; lines++; for (int i = 1; i < 99; i++) bad += l[i] != l[0]; } printf("%d lines, %d bad\n", lines, bad); while (wait(NULL) > 0) ;
}
