// SPDX-License-Identifier: Apache-2.0
// flags: -msse2
// What the kernel says of the processor agrees with CPUID: AT_HWCAP, AT_HWCAP2, XCR0, the size of the XSAVE area; and #NM never
// comes to a program: it cannot set CR0.TS or CR0.EM, and x87, MMX and SSE work in every new task, program and handler.
#include "t.h"
#include <cpuid.h>
#include <pthread.h>
#include <elf.h>
// As the kernel put it behind the environment: getauxval(3) gives glibc's own idea of AT_HWCAP.
static unsigned long auxiliary(unsigned long type) {
    char **e = environ; while (*e) e++;
    for (unsigned long *a = (unsigned long *) (e + 1); a[0]; a += 2) if (a[0] == type) return a[1];
    MUST(!"in the auxiliary vector"); return 0;
}
static sigjmp_buf back; static volatile int works;
static void h(int s) { siglongjmp(back, s); }
static unsigned long long xgetbv(unsigned c) { unsigned a, d; __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(c)); return (unsigned long long) d << 32 | a; }
#define SIGNAL_OF(name, code) do { int s_ = sigsetjmp(back, 1); if (!s_) { __asm__ volatile(code : : : "eax", "memory"); } printf(name ": signal %d\n", s_); } while (0)
static void use(const char *where) {
    long double x; unsigned q;
    __asm__ volatile("fninit\n fldpi\n fstpt %0" : "=m"(x)); works = x > 3.1L && x < 3.2L;
    __asm__ volatile("movd %1, %%mm1\n paddb %%mm1, %%mm1\n movd %%mm1, %0\n emms" : "=r"(q) : "r"(0x11223344)); works += q == 0x22446688;
    __asm__ volatile("movd %1, %%xmm1\n paddb %%xmm1, %%xmm1\n movd %%xmm1, %0\n fwait" : "=r"(q) : "r"(0x11223344) : "xmm1"); works += q == 0x22446688;
    printf("%s: %d of 3\n", where, works);
}
static void *thread(void *x) { use("thread"); return x; }
static void handler(int s) { use("handler"); }
int main(int argc, char **argv) {
    if (argc > 1) { use("after exec"); return 0; }
    unsigned a, b, c, d, b7, c7, d7; int max = __get_cpuid_max(0, 0);
    __cpuid(1, a, b, c, d); b7 = c7 = d7 = 0; if (max >= 7) __cpuid_count(7, 0, a, b7, c7, d7); __cpuid(1, a, b, c, d);
    // What a program can use: FPU TSC CX8 SEP CMOV CLFSH MMX FXSR SSE SSE2. (A kernel may leave out others that it does not use.)
    unsigned user = 1 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 15 | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26; T(((auxiliary(AT_HWCAP) ^ d) & user) == 0);
    T(((auxiliary(AT_HWCAP2) >> 1 & 1) != 0) == (b7 & 1));   // HWCAP2_FSGSBASE: the kernel enables it where there is one
    T((auxiliary(AT_HWCAP2) & ~3UL) == 0);
    int osxsave = c >> 27 & 1, xsave = c >> 26 & 1; T(osxsave == xsave);
    on(SIGILL, h, 0); on(SIGSEGV, h, 0); on(SIGFPE, h, 0); on(SIGBUS, h, 0);
    int s = sigsetjmp(back, 1); unsigned long long x = 0; if (!s) x = xgetbv(0); T((s == SIGILL) == !osxsave);
    unsigned lo = 0, hi = 0, size = 0, most = 0; if (osxsave && max >= 13) __cpuid_count(13, 0, lo, size, most, hi);
    // Linux enables in XCR0 no more than there is, and x87 and SSE always; AVX's component where there is AVX.
    T((x & ~((unsigned long long) hi << 32 | lo)) == 0); T(!osxsave || (x & 3) == 3); T(!!(x & 4) == !!(c & 1 << 28)); T(!(b7 & 1 << 5) || x & 4); T(!(c & 1 << 12) || x & 4); T(!(b7 & 1 << 16) || (x & 0xe0) == 0xe0);
    unsigned end = osxsave ? 576 : 0; for (int i = 2; i < 63; i++) if (x >> i & 1) { unsigned sz, at, f, g; __cpuid_count(13, i, sz, at, f, g); MUST(sz > 0); if (at + sz > end) end = at + sz; }
    T(size == end); T(most >= size);
    // XSETBV and the control registers are not a program's.
    SIGNAL_OF("clts", "clts"); SIGNAL_OF("mov to cr0", 
#ifdef __x86_64__
        "mov %%rax, %%cr0"); SIGNAL_OF("lmsw", "lmsw %%ax");
#else
        "mov %%eax, %%cr0"); SIGNAL_OF("lmsw", "lmsw %%ax");
#endif
    if (osxsave) SIGNAL_OF("xsetbv", "xor %%eax, %%eax\n xor %%edx, %%edx\n xor %%ecx, %%ecx\n xsetbv"); else printf("xsetbv: signal 11\n");
    use("main"); on(SIGUSR1, handler, 0); raise(SIGUSR1);
    pid_t p = fork(); if (!p) { use("child"); _exit(0); } reap("child", p);
    pthread_t t; MUST(pthread_create(&t, NULL, thread, NULL) == 0); pthread_join(t, NULL); use("main");
    fflush(stdout); char *args[] = {"cpu_agrees", "again", NULL}; execv("/proc/self/exe", args);
}
