// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <ucontext.h>
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u;
#ifdef __x86_64__
    c->uc_mcontext.gregs[REG_RIP] += 2; c->uc_mcontext.gregs[REG_RAX] = 77; T(c->uc_mcontext.gregs[REG_RBX] == 0x1122334455667788);
    printf("trap %d cs %x\n", (int) c->uc_mcontext.gregs[REG_TRAPNO], (int) (c->uc_mcontext.gregs[REG_CSGSFS] & 0xffff));
#else
    c->uc_mcontext.gregs[REG_EIP] += 2; c->uc_mcontext.gregs[REG_EAX] = 77; T(c->uc_mcontext.gregs[REG_ESI] == 0x11223344);
    printf("trap %d cs %x\n", (int) c->uc_mcontext.gregs[REG_TRAPNO], (int) c->uc_mcontext.gregs[REG_CS]);
#endif
    sigaddset(&c->uc_sigmask, SIGUSR2); T(sigismember(&c->uc_sigmask, SIGUSR1)); T(c->uc_link == NULL); T(c->uc_mcontext.fpregs != NULL);
    double d = 1; for (int k = 0; k < 100; k++) d *= 1.1; printf("%.10g\n", d);
}
int main() {
    sigset_t m; sigemptyset(&m); sigaddset(&m, SIGUSR1); sigprocmask(SIG_BLOCK, &m, NULL); on3(SIGILL, h, 0);
    long r = 0; double x = 3.25, y;
#ifdef __x86_64__
    __asm__ volatile("movsd %2, %%xmm5\n movabs $0x1122334455667788, %%rbx\n ud2\n movsd %%xmm5, %1" : "=a"(r), "=m"(y) : "m"(x) : "rbx", "xmm5");
#else
    __asm__ volatile("fldl %2\n movl $0x11223344, %%esi\n ud2\n fstpl %1" : "=a"(r), "=m"(y) : "m"(x) : "esi");
#endif
    printf("%ld %g\n", r, y); sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR2)); T(sigismember(&m, SIGUSR1));
}
