// SPDX-License-Identifier: Apache-2.0
// SGDT, SIDT, SMSW, SLDT, STR in a program: with UMIP the kernel answers in the processor's place.
// needs: umip
#include "t.h"
static sigjmp_buf back; static volatile int got; static volatile long where, trap, error;
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u;
    got = s * 100 + i->si_code; where = (long) i->si_addr; trap = c->uc_mcontext.gregs[REG_TRAPNO]; error = c->uc_mcontext.gregs[REG_ERR];
    siglongjmp(back, 1);
}
static unsigned char all[1024];
#define area (all + 512)
static void bytes(const char *name, int n) {
    printf("%-10s", name);
    for (int i = 0; i < n; i++) printf(" %02x", area[i]);
    printf("\n");
    memset(area, 0xAA, 64);
}
#ifdef __x86_64__
#define START 0x1122334455667788
#define R15 , "r15"
#else
#define START 0x11223344
#define R15
#endif
#define MEMORY(name, code) do { __asm__ volatile(code : : "D"(area), "d"(area + 8), "c"(-4L) : "memory" R15); bytes(name, 16); } while (0)
#define REGISTER(code) do { long r = START; __asm__ volatile(code : "+a"(r)); printf("%-10s %lx\n", code, r); } while (0)
#define FAULT(name, code) do { got = 0; where = trap = error = 0; if (!sigsetjmp(back, 1)) __asm__ volatile(code : : "D"(area), "a"(8L) : "memory"); printf("%-10s %d %lx %ld %ld\n", name, got, trap == 14 ? where : 0, trap, error); } while (0)
int main() {
    on3(SIGSEGV, h, 0); on3(SIGBUS, h, 0); on3(SIGILL, h, 0);
    memset(area, 0xAA, 64);
    MEMORY("sgdt", "sgdt (%0)"); MEMORY("sidt", "sidt (%0)"); MEMORY("sidt word", ".byte 0x66\n sidt (%0)");
    MEMORY("smsw", "smsw (%0)"); MEMORY("sldt", "sldt (%0)"); MEMORY("str", "str (%0)");
    MEMORY("disp8", "sgdt 3(%0)"); MEMORY("disp32", "sgdt -300(%0)\n smsw 2(%0)"); MEMORY("index", "smsw 8(%1, %2, 2)"); 
    MEMORY("es", "smsw %%es:(%0)");
    REGISTER("smsw %w0"); REGISTER("smsw %k0"); REGISTER("sldt %w0"); REGISTER("sldt %k0"); REGISTER("str %w0"); REGISTER("str %k0");
#ifdef __x86_64__
    REGISTER("smsw %q0"); REGISTER("str %q0");
    MEMORY("rip", "smsw all+512(%%rip)"); MEMORY("r15", "lea (%0), %%r15\n smsw 4(%%r15)");
    { long r; __asm__ volatile("mov %1, %%r12\n smsw %%r12d\n mov %%r12, %0" : "=r"(r) : "r"(START) : "r12"); printf("r12 %lx\n", r); }
    FAULT("canonical", "movabs $0x8000000000000000, %%rax\n sgdt (%%rax)");
#else
    { short base = (short) 0; (void) base; }
#endif
    FAULT("unmapped", "sgdt (%1)"); FAULT("no word", "smsw (%1)"); FAULT("lock", ".byte 0xF0\n sgdt (%0)"); FAULT("sgdt reg", ".byte 0x0F, 0x01, 0xC7");
    FAULT("lgdt", "lgdt (%0)"); FAULT("lmsw", "lmsw (%0)"); FAULT("hlt", "hlt");
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(page != MAP_FAILED);
    __asm__ volatile("sgdt (%0)" : : "r"(page + 4092) : "memory");
    T(page[4097] != 0);
    MUST(mprotect(page + 4096, 4096, PROT_READ) == 0);
    got = 0; where = 0; if (!sigsetjmp(back, 1)) __asm__ volatile("sgdt (%0)" : : "r"(page + 4092) : "memory");
    printf("read-only %d %d %ld %ld\n", got, where == (long) (page + 4092), trap, error);
    signal(SIGSEGV, SIG_DFL);
    pid_t p = fork();
    if (p == 0) { __asm__ volatile("sidt (%0)" : : "r"(8L) : "memory"); _exit(0); }
    reap("default action", p);
}
