// SPDX-License-Identifier: Apache-2.0
// A debugger in small: stops, single steps (also over REP, system calls, into handlers), breakpoints written into the text,
// registers and memory read and changed, signals given back, changed or left out.
#include "t.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/uio.h>
#include <elf.h>
#ifdef __x86_64__
#define IP rip
#define AX rax
#define CX rcx
#define ORIG orig_rax
#define SYSCALL "mov $39, %%eax\n syscall\n"
#define CLOB "rax", "rcx", "rdx", "rsi", "rdi", "r11", "memory", "cc"
#else
#define IP eip
#define AX eax
#define CX ecx
#define ORIG orig_eax
#define SYSCALL "mov $20, %%eax\n int $0x80\n"
#define CLOB "eax", "ecx", "edx", "esi", "edi", "memory", "cc"
#endif
typedef struct user_regs_struct regs;
static pid_t p; static int st;
static volatile int shared_word = 41; static const volatile int constant_word = 7; static char from[16] = "abcdefgh", to[16];
static regs get(void) { regs r; memset(&r, 0, sizeof r); MUST(ptrace(PTRACE_GETREGS, p, 0, &r) == 0); return r; }
static void set(regs r) { MUST(ptrace(PTRACE_SETREGS, p, 0, &r) == 0); }
static void await_stop(const char *what) { MUST(waitpid(p, &st, 0) == p); status(what, st); }
static void go(int request, int sig) { MUST(ptrace(request, p, 0, (void *) (long) sig) == 0); MUST(waitpid(p, &st, 0) == p); }
static void info(const char *what) {
    siginfo_t i; memset(&i, 0, sizeof i);
    if (ptrace(PTRACE_GETSIGINFO, p, 0, &i) < 0) { printf("%s: no siginfo %s\n", what, errname(errno)); return; }
    printf("%s: siginfo signal %d code %d, address is ip %d\n", what, i.si_signo, i.si_code, i.si_addr == (void *) get().IP);
}
static void handler(int s) { shared_word += 100 * s; }
static void steps(const char *what, int n) {
    unsigned long first = get().IP; printf("%s:", what);
    for (int i = 0; i < n; i++) { go(PTRACE_SINGLESTEP, 0); printf(" %ld", (long) (get().IP - first)); if (!WIFSTOPPED(st) || WSTOPSIG(st) != SIGTRAP) status("?", st); }
    printf("\n"); info(what); T((get().eflags & 0x100) == 0);
}
static void child(void) {
    MUST(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
    signal(SIGUSR1, handler);
    raise(SIGSTOP);
    __asm__ volatile("int3\n nop\n xor %%eax, %%eax\n inc %%eax\n jmp 1f\n nop\n 1: nop\n nop\n" : : : CLOB);
    __asm__ volatile("cld\n int3\n rep movsb\n nop\n nop\n" : : "S"(from), "D"(to), "c"(3) : "memory");
    __asm__ volatile("int3\n" SYSCALL "nop\n nop\n" : : : CLOB);
    __asm__ volatile("int3\n nop\n pushf\n pop %%" 
#ifdef __x86_64__
        "rax"
#else
        "eax"
#endif
        "\n nop\n nop\n" : : : CLOB);
    int v; __asm__ volatile("mov $5, %%eax\n int3\n mov %%eax, %0\n" : "=r"(v) : : "eax");
    printf("child sees %d, shared %d, constant %d, to %s\n", v, shared_word, constant_word, to);
    raise(SIGUSR1); printf("after signal kept: %d\n", shared_word);
    raise(SIGUSR1); printf("after signal left out: %d\n", shared_word);
    raise(SIGUSR2); printf("after USR2 became USR1: %d\n", shared_word);
    raise(SIGUSR1); printf("after stepping into the handler: %d\n", shared_word);
    __asm__ volatile("ud2");
    _exit(3);
}
int main() {
    p = fork(); if (!p) child();
    await_stop("first"); info("first");
    T(WSTOPSIG(st) == SIGSTOP); T((int) get().ORIG >= 0);
    R(ptrace(PTRACE_SETOPTIONS, p, 0, PTRACE_O_EXITKILL)); R(ptrace(PTRACE_SETOPTIONS, p, 0, 0x800000)); R(ptrace(PTRACE_SETOPTIONS, p, 0, 0));
    go(PTRACE_CONT, 0); status("int3", st); info("int3"); T((int) get().ORIG == -1);
    steps("plain", 5);
    go(PTRACE_CONT, 0); status("int3", st); steps("rep movsb", 5);
    go(PTRACE_CONT, 0); status("int3", st); steps("system call", 3);
    regs r = get(); T(r.AX == (unsigned) p);
    go(PTRACE_CONT, 0); status("int3", st); steps("pushf", 4);
    go(PTRACE_CONT, 0); status("int3", st);
    r = get(); printf("ax %ld\n", (long) r.AX); r.AX = 77; set(r); T(get().AX == 77);
    // Memory: data, a constant in a read-only page, a breakpoint in the text.
    errno = 0; long w = ptrace(PTRACE_PEEKDATA, p, &shared_word, 0); printf("peek %d %d\n", (int) w, errno);
    w = (w & ~0xffffffffL) | 42; R(ptrace(PTRACE_POKEDATA, p, &shared_word, w));
    w = ptrace(PTRACE_PEEKTEXT, p, &constant_word, 0); w = (w & ~0xffffffffL) | 8; R(ptrace(PTRACE_POKETEXT, p, &constant_word, w));
    R(ptrace(PTRACE_PEEKDATA, p, (void *) 8, 0)); R(ptrace(PTRACE_POKEDATA, p, (void *) 8, 0)); R(ptrace(PTRACE_PEEKUSER, p, 1, 0)); R(ptrace(PTRACE_PEEKUSER, p, 100000, 0));
    R(ptrace(PTRACE_PEEKUSER, p, offsetof(struct user, regs.AX), 0));
    char name[64]; sprintf(name, "/proc/%d/mem", p); int m = open(name, O_RDWR); MUST(m >= 0);
    int v = 0; R(pread(m, &v, 4, (off_t) (uintptr_t) &shared_word)); printf("mem %d\n", v); R(pread(m, &v, 4, 8)); R(pwrite(m, "zz", 2, (off_t) (uintptr_t) to));
    void *at = (void *) handler; long old = ptrace(PTRACE_PEEKTEXT, p, at, 0);
    unsigned char trap = 0xCC; R(pwrite(m, &trap, 1, (off_t) (uintptr_t) at));
    T((ptrace(PTRACE_PEEKTEXT, p, at, 0) & 0xff) == 0xcc); T(*(unsigned char *) at != 0xcc);
    go(PTRACE_CONT, 0); status("raise", st); info("raise");
    go(PTRACE_CONT, SIGUSR1); status("breakpoint in the handler", st); r = get(); T(r.IP == (unsigned long) at + 1);
    R(ptrace(PTRACE_POKETEXT, p, at, old)); r.IP--; set(r);
    go(PTRACE_CONT, 0); status("raise", st); go(PTRACE_CONT, 0); status("raise", st); T(WSTOPSIG(st) == SIGUSR2);
    go(PTRACE_CONT, SIGUSR1); status("raise", st); go(PTRACE_SINGLESTEP, SIGUSR1); status("into the handler", st); info("into the handler");
    T(get().IP == (unsigned long) at); T((get().eflags & 0x100) == 0);
    go(PTRACE_CONT, 0); status("ud2", st); info("ud2");
    r = get(); r.IP += 2; set(r);
    R(ptrace(PTRACE_CONT, p, 0, 1000)); go(PTRACE_CONT, 0); status("end", st);
    R(ptrace(PTRACE_CONT, p, 0, 0)); R(ptrace(PTRACE_CONT, 1, 0, 0)); R(ptrace(PTRACE_ATTACH, getpid(), 0, 0));
}
