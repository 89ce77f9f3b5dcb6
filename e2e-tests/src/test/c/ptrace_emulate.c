// SPDX-License-Identifier: Apache-2.0
// What else a tracer asks: calls that it answers itself (PTRACE_SYSEMU, also with steps), steps from branch to branch, signals
// that wait (PTRACE_PEEKSIGINFO), arch_prctl(2) for the other.
#include "t.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#ifdef __x86_64__
#include <asm/prctl.h>
#define IP rip
#define AX rax
#define CX rcx
#define ORIG orig_rax
#define FIRST rdi
#define CALL "syscall\n"
#define ARGUMENT "mov $5, %%edi\n"
#define CLOB "rax", "rcx", "rdi", "r11", "memory", "cc"
#else
#define IP eip
#define AX eax
#define CX ecx
#define ORIG orig_eax
#define FIRST ebx
#define CALL "int $0x80\n"
#define ARGUMENT "nop\n"
#define CLOB "eax", "ecx", "edi", "memory", "cc"
#endif
#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#define PTRACE_SYSEMU_SINGLESTEP 32
#endif
#define BLOCK 33
#define ARCHPRCTL 30
typedef struct user_regs_struct regs;
static pid_t p; static int st;
static regs get(void) { regs r; memset(&r, 0, sizeof r); MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); return r; }
static void set(regs r) { MUST(ptrace(PTRACE_SETREGS, p, 0, &r) == 0); }
static void go(const char *what, int request, int sig) {
    MUST(ptrace(request, p, 0, (void *) (long) sig) == 0); MUST(waitpid(p, &st, 0) == p);
    if (!WIFSTOPPED(st)) { status(what, st); return; }
    siginfo_t i; memset(&i, 0, sizeof i); ptrace(PTRACE_GETSIGINFO, p, 0, &i); regs r = get();
    long ax = r.AX; printf("%s: stop %d code %x orig %ld ax %s%ld tf %d\n", what, WSTOPSIG(st), i.si_code, (long) (int) r.ORIG, "", ax < 4096 ? ax : 4096, (int) r.eflags >> 8 & 1);
}
static void start(void (*f)(void)) { p = fork(); if (!p) { MUST(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0); raise(SIGSTOP); f(); _exit(0); } MUST(waitpid(p, &st, 0) == p); }
static void finish(void) { kill(p, SIGKILL); MUST(waitpid(p, &st, 0) == p); status("end", st); }
static void calls(void) {
    long a = syscall(SYS_getppid); printf("child: getppid %ld\n", a);
    errno = 0; a = syscall(SYS_close, 1); printf("child: close %ld %s\n", a, errname(errno));
    errno = 0; a = syscall(SYS_dup, 77); printf("child: dup %ld %s\n", a, errname(errno));
    a = syscall(SYS_getppid) == getppid(); printf("child: real %ld\n", a); fflush(stdout);
}
static void emulation(void) {
    setvbuf(stdout, NULL, _IOFBF, 4096); start(calls); R(ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD));
    // The rest of raise(3) is the C library's business: from here to getppid every call runs.
    do { MUST(ptrace(PTRACE_SYSEMU, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); regs r = get(); if (r.ORIG == SYS_getppid) break; r.AX = 0; set(r); } while (1);
    regs r = get(); printf("at entry: stop %x ax %ld\n", WSTOPSIG(st), (long) r.AX); r.AX = 4711; set(r);
    go("close", PTRACE_SYSEMU, 0); r = get(); T(r.ORIG == SYS_close && r.FIRST == 1);
    // Without a result of the tracer's it is ENOSYS; a number or an argument changed does nothing.
    r.ORIG = SYS_getpid; set(r); go("dup", PTRACE_SYSEMU, 0); T(get().ORIG == SYS_dup);
    // What the tracer asks for next decides about the exit.
    go("exit", PTRACE_SYSCALL, 0); T(get().ORIG == SYS_dup);
    go("getppid", PTRACE_SYSCALL, 0); go("next", PTRACE_SYSEMU, 0); T(get().ORIG == SYS_getppid);
}
static void at_call(void) { __asm__ volatile("mov $777, %%eax\n" ARGUMENT "int3\n nop\n" CALL "nop\n nop\n" CALL "nop\n int3\n" : : : CLOB); }
static void stepping(void) {
    start(at_call); go("int3", PTRACE_CONT, 0); regs r = get(); unsigned long first = r.IP;
    for (int i = 0; i < 8; i++) { char what[50]; sprintf(what, "step at +%ld", (long) (get().IP - first)); go(what, PTRACE_SYSEMU_SINGLESTEP, 0); }
    go("on", PTRACE_SYSEMU, 0); finish();
    start(at_call); go("int3", PTRACE_CONT, 0); go("call", PTRACE_SYSEMU, 0); go("singlestep out of it", PTRACE_SINGLESTEP, 0); printf("+%ld\n", (long) (get().IP - first));
    go("call", PTRACE_SYSEMU, 0); r = get(); r.AX = 6; set(r); R(ptrace(PTRACE_DETACH, p, 0, 0)); MUST(waitpid(p, &st, 0) == p); status("detached", st);
}
static void branches(void) {
    __asm__ volatile("int3\n nop\n nop\n xor %%eax, %%eax\n jnz 1f\n nop\n 1: jmp 2f\n nop\n 2: mov $3, %%ecx\n 3: nop\n dec %%ecx\n jnz 3b\n nop\n int3\n" : : : CLOB);
}
// A processor with DEBUGCTL.BTF stops behind taken branches, one without (virtual ones) behind every instruction: what is common.
static void blocks(void) {
    start(branches); go("int3", PTRACE_CONT, 0); unsigned long first = get().IP; int n = 0, at[100]; memset(at, 0, sizeof at);
    for (; n < 40; n++) { MUST(ptrace(BLOCK, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); siginfo_t i; MUST(ptrace(PTRACE_GETSIGINFO, p, 0, &i) == 0); if (i.si_code == SI_KERNEL) break; int off = get().IP - first; if (off >= 0 && off < 100) at[off]++; }
    T(at[10] == 1); T(at[15] >= 2); T(at[11] == 0); T(n == 3 || n == 17); finish();
}
static sigset_t all; static void blocked(void) { sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); kill(getpid(), SIGSTOP); for (;;) pause(); }
struct peek { uint64_t off; uint32_t flags; int32_t nr; };
static void peek(const char *what, uint64_t off, uint32_t flags, int nr) {
    struct peek k = {off, flags, nr}; siginfo_t i[8]; memset(i, 0, sizeof i); errno = 0; long n = ptrace(0x4209, p, &k, i);
    printf("%s: %ld %s", what, n, errno ? errname(errno) : ""); for (int j = 0; j < n; j++) printf(" %d/%d/%d", i[j].si_signo, i[j].si_code, i[j].si_value.sival_int); printf("\n");
}
static void waiting(void) {
    start(blocked); MUST(ptrace(PTRACE_CONT, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); status("blocked", st);
    union sigval v = {.sival_int = 5}; kill(p, SIGUSR1); sigqueue(p, SIGRTMIN + 2, v); v.sival_int = 6; sigqueue(p, SIGRTMIN + 2, v); kill(p, SIGUSR1); v.sival_int = 7; sigqueue(p, SIGRTMIN + 1, v);
    syscall(SYS_tgkill, p, p, SIGUSR2); syscall(SYS_tgkill, p, p, SIGTERM);
    peek("shared", 0, 1, 8); peek("shared, some", 0, 1, 2); peek("shared, later", 2, 1, 8); peek("past the end", 9, 1, 8); peek("own", 0, 0, 8); peek("none", 0, 0, 0);
    peek("negative", 0, 0, -1); peek("other flags", 0, 2, 1); peek("far", 1ULL << 40, 0, 1);
    struct peek k = {0, 1, 2}; R(ptrace(0x4209, p, 8, 8)); R(ptrace(0x4209, p, &k, 8)); finish();
}
static void bases(void) {
    start(at_call); unsigned long base = 1;
    // To the request, address and data are in this order.
    R(ptrace(ARCHPRCTL, p, &base, 0x1003)); T(base > 4096); R(ptrace(ARCHPRCTL, p, &base, 0x1004)); T(base == 0 || sizeof base == 4);
    R(ptrace(ARCHPRCTL, p, 0x12345000, 0x1001)); R(ptrace(ARCHPRCTL, p, &base, 0x1004)); printf("%lx\n", base); R(ptrace(ARCHPRCTL, p, 8, 0x1004)); R(ptrace(ARCHPRCTL, p, 0, 99)); R(ptrace(ARCHPRCTL, p, -1L, 0x1001));
#ifdef __x86_64__
    T(get().gs_base == 0x12345000);
#endif
    finish();
}
int main() { emulation(); fflush(stdout); MUST(ptrace(PTRACE_CONT, p, 0, 0) == 0); MUST(waitpid(p, &st, 0) == p); status("calls", st); stepping(); blocks(); waiting(); bases(); R(ptrace(PTRACE_SYSEMU, getpid(), 0, 0)); }
