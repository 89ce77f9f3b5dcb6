// SPDX-License-Identifier: Apache-2.0
// Branches that leave their code segment fault at the branch, with nothing changed: 32- and 16-bit segments of the local
// descriptor table, relative, indirect, returns, loops; far returns and IRET that fail. (64-bit programs: nothing to do.)
#include "t.h"
#ifdef __i386__
#include <asm/ldt.h>
#include <ucontext.h>
static char *page; static unsigned *stack; static int started; static gregset_t saved; static unsigned cs, ss, code_at, ecx, esp, ebx, flags;
static void enter(int s, siginfo_t *i, void *u) {
    greg_t *g = ((ucontext_t *) u)->uc_mcontext.gregs;
    memcpy(saved, g, sizeof saved); started = 1;
    g[REG_CS] = cs; g[REG_SS] = ss ? (int) ss : g[REG_SS]; g[REG_EIP] = code_at; g[REG_ECX] = ecx; g[REG_EBX] = ebx; g[REG_EDX] = 0; g[REG_ESP] = g[REG_UESP] = esp; g[REG_EFL] = flags;
}
static void ended(int s, siginfo_t *i, void *u) {
    greg_t *g = ((ucontext_t *) u)->uc_mcontext.gregs;
    printf(" signal %d code %d trap %d err %x cs %s ss %s eip %x ecx %x esp %+d", s, i->si_code, g[REG_TRAPNO], g[REG_ERR], (unsigned) g[REG_CS] == cs ? "same" : "other", (unsigned) g[REG_SS] == (ss ? ss : (unsigned) saved[REG_SS]) ? "same" : "other",
        g[REG_EIP], g[REG_ECX], g[REG_ESP] - (int) esp);
    memcpy(g, saved, sizeof saved);
}
static void segment(int n, unsigned base, unsigned limit, int contents, int is32, int absent) {
    struct user_desc d; memset(&d, 0, sizeof d);
    d.entry_number = n; d.base_addr = base; d.limit = limit; d.contents = contents; d.seg_32bit = is32; d.seg_not_present = absent;
    syscall(SYS_modify_ldt, 0x11, &d, sizeof d);
}
#define SEL(n) ((n) << 3 | 7)
static void run(const char *name, int sel, unsigned at, const char *code, int size) {
    memset(page, 0xcc, 65536); memcpy(page + at, code, size);
    cs = SEL(sel); code_at = at; unsigned before[2] = {stack[-1], stack[0]};
    printf("%s:", name); raise(SIGUSR1);
    printf("%s\n", before[0] == stack[-1] && before[1] == stack[0] ? "" : " stack changed");
}
#define RETURN(name, code) run(name, sel, 0x800, is16 ? "\x66" code : code, is16 + 1)
#define RUN(name, sel, at, code) run(name, sel, at, code, sizeof code - 1)
static void all(int sel, int is16, const char *what) {
    printf("-- %s\n", what);
    RUN("jmp inside", sel, 0x800, "\xe9\xfa\0\0\0"); RUN("jmp beyond", sel, 0x800, "\xe9\xfb\0\0\0"); RUN("jmp far beyond", sel, 0x800, "\xe9\0\0\0\x40"); RUN("jmp before 0", sel, 0x800, "\xe9\0\0\0\xf0");
    RUN("short jmp beyond", sel, 0x890, "\xeb\x70"); RUN("jz taken", sel, 0x800, "\x0f\x84\0\1\0\0"); RUN("jnz not taken", sel, 0x800, "\x0f\x85\0\1\0\0"); RUN("cmp, jz taken", sel, 0x800, "\x39\xc0\x0f\x84\0\1\0\0"); RUN("test, jnz not taken", sel, 0x890, "\x85\xd2\x75\x70");
    RUN("call", sel, 0x800, "\xe8\0\1\0\0"); RUN("call inside", sel, 0x800, "\xe8\x10\0\0\0");
    RUN("loop taken", sel, 0x890, "\xe2\x70"); ecx = 1; RUN("loop not taken", sel, 0x890, "\xe2\x70"); ecx = 5; RUN("loope taken", sel, 0x890, "\xe1\x70"); RUN("loopne not taken", sel, 0x890, "\xe0\x70"); RUN("jecxz not taken", sel, 0x890, "\xe3\x70"); ecx = 0; RUN("jecxz taken", sel, 0x890, "\xe3\x70"); RUN("loop wraps", sel, 0x890, "\xe2\x70"); ecx = 5;
    RUN("jmp register", sel, 0x800, "\xff\xe3"); RUN("call register", sel, 0x800, "\xff\xd3"); stack[0] = 0x900; RUN("jmp memory", sel, 0x800, "\xff\x24\x24"); RUN("call memory", sel, 0x800, "\xff\x14\x24"); RUN("ret", sel, 0x800, "\xc3"); RUN("ret 8", sel, 0x800, "\xc2\x08\0");
    RUN("to the end", sel, 0x8ff, "\x90"); RUN("instruction over the end", sel, 0x8fd, "\xb8\1\2\3\4");
    stack[0] = 0x900; stack[1] = SEL(sel); RETURN("lret beyond", "\xcb"); stack[0] = 0x810; RETURN("lret inside", "\xcb");
    unsigned bad[] = {0, 4, 3, SEL(9), SEL(20), SEL(7), SEL(6), 0x10, 0xfff8};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) { stack[0] = 0x810; stack[1] = bad[i]; stack[2] = 0x202; char t[40]; sprintf(t, "lret to %x", bad[i]); RETURN(t, "\xcb"); sprintf(t, "iret to %x", bad[i]); RETURN(t, "\xcf"); }
    stack[0] = 0x900; stack[1] = SEL(sel); RETURN("iret beyond", "\xcf"); stack[0] = 0x810; RETURN("iret inside", "\xcf");
    unsigned keep = esp; esp = 0x10; RUN("call beyond with a bad stack", sel, 0x800, "\xe8\0\1\0\0"); RUN("call register beyond with a bad stack", sel, 0x800, "\xff\xd3"); RUN("ret with a bad stack", sel, 0x800, "\xc3"); esp = keep;
}
#endif
int main(void) {
#ifdef __i386__
    static char other[65536]; stack_t st = {other, 0, sizeof other}; sigaltstack(&st, NULL);
    on3(SIGUSR1, enter, SA_ONSTACK); on3(SIGSEGV, ended, SA_ONSTACK); on3(SIGBUS, ended, SA_ONSTACK); on3(SIGTRAP, ended, SA_ONSTACK); on3(SIGILL, ended, SA_ONSTACK);
    page = mmap((void *) 0x20000000, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    stack = (unsigned *) ((char *) mmap((void *) 0x21000000, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) + 0x800);
    esp = (unsigned) stack; flags = 0x246; ecx = 5; ebx = 0x900;
    segment(5, (unsigned) page, 0x8ff, 2, 1, 0); segment(6, (unsigned) page, 0x8ff, 2, 1, 1); segment(7, (unsigned) page, 0xffff, 0, 1, 0); segment(8, (unsigned) page, 0xfffff, 2, 1, 0);
    segment(10, (unsigned) page, 0x8ff, 2, 0, 0); segment(11, (unsigned) page, 0xffff, 2, 0, 0); segment(12, (unsigned) stack & ~0xffffu, 0xffff, 0, 0, 0);
    all(5, 0, "32-bit code, limit 8ff"); 
    // 16-bit code with the same bytes (far returns with 32-bit operands): what they mean there.
    all(10, 1, "16-bit code, limit 8ff");
    printf("-- 16-bit code, limit ffff, 32-bit operands\n");
    RUN("jmp", 11, 0x800, "\x66\xe9\0\0\1\0"); RUN("jz", 11, 0x800, "\x66\x0f\x84\0\0\1\0"); RUN("jnz not taken", 11, 0x800, "\x66\x0f\x85\0\0\1\0"); RUN("call", 11, 0x800, "\x66\xe8\0\0\1\0"); RUN("jmp to ffff", 11, 0x800, "\x66\xe9\xf9\xf7\0\0"); RUN("jmp to 10000", 11, 0x800, "\x66\xe9\xfa\xf7\0\0"); RUN("16-bit jmp wraps", 11, 0x800, "\xe9\x0d\xf8");
    RUN("loop", 11, 0xfff0, "\x66\xe2\x70"); RUN("short jmp wraps", 11, 0xfff0, "\xeb\x70"); RUN("jmp before 0", 11, 0x800, "\x66\xe9\0\xf0\xff\xff"); ebx = 0x10000; RUN("jmp register", 11, 0x800, "\x66\xff\xe3"); RUN("16-bit jmp register", 11, 0x800, "\xff\xe3"); RUN("call register", 11, 0x800, "\x66\xff\xd3"); stack[0] = 0x12345678; RUN("ret", 11, 0x800, "\x66\xc3"); RUN("nop at ffff", 11, 0xffff, "\x90");
    ss = SEL(12); esp = 0x800; RUN("call, 16-bit stack", 11, 0x800, "\x66\xe8\0\0\1\0"); RUN("ret, 16-bit stack", 11, 0x800, "\x66\xc3"); esp = 0; RUN("call, empty 16-bit stack", 11, 0x800, "\xe8\1\0"); esp = 0xffff; RUN("ret over the end of the stack", 11, 0x800, "\xc3"); RUN("lret over the end of the stack", 11, 0x800, "\xcb");
#endif
    return 0;
}
