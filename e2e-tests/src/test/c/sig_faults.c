// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <ucontext.h>
static sigjmp_buf back; static siginfo_t got;
static void h(int s, siginfo_t *i, void *u) { got = *i; siglongjmp(back, 1); }
#define TRY(what, ...) do { memset(&got, 0, sizeof got); if (!sigsetjmp(back, 1)) { __VA_ARGS__; printf("%s: no signal\n", what); } else printf("%s: signal %d code %d\n", what, got.si_signo, got.si_code); } while (0)
int main() {
    volatile int zero = 0, x = 1; int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    for (int i = 0; i < 5; i++) on3(sigs[i], h, 0);
    TRY("null read", x = *(volatile int *) 0); T(got.si_addr == NULL);
    TRY("null write", *(volatile int *) 16 = 1); T(got.si_addr == (void *) 16);
    char *ro = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY("read only", ro[4097] = 1); T(got.si_addr == ro + 4097);
    TRY("no execute", ((void (*)(void)) ro)()); T(got.si_addr == ro);
    mprotect(ro, 4096, PROT_NONE); TRY("none", x = ro[5]); T(got.si_addr == ro + 5); munmap(ro, 8192); TRY("unmapped", x = ro[4096]);
    int f = open("f", O_RDWR | O_CREAT, 0600); ftruncate(f, 4096); char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    TRY("in file", m[100] = 1); TRY("behind the file", m[4096] = 1); T(got.si_addr == m + 4096); ftruncate(f, 0); TRY("cut off", x = m[100]);
    TRY("divide", x = x / zero); TRY("overflow", { volatile int a = INT_MIN, b = -1; x = a / b; });
    TRY("ud2", __asm__ volatile("ud2")); TRY("int3", __asm__ volatile("int3")); TRY("hlt", __asm__ volatile("hlt")); TRY("cli", __asm__ volatile("cli"));
#ifdef __x86_64__
    TRY("non-canonical", x = *(volatile char *) 0x8000000000000000ul);
    TRY("kernel", x = *(volatile char *) 0xffffffff80000000ul);
#else
    TRY("kernel", x = *(volatile char *) 0xffffe001ul); TRY("into", __asm__ volatile("movb $0x7f, %%al\n addb $1, %%al\n into" : : : "eax"));
    TRY("bound", { int b[2] = {1, 2}; int i = 5; __asm__ volatile("bound %0, %1" : : "r"(i), "m"(b)); });
#endif
    TRY("int 99", __asm__ volatile("int $99")); TRY("in", __asm__ volatile("inb $0x60, %%al" : : : "eax"));
    char *misaligned = (char *) (((uintptr_t) alloca(64) + 15 & ~15ul) + 4); TRY("movaps", __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(misaligned) : "memory"));
    pid_t p = fork(); if (!p) { signal(SIGSEGV, SIG_DFL); *(volatile int *) 0 = 0; } reap("default", p);
    p = fork(); if (!p) { signal(SIGSEGV, SIG_IGN); *(volatile int *) 0 = 0; } reap("ignored", p);
    p = fork(); if (!p) { signal(SIGFPE, SIG_DFL); x = 5 / zero; } reap("divide", p);
}
