// SPDX-License-Identifier: Apache-2.0
// flags: -msse2
// The floating-point part of a signal frame: layout, magic numbers, what comes back when the handler changed it, and
// what happens to a frame that is wrong.
#include "t.h"
#include <ucontext.h>
#ifdef __x86_64__
#define IP REG_RIP
#define SKIP 2
#else
#define IP REG_EIP
#define SKIP 2
#endif
typedef unsigned char byte;
static int what, hasXsave; static sigjmp_buf back; static ucontext_t kept;
static unsigned get(byte *p) { unsigned v; memcpy(&v, p, 4); return v; }
static void set32(byte *p, unsigned v) { memcpy(p, &v, 4); }
static byte *image(ucontext_t *c) {
    byte *f = (byte *) c->uc_mcontext.fpregs;
#ifndef __x86_64__
    f += 112;
#endif
    return f;
}
static void show_layout(ucontext_t *c) {
    byte *f = image(c);
    T(((uintptr_t) f & 63) == 0);
    T(((c->uc_flags & 1) != 0) == hasXsave);
    int magic = get(f + 464) == 0x46505853; T(magic == hasXsave);
    unsigned size = magic ? get(f + 480) : 512;
#ifdef __x86_64__
    T(!magic || get(f + 468) == size + 4);
#else
    T(!magic || get(f + 468) == size + 4 + 112);
    byte *s = f - 112; printf("fsave cw %x sw %x tag %x cs %x ds %x status %x\n", get(s), get(s + 4), get(s + 8), get(s + 16), get(s + 24), get(s + 108));
    for (int i = 0; i < 3; i++) { for (int k = 9; k >= 0; k--) printf("%02x", s[28 + i * 10 + k]); printf("\n"); }
#endif
    T(!magic || get(f + size) == 0x46505845);
    if (magic) { unsigned eax, edx; __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0)); MUST(get(f + 472) == eax); MUST((get(f + 512) & 3) == 3); MUST((get(f + 512) & ~eax) == 0); MUST(get(f + 520) == 0); }
    printf("cw %x sw %x tag %x mxcsr %x mask %x\n", get(f) & 0xffff, get(f) >> 16, f[4], get(f + 24), get(f + 28) >= 0xffff);
    for (int i = 0; i < 3; i++) { for (int k = 9; k >= 0; k--) printf("%02x", f[32 + i * 16 + k]); printf("\n"); }
    for (int i = 0; i < 2; i++) { for (int k = 15; k >= 0; k--) printf("%02x", f[160 + i * 16 + k]); printf("\n"); }
}
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u; byte *f = image(c);
    c->uc_mcontext.gregs[IP] += SKIP;
    unsigned short cw, sw; unsigned mx; __asm__ volatile("fnstcw %0\n fnstsw %1\n stmxcsr %2" : "=m"(cw), "=m"(sw), "=m"(mx)); printf("handler cw %x sw %x mx %x\n", cw, sw, mx);
    switch (what) {
        case 0: show_layout(c); break;
        case 1: for (int k = 0; k < 16; k++) f[160 + 16 + k] = k; break;
        case 2: set32(f + 24, 0x1fa0); break;
        case 3: f[32 + 9] ^= 0x80;
#ifndef __x86_64__
            f[-112 + 28 + 9] ^= 0x80;
#endif
            break;
        case 4: f[0] = 0x7f; f[1] = 0xf;
#ifndef __x86_64__
            f[-112] = 0x7f; f[-111] = 0xf;
#endif
            break;
        case 5: c->uc_mcontext.fpregs = NULL; break;
        case 6: set32(f + 464, 0); for (int k = 0; k < 16; k++) f[160 + k] = 0xaa; break;
        case 7: set32(f + 24, 0xffff0000); break;
        case 8: c->uc_mcontext.fpregs = (void *) 16; break;
        case 9: c->uc_mcontext.fpregs = (void *) (f + 8 - (f - (byte *) c->uc_mcontext.fpregs));
#ifndef __x86_64__
            c->uc_mcontext.fpregs = (void *) 0xfffff000;
#endif
            break;
        case 10: if (hasXsave) set32(f + 512, 0x80000000u); else set32(f + 24, 0x80000000u); break;
        case 11: if (hasXsave) { set32(f + 512, get(f + 512) & ~2); } else { memset(f + 160, 0, 16 * (sizeof(void *) == 8 ? 16 : 8)); if (sizeof(void *) == 4) set32(f + 24, 0x1f80); } break;
        case 12: for (int k = 0; k < 8; k++) memset(f + 32 + k * 16, 0x11, 10); break;
    }
}
static void segv(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u;
    printf("  signal %d code %d trap %d err %d\n", s, i->si_code, (int) c->uc_mcontext.gregs[REG_TRAPNO], (int) c->uc_mcontext.gregs[REG_ERR]);
    unsigned short cw; unsigned mx; __asm__ volatile("fnstcw %0\n stmxcsr %1" : "=m"(cw), "=m"(mx)); printf("  in the handler cw %x mxcsr %x\n", cw, mx);
    siglongjmp(back, 1);
}
int main() {
    unsigned a = 1, b, c = 0, d; __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d)); hasXsave = c >> 27 & 1;
    on3(SIGILL, h, 0); on3(SIGSEGV, segv, 0); on3(SIGBUS, segv, 0);
    for (what = 0; what < 13; what++) {
        printf("case %d\n", what);
        static byte xmm[32] __attribute__((aligned(16))); byte out[32] __attribute__((aligned(16))); unsigned short cw = 0x27f, cw2, sw; unsigned mx = 0x1f80 | 0x4000, mx2; double one = 1.5, two = -2.25, r1, r2;
        for (int i = 0; i < 32; i++) xmm[i] = 0x40 + i;
        if (!sigsetjmp(back, 1)) {
            __asm__ volatile("fninit\n fldcw %6\n ldmxcsr %7\n movdqa (%8), %%xmm0\n movdqa 16(%8), %%xmm1\n fldl %10\n fldl %11\n ud2\n fnstcw %0\n fnstsw %1\n stmxcsr %2\n movdqa %%xmm0, (%9)\n movdqa %%xmm1, 16(%9)\n fstpl %3\n fstpl %4\n fninit\n"
                : "=m"(cw2), "=m"(sw), "=m"(mx2), "=m"(r1), "=m"(r2), "+m"(out) : "m"(cw), "m"(mx), "r"(xmm), "r"(out), "m"(one), "m"(two) : "memory");
            printf("cw %x sw %x mx %x %g %g\n", cw2, sw, mx2, r1, r2);
            for (int i = 31; i >= 0; i--) printf("%02x", out[i]); printf("\n");
        }
        unsigned normal = 0x1f80; __asm__ volatile("fninit\n ldmxcsr %0" : : "m"(normal));
    }
}
