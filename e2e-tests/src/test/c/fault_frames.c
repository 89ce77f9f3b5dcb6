// SPDX-License-Identifier: Apache-2.0
// Every exception user mode can raise: what siginfo and ucontext say, and that the program goes on after it.
#include "t.h"
#include <fenv.h>
#include <ucontext.h>
static sigjmp_buf back;
static const char *what;
static char *page;
#ifdef __x86_64__
#define IP REG_RIP
#define SP "rsp"
#define SAVED "rbx"
#else
#define IP REG_EIP
#define SP "esp"
#define SAVED "esi"
#endif
// AC decides whether a misaligned access faults: glibc has many.
#define CLEAR_AC() __asm__ volatile("pushf\n andl $~0x40000, (%%" SP ")\n popf" : : : "memory", "cc")
static const char *place(unsigned long a, unsigned long ip) {
    static char text[40];
    if (a == 0) return "0";
    if (a == ip) return "ip";
    if (a - (unsigned long) page < 65536) { snprintf(text, sizeof text, "page+%lx", a - (unsigned long) page); return text; }
    snprintf(text, sizeof text, "%lx", a);
    return text;
}
static void h(int s, siginfo_t *i, void *u) {
    CLEAR_AC();
    ucontext_t *c = u;
    greg_t *g = c->uc_mcontext.gregs;
    unsigned long ip = (unsigned long) g[IP], cr2;
#ifdef __x86_64__
    unsigned long flags = c->uc_flags & ~1ul, oldmask = g[REG_OLDMASK]; cr2 = g[REG_CR2];
    printf("%s: signal %d code %d errno %d addr %s trap %d err %lx ", what, s, i->si_code, i->si_errno, i->si_code > 0 ? place((unsigned long) i->si_addr, ip) : "-", (int) g[REG_TRAPNO], (long) g[REG_ERR]);
    printf("efl %lx cs %lx mask %lx ucflags %lx link %p\n", (long) g[REG_EFL] & 0x1ff02, (long) g[REG_CSGSFS] & 0xffff, oldmask, flags, c->uc_link);
#else
    unsigned long flags = c->uc_flags & ~1ul, oldmask = c->uc_mcontext.oldmask; cr2 = c->uc_mcontext.cr2;
    printf("%s: signal %d code %d errno %d addr %s trap %d err %lx ", what, s, i->si_code, i->si_errno, i->si_code > 0 ? place((unsigned long) i->si_addr, ip) : "-", (int) g[REG_TRAPNO], (long) g[REG_ERR]);
    printf("efl %lx cs %x ds %x es %x ss %x fs %x mask %lx ucflags %lx link %p\n", (long) g[REG_EFL] & 0x1ff02, g[REG_CS], g[REG_DS], g[REG_ES], g[REG_SS], g[REG_FS], oldmask, flags, c->uc_link);
#endif
    if (g[REG_TRAPNO] == 14) printf("  cr2 %s\n", place(cr2, ip));
    siglongjmp(back, 1);
}
#define TRY(name, ...) do { what = name; if (!sigsetjmp(back, 1)) { __VA_ARGS__; printf("%s: no signal\n", name); } } while (0)
int main() {
    int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigset_t m; sigemptyset(&m); sigaddset(&m, SIGUSR1); sigprocmask(SIG_BLOCK, &m, NULL);
    for (int i = 0; i < 5; i++) on3(sigs[i], h, SA_ONSTACK);
    static char other[65536]; stack_t alternate = {other, 0, sizeof other}; sigaltstack(&alternate, NULL);
    page = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 0, 65536); mprotect(page + 4096, 4096, PROT_READ); mprotect(page + 8192, 4096, PROT_NONE); mprotect(page + 12288, 4096, PROT_READ | PROT_WRITE); munmap(page + 20480, 4096);
    volatile int zero = 0, x = 1;
    TRY("divide", x = x / zero);
    TRY("divide overflow", __asm__ volatile("mov $0x80000000, %%eax\n cltd\n mov $-1, %%ecx\n idivl %%ecx" : : : "eax", "edx", "ecx"));
    TRY("int3", __asm__ volatile("int3"));
    TRY("int 3 long", __asm__ volatile(".byte 0xcd, 3"));
    TRY("icebp", __asm__ volatile(".byte 0xf1"));
    TRY("ud2", __asm__ volatile("ud2")); TRY("ud1", __asm__ volatile(".byte 0x0f, 0xb9, 0xc0")); TRY("ud0", __asm__ volatile(".byte 0x0f, 0xff, 0xc0"));
    TRY("lock nop", __asm__ volatile(".byte 0xf0, 0x90")); TRY("lock register", __asm__ volatile(".byte 0xf0, 0x01, 0xc0"));
    TRY("hlt", __asm__ volatile("hlt")); TRY("cli", __asm__ volatile("cli")); TRY("sti", __asm__ volatile("sti"));
    TRY("in", __asm__ volatile("inb $0x60, %%al" : : : "eax")); TRY("insb", __asm__ volatile("insb" : : "D"(page), "d"(0x60) : "memory"));
    TRY("mov cr0", __asm__ volatile("mov %%cr0, %0" : "=r"(*(long *) page))); TRY("mov dr7", __asm__ volatile("mov %%dr7, %0" : "=r"(*(long *) page)));
    TRY("rdmsr", __asm__ volatile("rdmsr" : : "c"(0) : "eax", "edx")); TRY("invd", __asm__ volatile("invd")); TRY("clts", __asm__ volatile("clts"));
    TRY("int 0x20", __asm__ volatile("int $0x20")); TRY("int 0xff", __asm__ volatile("int $0xff")); TRY("int 0", __asm__ volatile("int $0")); TRY("int 4", __asm__ volatile("int $4")); TRY("int 13", __asm__ volatile("int $13"));
    TRY("null selector load", __asm__ volatile("mov %0, %%ds\n mov %1, %%ds" : : "r"(0), "r"(0x2b)));
    TRY("bad selector", __asm__ volatile("mov %0, %%ds" : : "r"(0xfff8))); TRY("kernel data selector", __asm__ volatile("mov %0, %%es" : : "r"(0x18)));
    TRY("null to ss", __asm__ volatile("mov %0, %%ss" : : "r"(0))); TRY("code to ss", __asm__ volatile("mov %%cs, %%eax\n mov %%eax, %%ss" : : : "eax"));
    TRY("too long", __asm__ volatile(".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90"));
    TRY("read null", x = *(volatile int *) 0); TRY("write null", *(volatile int *) 8 = 1);
    TRY("write read-only", page[4100] = 1); TRY("read none", x = page[8192 + 5]); TRY("write none", page[8192 + 5] = 1);
    TRY("execute no-exec", ((void (*)(void)) (page + 12288 + 32))()); TRY("execute none", ((void (*)(void)) (page + 8192))()); TRY("execute unmapped", ((void (*)(void)) (page + 20480 + 7))());
    TRY("read across", x = *(volatile int *) (page + 8192 - 2)); TRY("write across", *(volatile int *) (page + 20480 - 1) = 5);
    TRY("read-modify-write", __asm__ volatile("addl $1, (%0)" : : "r"(page + 4096 + 64) : "memory"));
    page[4096 * 5 - 1] = 0x66; TRY("code runs off", ((void (*)(void)) (page + 4096 * 5 - 1))());
    TRY("call through null", ((void (*)(void)) 0)());
    TRY("push", __asm__ volatile("mov %%" SP ", %%" SAVED "\n mov $64, %%esp\n push %%" SAVED "\n" : : : SAVED, "memory"));
    TRY("aligned store", __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(page + 4) : "memory"));
    TRY("alignment check", __asm__ volatile("pushf\n orl $0x40000, (%%" SP ")\n popf\n movl 1(%0), %%eax" : : "r"(page) : "eax", "memory"));
    TRY("alignment of 8", __asm__ volatile("pushf\n orl $0x40000, (%%" SP ")\n popf\n fldl 4(%0)" : : "r"(page) : "memory"));
    CLEAR_AC(); __asm__ volatile("fninit");
    unsigned short cw = 0x37f & ~0x3f; int mx = 0x1f80 & ~0x1f80;
    struct { const char *n; double a, b; int op; } f[] = {{"invalid", 0, 0, 0}, {"zero divide", 1, 0, 0}, {"overflow", 1e308, 1e308, 1}, {"underflow", 1e-308, 1e-308, 1}, {"inexact", 1, 3, 0}, {"denormal", 4e-320, 1, 2}};
    for (int i = 0; i < 6; i++) {
        static char t[60]; volatile double r; double a = f[i].a, b = f[i].b;
        snprintf(t, sizeof t, "sse %s", f[i].n);
        TRY(t, __asm__ volatile("ldmxcsr %0" : : "m"(mx)); 
            if (f[i].op == 0) __asm__ volatile("movsd %0, %%xmm0\n divsd %1, %%xmm0" : : "m"(a), "m"(b) : "memory"); else if (f[i].op == 1) __asm__ volatile("movsd %0, %%xmm0\n mulsd %1, %%xmm0" : : "m"(a), "m"(b) : "memory"); else __asm__ volatile("movsd %0, %%xmm0\n addsd %1, %%xmm0" : : "m"(a), "m"(b) : "memory"));
        int ok = 0x1f80; __asm__ volatile("ldmxcsr %0" : : "m"(ok));
        snprintf(t, sizeof t, "x87 %s", f[i].n);
        TRY(t, __asm__ volatile("fninit\n fldcw %0" : : "m"(cw)); if (f[i].op == 0) __asm__ volatile("fldl %1\n fldl %2\n fdivp\n fstpl %0" : "=m"(r) : "m"(b), "m"(a)); else if (f[i].op == 1) __asm__ volatile("fldl %1\n fmull %2\n fstpl %0\n fwait" : "=m"(r) : "m"(a), "m"(b)); else __asm__ volatile("fldl %1\n fwait\n fstpl %0" : "=m"(r) : "m"(a)));
        __asm__ volatile("fninit");
    }
    TRY("x87 stack underflow", __asm__ volatile("fninit\n fldcw %0\n fadd %%st(1), %%st\n fwait" : : "m"(cw))); __asm__ volatile("fninit");
    TRY("bad mxcsr", { int bad = 0x10000; __asm__ volatile("ldmxcsr %0" : : "m"(bad)); });
    TRY("fxsave misaligned", __asm__ volatile("fxsave (%0)" : : "r"(page + 8) : "memory"));
    TRY("cmpxchg8b register", __asm__ volatile(".byte 0x0f, 0xc7, 0xc8"));
#ifdef __x86_64__
    TRY("non-canonical read", x = *(volatile char *) 0x8000000000000000ul); TRY("non-canonical stack", __asm__ volatile("mov %%rsp, %%rbx\n mov %0, %%rsp\n push %%rax" : : "r"(0x8000000000000000ul) : "rbx"));
    TRY("non-canonical jump", __asm__ volatile("jmp *%0" : : "r"(0x8000000000000000ul))); TRY("kernel read", x = *(volatile char *) 0xffffffff80000000ul); TRY("kernel write", *(volatile char *) 0xffff888000000000ul = 1); TRY("kernel jump", __asm__ volatile("jmp *%0" : : "r"(0xffffffff81000000ul)));
    TRY("swapgs", __asm__ volatile("swapgs")); TRY("sysret", __asm__ volatile("sysretq")); TRY("aaa", __asm__ volatile(".byte 0x37")); TRY("push es", __asm__ volatile(".byte 6")); TRY("les", __asm__ volatile(".byte 0xc4, 0, 0, 0, 0"));
    TRY("cmpxchg16b misaligned", __asm__ volatile("cmpxchg16b (%0)" : : "r"(page + 8) : "memory", "rax", "rdx"));
    TRY("far jump direct", __asm__ volatile(".byte 0xea, 0, 0, 0, 0, 0, 0"));
#else
    TRY("high read", x = *(volatile char *) 0xffffe001ul); TRY("high jump", ((void (*)(void)) 0xfffff000ul)());
    TRY("into", __asm__ volatile("movb $0x7f, %%al\n addb $1, %%al\n into" : : : "eax")); TRY("no into", __asm__ volatile("xor %%eax, %%eax\n into" : : : "eax"));
    TRY("bound", { int b[2] = {1, 2}; int i = 5; __asm__ volatile("bound %0, %1" : : "r"(i), "m"(b)); }); TRY("in bound", { int b[2] = {1, 9}; int i = 5; __asm__ volatile("bound %0, %1" : : "r"(i), "m"(b)); });
    TRY("far jump null", __asm__ volatile("ljmp $0, $0")); TRY("far jump bad", __asm__ volatile("ljmp $0xfff8, $0")); TRY("far jump data", __asm__ volatile("ljmp $0x2b, $0")); TRY("far jump kernel", __asm__ volatile("ljmp $0x10, $0")); TRY("far call conforming", __asm__ volatile("lcall $0x43, $0"));
    TRY("null ds", __asm__ volatile("mov %0, %%ds\n movl 0, %%eax\n" : : "r"(0) : "eax"));
    __asm__ volatile("mov %0, %%ds\n mov %0, %%es" : : "r"(0x2b));
    TRY("null fs", __asm__ volatile("mov %0, %%fs\n movl %%fs:0, %%eax\n" : : "r"(0) : "eax"));
    TRY("aam 0", __asm__ volatile(".byte 0xd4, 0"));
    TRY("push ds pop cs", __asm__ volatile(".byte 0x0f, 0x24, 0")); 
#endif
    what = "kill"; if (!sigsetjmp(back, 1)) raise(SIGTRAP);
}
