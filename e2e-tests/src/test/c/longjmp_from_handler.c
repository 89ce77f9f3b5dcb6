// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static jmp_buf j; static sigjmp_buf sj; static void h(int s) { longjmp(j, s); } static void sh(int s) { siglongjmp(sj, s); }
int main() {
    volatile int k = 0; sigset_t m; int r = setjmp(j); printf("setjmp %d\n", r); if (k++ < 3) longjmp(j, k == 3 ? 0 : k);
    on(SIGUSR1, h, 0); if ((r = setjmp(j)) == 0) raise(SIGUSR1); printf("%d\n", r); sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR1));
    on(SIGUSR2, sh, 0); if ((r = sigsetjmp(sj, 1)) == 0) raise(SIGUSR2); printf("%d\n", r); sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR2)); if ((r = sigsetjmp(sj, 0)) == 0) raise(SIGUSR2); sigprocmask(0, NULL, &m); T(sigismember(&m, SIGUSR2));
    double d = 1.5; if (!setjmp(j)) { d = d; longjmp(j, 1); } printf("%g\n", d);
}
