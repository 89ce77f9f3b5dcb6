// SPDX-License-Identifier: Apache-2.0
// What sigreturn takes from a frame that a handler changed: selectors, flags, mask, stack; and where a bad one leads.
#include "t.h"
#include <ucontext.h>
#ifdef __x86_64__
#define IP REG_RIP
#define SPR REG_RSP
#else
#define IP REG_EIP
#define SPR REG_ESP
#endif
static int what; static sigjmp_buf back;
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u; greg_t *g = c->uc_mcontext.gregs; g[IP] += 2;
#ifdef __x86_64__
#define CS(v) (g[REG_CSGSFS] = g[REG_CSGSFS] & ~0xffffl | (v))
#define SS(v) (g[REG_CSGSFS] = g[REG_CSGSFS] & ~0xffff000000000000l | (long) (v) << 48)
#else
#define CS(v) (g[REG_CS] = (v))
#define SS(v) (g[REG_SS] = (v))
#endif
    switch (what) {
        case 0: g[REG_EFL] |= 0xcd5; break;
        case 1: g[REG_EFL] |= 0x40000 | 0x200000 | 0x3000 | 0x4000; break;
        case 2: g[REG_EFL] &= ~0x202; break;
        case 3: CS(0xfff8); break;
        case 4: CS(0x10); break;
        case 5: CS(0x2b); break;
        case 6: SS(0xfff8); break;
        case 7: SS(0x18); break;
        case 8: CS(0); break;
        case 9: sigfillset(&c->uc_sigmask); break;
        case 10: g[IP] = 0x7ffffffffffff000l; break;
        case 11: c->uc_stack.ss_sp = (void *) 0x1000; c->uc_stack.ss_size = 100; c->uc_stack.ss_flags = 0; break;
        case 12: c->uc_stack.ss_flags = SS_DISABLE; break;
        case 13: CS(
#ifdef __x86_64__
            0x30
#else
            0x20
#endif
            ); break;
        case 14: SS(0x28); break;
#ifndef __x86_64__
        case 15: g[REG_GS] = 0xfff8; break;
        case 16: g[REG_FS] = 0x2b; g[REG_ES] = 0x2b; break;
        case 17: g[REG_DS] = 0; break;
#else
        case 15: c->uc_flags = 0; SS(0); break;
        case 16: c->uc_flags = 0; break;
        case 17: c->uc_flags = 2; break;
#endif
    }
}
static void segv(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u;
    printf("  signal %d code %d addr %s trap %d err %x\n", s, i->si_code, i->si_addr ? i->si_code == 1 ? "given" : "odd" : "0", (int) c->uc_mcontext.gregs[REG_TRAPNO], (int) c->uc_mcontext.gregs[REG_ERR]);
    siglongjmp(back, 1);
}
int main() {
    on3(SIGILL, h, 0); on3(SIGSEGV, segv, SA_ONSTACK); on3(SIGBUS, segv, SA_ONSTACK); on3(SIGTRAP, segv, SA_ONSTACK);
    static char other[65536]; stack_t st = {other, 0, sizeof other}; sigaltstack(&st, NULL);
    for (what = 0; what < 18; what++) {
        printf("case %d\n", what);
        unsigned long fl = 0; unsigned cs = 0, ss = 0, ds = 0, es = 0;
        if (!sigsetjmp(back, 1)) {
#ifdef __x86_64__
            __asm__ volatile("xor %%eax, %%eax\n ud2\n pushfq\n popq %0\n cld\n pushq $0x202\n popfq\n mov %%cs, %1\n mov %%ss, %2" : "=r"(fl), "=r"(cs), "=r"(ss) : : "rax", "memory", "cc");
#else
            __asm__ volatile("xor %%eax, %%eax\n ud2\n pushfl\n popl %0\n cld\n pushl $0x202\n popfl\n mov %%cs, %1\n mov %%ss, %2\n mov %%ds, %3\n mov %%es, %4\n mov %2, %%ds" : "=r"(fl), "=r"(cs), "=r"(ss), "=r"(ds), "=r"(es) : : "eax", "memory", "cc");
#endif
            printf("flags %lx cs %x ss %x ds %x es %x\n", fl, cs, ss, ds, es);
        }
        sigset_t m; sigprocmask(SIG_SETMASK, NULL, &m); int n = 0; for (int i = 1; i < 65; i++) n += sigismember(&m, i) == 1; printf("blocked %d\n", n); sigemptyset(&m); sigprocmask(SIG_SETMASK, &m, NULL);
        stack_t now; sigaltstack(NULL, &now); T(now.ss_sp == other && now.ss_size == sizeof other); printf("stack flags %x\n", now.ss_flags); sigaltstack(&st, NULL);
    }
    // A frame on a stack that is not there.
    what = 99; if (!sigsetjmp(back, 1)) {
#ifdef __x86_64__
        __asm__ volatile("mov $16, %%esp\n mov $15, %%eax\n syscall" : : : "rax", "rcx", "r11", "memory");
#else
        __asm__ volatile("mov $16, %%esp\n mov $173, %%eax\n int $0x80" : : : "eax", "memory");
#endif
    }
}
