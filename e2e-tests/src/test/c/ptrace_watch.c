// SPDX-License-Identifier: Apache-2.0
// Hardware breakpoints and watchpoints by the debug registers (PTRACE_POKEUSER): write, read or write, execute; every length;
// what hits is in DR6; what Linux refuses; a new process does not inherit them.
#include "t.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#ifdef __x86_64__
#define IP rip
#else
#define IP eip
#endif
static pid_t p; static int st;
static volatile unsigned char area[64] __attribute__((aligned(64)));
static volatile long other;
static unsigned long ip(void) { struct user_regs_struct r; MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); return r.IP; }
static int poke(int n, unsigned long v) { errno = 0; return ptrace(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg) + n * sizeof(long), (void *) v) < 0 ? -errno : 0; }
static unsigned long peek(int n) { errno = 0; unsigned long v = ptrace(PTRACE_PEEKUSER, p, offsetof(struct user, u_debugreg) + n * sizeof(long), 0); MUST(errno == 0); return v; }
static void go(const char *what) {
    MUST(ptrace(PTRACE_CONT, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p);
    if (!WIFSTOPPED(st)) { status(what, st); return; }
    siginfo_t i; memset(&i, 0, sizeof i); MUST(ptrace(PTRACE_GETSIGINFO, p, 0, &i) == 0);
    printf("%s: stop %d code %d dr6 %lx, address is ip %d\n", what, WSTOPSIG(st), i.si_code, peek(6) & 0x400f, i.si_addr == (void *) ip()); poke(6, 0);
}
enum { X = 0, W = 1, RW = 3 };
static unsigned long control(int n, int kind, int length) { int code = length == 8 ? 2 : length - 1; return (1UL << n * 2) | (unsigned long) (kind | code << 2) << (16 + n * 4); }
__attribute__((noinline)) static void target(void) { __asm__ volatile("nop"); other++; }
static void child(void) {
    MUST(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
    raise(SIGSTOP);
    area[8] = 1;                                   // write, 1
    unsigned char c = area[8];                     // a read: no hit of a write watchpoint
    *(volatile short *) (area + 16) = 2;           // 2
    *(volatile int *) (area + 20) = c;             // 4
    __asm__ volatile("movaps %%xmm0, %0" : "=m"(*(volatile char (*)[16]) (area + 32)));   // the 16 bytes of it hold a watched one
    __asm__ volatile("cld\n rep stosb" : : "D"(area), "c"(10), "a"(5) : "memory");          // stops inside: at byte 8
    c = area[24]; area[24] = c;                    // read and write
    target(); target();                            // execute
    raise(SIGSTOP);
    area[8] = 9; other = 1;
    pid_t q = fork(); if (!q) { area[8] = 3; _exit(5); } reap("grandchild", q);
    char *args[] = {"ptrace_watch", "again", NULL}; execv("/proc/self/exe", args); _exit(9);
}
int main(int argc, char **argv) {
    if (argc > 1) { area[8] = 4; printf("after exec\n"); return 6; }
    p = fork(); if (!p) child();
    MUST(waitpid(p, &st, 0) == p); status("first", st);
    unsigned long a = (unsigned long) area;
    printf("refused: %d %d %d\n", poke(4, 0), poke(5, 0), poke(0, ~0UL - 15));
    poke(0, a + 1); printf("misaligned: %d, execute of 4: %d, of 1: %d, I/O: %d\n", poke(7, control(0, W, 4)), poke(7, control(0, X, 4)), poke(7, control(0, X, 1)), poke(7, control(0, 2, 1)));
    printf("off: %d\n", poke(7, 0)); printf("dr0 %d dr7 %lx\n", peek(0) == a + 1, peek(7));
    printf("write: %d %d %d %d", poke(0, a + 8), poke(1, a + 16), poke(2, a + 20), poke(3, a + 40));
    unsigned long c = control(0, W, 1) | control(1, W, 2) | control(2, W, 4) | control(3, W, 1);
    printf(" %d\n", poke(7, c)); T(peek(7) == c);
    unsigned long before = ip(); go("byte"); T(ip() != before); go("word"); go("double word"); go("sixteen bytes");
    go("rep stosb"); errno = 0; printf("bytes written: %d %d %d\n", (int) (ptrace(PTRACE_PEEKDATA, p, area + 7, 0) & 255), (int) (ptrace(PTRACE_PEEKDATA, p, area + 8, 0) & 255), (int) (ptrace(PTRACE_PEEKDATA, p, area + 9, 0) & 255));
    poke(7, 0); poke(0, a + 24); printf("read or write: %d\n", poke(7, control(0, RW, 1)));
    go("read"); go("write");
    poke(7, 0); poke(1, (unsigned long) target); printf("execute: %d\n", poke(7, control(1, X, 1)));
    go("first call"); T(ip() == (unsigned long) target);
    poke(2, (unsigned long) &other); poke(7, control(1, X, 1) | control(2, W, sizeof(long))); go("its write");
    MUST(ptrace(PTRACE_SINGLESTEP, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); printf("step: dr6 %lx\n", peek(6) & 0x400f); poke(6, 0);
    go("second call"); go("its write");
    go("stop"); T(WSTOPSIG(st) == SIGSTOP);
    poke(0, a + 8); poke(7, control(0, W, 1) | control(2, W, sizeof(long))); go("byte"); go("other");
    go("SIGCHLD"); MUST(ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACEEXEC) == 0); go("exec"); printf("dr7 after exec: %lx\n", peek(7)); go("end");
}
