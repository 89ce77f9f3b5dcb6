// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static sigjmp_buf b; static void h(int s) { siglongjmp(b, 1); }
static int can(int w, volatile char *p) { if (sigsetjmp(b, 1)) return 0; if (w) *p = 1; else (void) *p; return 1; }
int main() {
    on(SIGSEGV, h, 0); on(SIGBUS, h, 0); char *a = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memset(a, 1, 5 * 4096);
    mprotect(a + 4096, 4096, PROT_NONE); mprotect(a + 8192, 8192, PROT_READ);
    for (int i = 0; i < 5; i++) printf("%d: %d %d\n", i, can(0, a + i * 4096), can(1, a + i * 4096));
    mprotect(a, 5 * 4096, PROT_READ | PROT_WRITE); for (int i = 0; i < 5; i++) printf("%d: %d %d\n", i, can(0, a + i * 4096), can(1, a + i * 4096)); T(a[4096] == 1);
    munmap(a + 8192, 4096); R(mprotect(a, 5 * 4096, PROT_READ)); printf("%d %d\n", can(1, a), can(1, a + 3 * 4096)); mprotect(a, 4096, PROT_WRITE); printf("%d %d\n", can(0, a), can(1, a));
    pid_t p = fork(); if (!p) { mprotect(a, 4096, PROT_READ | PROT_WRITE); a[0] = 9; _exit(a[0]); } reap("p", p); printf("%d\n", a[0]);
    unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; char *x = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memcpy(x, code, 6); if (!sigsetjmp(b, 1)) printf("%d\n", ((int (*)(void)) x)()); else puts("nx"); mprotect(x, 4096, PROT_READ | PROT_EXEC); printf("%d\n", ((int (*)(void)) x)()); mprotect(x, 4096, 7); x[1] = 43; printf("%d\n", ((int (*)(void)) x)());
}
