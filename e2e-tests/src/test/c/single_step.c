// SPDX-License-Identifier: Apache-2.0
// The trap flag without a debugger: SIGTRAP behind every instruction, also behind each iteration of REP, not behind the
// instruction after MOV SS, and what POPF, system calls and faults do to it.
#include "t.h"
#include <ucontext.h>
#ifdef __x86_64__
#define IP REG_RIP
#define CX REG_RCX
#define PUSHF "pushfq\n"
#define POPF "popfq\n"
#define TOP "(%%rsp)"
#define NUMBER "39"
#define SYSCALL "syscall\n"
#define CLOBBER "rax", "rcx", "r11", "rsi", "rdi", "rbx", "memory", "cc"
#define LEA(l, r) "lea " l "(%%rip), %%" r "\n"
#else
#define IP REG_EIP
#define CX REG_ECX
#define PUSHF "pushfl\n"
#define POPF "popfl\n"
#define TOP "(%%esp)"
#define NUMBER "20"
#define SYSCALL "int $0x80\n"
#define CLOBBER "eax", "ecx", "esi", "edi", "ebx", "memory", "cc"
#endif
#define SET PUSHF "orl $0x100, " TOP "\n" POPF
#define CLEAR PUSHF "andl $~0x100, " TOP "\n" POPF
static long at[400]; static int count, codes, traps, addrs, tf; static unsigned long first;
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u; greg_t *g = c->uc_mcontext.gregs;
    if (count == 0) first = g[IP];
    at[count++ % 400] = g[IP] - first;
    codes += i->si_code == TRAP_TRACE; traps += g[REG_TRAPNO] == 1; addrs += i->si_addr == (void *) g[IP]; tf += (g[REG_EFL] & 0x100) != 0;
}
static void report(const char *what, int byIp) {
    printf("%s: %d traps, %d TRAP_TRACE, %d trapno 1, %d addresses, %d with TF:", what, count, codes, traps, addrs, tf);
    for (int i = 0; i < count && i < 30; i++) printf(" %ld", at[i]);
    printf("\n"); count = codes = traps = addrs = tf = 0;
}
static void ill(int s, siginfo_t *i, void *u) { ucontext_t *c = u; printf("ud2: tf %d at %ld\n", (c->uc_mcontext.gregs[REG_EFL] & 0x100) != 0, (long) (c->uc_mcontext.gregs[IP] - first)); c->uc_mcontext.gregs[IP] += 2; }
int main() {
    on3(SIGTRAP, h, 0); on3(SIGILL, ill, 0);
    __asm__ volatile(SET "nop\n nop\n xor %%eax, %%eax\n inc %%eax\n" CLEAR "nop\n" : : : CLOBBER); report("plain", 1);
    __asm__ volatile(SET "mov $3, %%ecx\n 1: dec %%ecx\n jnz 1b\n" CLEAR : : : CLOBBER); report("loop", 1);
    static char a[64], b[64]; 
    __asm__ volatile("cld\n mov $5, %%ecx\n" SET "rep movsb\n nop\n" CLEAR : : "S"(a), "D"(b) : "ecx", "memory", "cc"); report("rep movsb", 1);
    __asm__ volatile("cld\n xor %%ecx, %%ecx\n" SET "rep stosb\n nop\n" CLEAR : : "D"(b), "a"(0) : "ecx", "memory", "cc"); report("rep of 0", 1);
    __asm__ volatile("cld\n mov $30, %%ecx\n" SET "repne scasb\n nop\n" CLEAR : : "D"((memset(b, 1, 64), b[4] = 0, b)), "a"(0) : "ecx", "memory", "cc"); report("scasb", 1);
    __asm__ volatile("mov %%ss, %%ebx\n" SET "nop\n mov %%ebx, %%ss\n nop\n nop\n" CLEAR : : : CLOBBER); report("mov ss", 1);
#ifndef __x86_64__
    __asm__ volatile(SET "push %%ss\n pop %%ss\n nop\n nop\n push %%ds\n pop %%ds\n" CLEAR : : : CLOBBER); report("pop ss", 1);
#endif
    __asm__ volatile(SET "mov $" NUMBER ", %%eax\n" SYSCALL "nop\n nop\n" CLEAR : : : CLOBBER); report("system call", 1);
    __asm__ volatile(SET "nop\n int3\n nop\n" CLEAR : : : CLOBBER); report("int3", 0);
    __asm__ volatile(SET "nop\n ud2\n nop\n" CLEAR : : : CLOBBER); report("ud2", 1);
    __asm__ volatile(SET PUSHF "pop %%" 
#ifdef __x86_64__
    "rax"
#else
    "eax"
#endif
    "\n nop\n" CLEAR : : : CLOBBER); report("pushf", 1);
    __asm__ volatile(SET "rdtsc\n cpuid\n nop\n" CLEAR : : : CLOBBER, "edx"); report("rdtsc, cpuid", 1);
    __asm__ volatile(SET "call 1f\n nop\n jmp 2f\n 1: ret\n 2:" CLEAR : : : CLOBBER); report("call", 1);
    __asm__ volatile("fninit\n" SET "fld1\n fldpi\n faddp\n fstp %%st(0)\n movd %%eax, %%xmm0\n" CLEAR : : : CLOBBER); report("floating point", 1);
    pid_t p = fork(); if (!p) { signal(SIGTRAP, SIG_DFL); __asm__ volatile(SET "nop\n nop\n" : : : CLOBBER); _exit(0); } reap("default action", p);
    p = fork(); if (!p) { signal(SIGTRAP, SIG_IGN); __asm__ volatile(SET "nop\n nop\n" : : : CLOBBER); _exit(0); } reap("ignored", p);
}
