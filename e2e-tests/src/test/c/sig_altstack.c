// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static char area[65536]; static volatile int n; static sigjmp_buf back;
static void h(int s, siginfo_t *i, void *u) {
    char here; stack_t st; sigaltstack(NULL, &st);
    printf("on alt %d flags %d size %d\n", &here >= area && &here < area + sizeof area, st.ss_flags, (int) st.ss_size);
    stack_t other = {area, 0, 4096}; if (s == SIGUSR1) { R(sigaltstack(&other, NULL)); }
}
static void overflow(int s, siginfo_t *i, void *u) { T(i->si_code == SEGV_MAPERR || i->si_code == SEGV_ACCERR); siglongjmp(back, 1); }
static int deep(int k) { volatile char b[4096]; b[0] = k; return k == 0 ? 0 : deep(k + 1) + b[0]; }
int main() {
    stack_t st = {area, 0, sizeof area}, old;
    R(sigaltstack(NULL, &old)); printf("%d\n", old.ss_flags);
    st.ss_size = 100; R(sigaltstack(&st, NULL)); st.ss_size = sizeof area; st.ss_flags = 77; R(sigaltstack(&st, NULL)); st.ss_flags = 0;
    R(sigaltstack(&st, &old)); R(sigaltstack(NULL, &old)); T(old.ss_sp == area);
    on3(SIGUSR1, h, SA_ONSTACK); on3(SIGUSR2, h, 0); raise(SIGUSR1); raise(SIGUSR2);
    on3(SIGSEGV, overflow, SA_ONSTACK);
    if (!sigsetjmp(back, 1)) deep(1); else puts("recovered from stack overflow");
    pid_t p = fork(); if (!p) { raise(SIGUSR1); st.ss_flags = SS_DISABLE; sigaltstack(&st, NULL); raise(SIGUSR1); deep(1); _exit(0); } reap("child", p);
}
