// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static unsigned f(unsigned n, char *above) { char here[200]; here[0] = n; return n == 0 ? 0 : f(n - 1, here) + here[0] % 7 + 1; }
static int ack(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1)); }
int main() { printf("%u\n", f(30000, NULL)); printf("%d\n", ack(2, 300)); char *big = alloca(4 << 20); big[0] = 1; big[(4 << 20) - 1] = 2; printf("%d\n", big[0] + big[(4 << 20) - 1]); pid_t p = fork(); if (!p) { f(1 << 20, NULL); _exit(0); } reap("overflow", p); }
