// SPDX-License-Identifier: Apache-2.0
// flags: -msse2
// Register sets of a stopped task: NT_PRSTATUS, the x87 and SSE registers in each form, the XSAVE area with YMM where the
// processor has it (its XCR0 and header), short vectors, values set and seen by the task.
#include "t.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/uio.h>
#include <elf.h>
#include <cpuid.h>
#ifdef __x86_64__
#define AX rax
#define DI rdi
#define IP rip
#define N 16
#else
#define AX eax
#define DI edi
#define IP eip
#define N 8
#endif
typedef unsigned char byte;
static pid_t p; static int st;
static byte pattern[N][32] __attribute__((aligned(32))), seen[N][32] __attribute__((aligned(32)));
static int hasAvx, hasXsave;
#define EACH8(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#ifdef __x86_64__
#define EACH(M) EACH8(M) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)
#else
#define EACH(M) EACH8(M)
#endif
// Loads all, stops, stores all: nothing the compiler makes comes in between.
#define LOADX(i) "movups " #i "*32(%0), %%xmm" #i "\n"
#define STOREX(i) "movups %%xmm" #i ", " #i "*32(%1)\n"
#define LOADY(i) "vmovups " #i "*32(%0), %%ymm" #i "\n"
#define STOREY(i) "vmovups %%ymm" #i ", " #i "*32(%1)\n"
static void child(void) {
    MUST(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
    raise(SIGSTOP);
    unsigned mxcsr = 0x9fc0; unsigned short cw = 0x27f;
    for (int round = 0; round < 4; round++) {
        __asm__ volatile("fninit\n fldcw %0\n fld1\n fldpi\n fldz\n ldmxcsr %1" : : "m"(cw), "m"(mxcsr));
        if (hasAvx) __asm__ volatile(EACH(LOADY) "int3\n" EACH(STOREY) "vzeroupper\n" : : "r"(pattern), "r"(seen) : "memory");
        else __asm__ volatile(EACH(LOADX) "int3\n" EACH(STOREX) : : "r"(pattern), "r"(seen) : "memory");
        __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(cw));
        long double top; __asm__ volatile("fstpt %0" : "=m"(top));
        if (round == 0) { MUST(!hasXsave || (seen[0][0] == 0x55 && seen[0][1] == 0x66 && seen[N - 1][3] == 0x44 && top == 2)); MUST(!hasAvx || seen[1][17] == 0x77); }
        else printf("round %d: mxcsr %x cw %x top %.3Lf xmm0 %02x%02x xmm%d %02x ymm1 %02x\n", round, mxcsr, cw, top, seen[0][0], seen[0][1], N - 1, seen[N - 1][3], hasAvx ? seen[1][17] : 50);
    }
    _exit(0);
}
static long regset(int request, int type, void *at, size_t size, size_t *got) { struct iovec v = {at, size}; long r = ptrace(request, p, type, &v); *got = v.iov_len; return r; }
static void go(void) { MUST(ptrace(PTRACE_CONT, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); MUST(!WIFSTOPPED(st) || WSTOPSIG(st) == SIGTRAP); }
static int same(const byte *image) { int n = 0; for (int i = 0; i < N; i++) n += !memcmp(image + 160 + i * 16, pattern[i], 16); return n; }
static void x87(const byte *f) {   // FXSAVE
    printf("cw %x sw %x tag %x mxcsr %x st0 %02x st1 %02x%02x st2 %02x\n", f[0] | f[1] << 8, (f[2] | f[3] << 8) & 0x3800, f[4], *(unsigned *) (f + 24), f[32 + 9], f[48 + 9], f[48 + 7], f[64 + 9]);
}
int main() {
    unsigned a, b, c, d; __cpuid(1, a, b, c, d); hasXsave = c >> 27 & 1; hasAvx = hasXsave && c >> 28 & 1;
    for (int i = 0; i < N; i++) for (int k = 0; k < 32; k++) pattern[i][k] = i * 32 + k + 1;
    p = fork(); if (!p) child();
    MUST(waitpid(p, &st, 0) == p); go();
    struct user_regs_struct r, q; size_t n; byte f[8192];
    MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); R(regset(PTRACE_GETREGSET, NT_PRSTATUS, &q, sizeof q, &n)); T(n == sizeof q); T(!memcmp(&q, &r, sizeof r));
    R(regset(PTRACE_GETREGSET, NT_PRSTATUS, f, sizeof f, &n)); T(n == sizeof q); R(regset(PTRACE_GETREGSET, NT_PRSTATUS, f, sizeof(long) * 3, &n)); printf("%d words\n", (int) (n / sizeof(long)));
    R(regset(PTRACE_GETREGSET, NT_PRSTATUS, f, 7, &n)); R(regset(PTRACE_GETREGSET, 12345, f, sizeof f, &n));
#ifdef __x86_64__
    printf("cs %lx ss %lx ds %lx es %lx fs %lx gs %lx, fs_base %d\n", (long) r.cs, (long) r.ss, (long) r.ds, (long) r.es, (long) r.fs, (long) r.gs, r.fs_base != 0);
#else
    printf("cs %lx ss %lx ds %lx es %lx fs %lx gs %lx\n", r.xcs, r.xss, r.xds, r.xes, r.xfs, r.xgs);
#endif
    // The x87 and SSE state.
    memset(f, 0xAA, sizeof f); R(regset(PTRACE_GETREGSET, NT_PRFPREG, f, sizeof f, &n)); printf("%d bytes\n", (int) n);
#ifdef __x86_64__
    x87(f); printf("%d registers as expected\n", same(f)); R(ptrace(PTRACE_GETFPREGS, p, 0, f + 1024)); T(!memcmp(f, f + 1024, 464));
#else
    printf("cw %x sw %x tag %x st0 %02x st1 %02x%02x\n", *(unsigned *) f, *(unsigned *) (f + 4), *(unsigned *) (f + 8), f[28 + 9], f[38 + 9], f[38 + 7]);
    R(ptrace(PTRACE_GETFPREGS, p, 0, f + 1024)); T(!memcmp(f, f + 1024, 108)); T(f[1024 + 108] == 0xAA);
    R(ptrace(PTRACE_GETFPXREGS, p, 0, f)); x87(f); printf("%d registers as expected\n", same(f)); R(regset(PTRACE_GETREGSET, NT_PRXFPREG, f + 1024, 512, &n)); T(n == 512); T(!memcmp(f, f + 1024, 464));
#endif
    // The XSAVE area.
    memset(f, 0xAA, sizeof f); long got = regset(PTRACE_GETREGSET, NT_X86_XSTATE, f, sizeof f, &n);
    int e = errno; MUST((got == 0) == hasXsave); MUST(hasXsave || e == ENODEV);
    if (hasXsave) {
        unsigned eax, edx; __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0)); __cpuid_count(13, 0, a, b, c, d);
        MUST(n == b); MUST(*(unsigned *) (f + 464) == eax); MUST((*(unsigned *) (f + 512) & 3) == 3); MUST(*(unsigned long long *) (f + 520) == 0); MUST(same(f) == N);
        if (hasAvx) { MUST(*(unsigned *) (f + 512) & 4); __cpuid_count(13, 2, a, b, c, d); MUST(a == 256); for (int i = 0; i < N; i++) MUST(!memcmp(f + b + i * 16, pattern[i] + 16, 16)); f[b + 16 + 1] = 0x77; }
        f[160] = 0x55; f[160 + 1] = 0x66; f[160 + (N - 1) * 16 + 3] = 0x44; f[32 + 9] = 0x40; f[32 + 8] = 0; f[32 + 7] = 0x80;
        MUST(regset(PTRACE_SETREGSET, NT_X86_XSTATE, f, n, &n) == 0);
        MUST(regset(PTRACE_SETREGSET, NT_X86_XSTATE, f, 512, &n) == -1 && errno == EFAULT);
        size_t full = b; __cpuid_count(13, 0, a, full, c, d); f[530] = 1; MUST(regset(PTRACE_SETREGSET, NT_X86_XSTATE, f, full, &n) == -1 && errno == EINVAL);
    }
    go();
#ifdef __x86_64__
    MUST(ptrace(PTRACE_GETFPREGS, p, 0, f) == 0); f[160] = 0xAB; f[25] = 0x1f; MUST(ptrace(PTRACE_SETFPREGS, p, 0, f) == 0);
    f[27] = 1; R(ptrace(PTRACE_SETFPREGS, p, 0, f));
#else
    MUST(ptrace(PTRACE_GETFPXREGS, p, 0, f) == 0); f[160] = 0xAB; f[25] = 0x1f; MUST(ptrace(PTRACE_SETFPXREGS, p, 0, f) == 0);
    f[27] = 1; R(ptrace(PTRACE_SETFPXREGS, p, 0, f));
#endif
    go();
    MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); r.AX = 0x1234567; R(regset(PTRACE_SETREGSET, NT_PRSTATUS, &r, sizeof r, &n)); MUST(ptrace(PTRACE_GETREGS, p, 0, &q) == 0); T(q.AX == 0x1234567);
#ifdef __x86_64__
    r.cs = 0; R(ptrace(PTRACE_SETREGS, p, 0, &r)); R(ptrace(PTRACE_POKEUSER, p, offsetof(struct user_regs_struct, fs_base), ~0UL)); R(ptrace(PTRACE_POKEUSER, p, offsetof(struct user_regs_struct, ds), 3));
#else
    r.xcs = 0; R(ptrace(PTRACE_SETREGS, p, 0, &r)); memset(f, 0, 200); R(ptrace(PTRACE_GETFPREGS, p, 0, f)); f[0] = 0x7f; f[1] = 3; f[28 + 9] = 0x40; f[28 + 8] = 0; f[28 + 7] = 0xC0; R(ptrace(PTRACE_SETFPREGS, p, 0, f));
#endif
    R(ptrace(PTRACE_POKEUSER, p, 300000, 0)); R(ptrace(PTRACE_POKEUSER, p, sizeof(struct user_regs_struct) + sizeof(long) * 2, 0));
    go(); status("end", st); go(); status("end", st);
}
