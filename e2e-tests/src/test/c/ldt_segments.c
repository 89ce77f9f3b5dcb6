// SPDX-License-Identifier: Apache-2.0
// Segments of the local descriptor table: the calls that make them, limits and rights over whole accesses, 16-bit code,
// far transfers, LAR and friends, what fork and exec do with the table.
#include "t.h"
#include <asm/ldt.h>
#include <ucontext.h>
#ifdef __x86_64__
#define IP REG_RIP
#define CX REG_RCX
#else
#define IP REG_EIP
#define CX REG_ECX
#endif
typedef struct user_desc desc;
static int modify(int f, void *p, unsigned long n) { return (int) syscall(SYS_modify_ldt, f, p, n); }
#define M(...) printf("%s = %d\n", #__VA_ARGS__, modify(__VA_ARGS__))
static sigjmp_buf back; static char *page;
static void h(int s, siginfo_t *i, void *u) {
    ucontext_t *c = u; greg_t *g = c->uc_mcontext.gregs;
#ifndef __x86_64__
    printf(" signal %d code %d trap %d err %x ecx %x cs %x", s, i->si_code, (int) g[REG_TRAPNO], (int) g[REG_ERR], (int) g[CX] & 0xffff, g[REG_CS]);
#else
    printf(" signal %d code %d trap %d err %x", s, i->si_code, (int) g[REG_TRAPNO], (int) g[REG_ERR]);
#endif
    siglongjmp(back, 1);
}
static desc seg(int n, char *base, unsigned limit, int contents, int readonly, int pages, int is32, int absent) {
    desc d; memset(&d, 0, sizeof d); d.entry_number = n; d.base_addr = (unsigned) (unsigned long) base; d.limit = limit; d.contents = contents; d.read_exec_only = readonly; d.limit_in_pages = pages; d.seg_32bit = is32; d.seg_not_present = absent;
    return d;
}
static int put_ldt(desc d) { return modify(0x11, &d, sizeof d); }
#define SEL(n) ((n) << 3 | 7)
#define TRY(name, ...) do { printf("%s:", name); if (!sigsetjmp(back, 1)) { __VA_ARGS__; printf(" ok"); } printf("\n"); } while (0)
static void rights(int sel) {
    unsigned lar = 0xdead, lsl = 0xdead; unsigned char a, b, c, d;
    __asm__("lar %4, %0\n setz %1\n lsl %4, %2\n setz %3" : "+&r"(lar), "=&q"(a), "+&r"(lsl), "=&q"(b) : "r"(sel));
    __asm__("verr %2\n setz %0\n verw %2\n setz %1" : "=&q"(c), "=&q"(d) : "r"((unsigned short) sel));
    printf("selector %x: lar %x %d lsl %x %d verr %d verw %d\n", sel, a ? lar : 0, a, b ? lsl : 0, b, c, d);
}
int main(int argc, char **argv) {
    if (argc > 1) { char b[64]; printf("after exec: %d\n", modify(0, b, sizeof b)); return 0; }
    static char other[65536]; stack_t st = {other, 0, sizeof other}; sigaltstack(&st, NULL);
    on3(SIGSEGV, h, SA_ONSTACK); on3(SIGBUS, h, SA_ONSTACK); on3(SIGILL, h, SA_ONSTACK); on3(SIGTRAP, h, SA_ONSTACK);
    page = mmap((void *) 0x20000000, 65536 * 2, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (int i = 0; i < 65536 * 2; i++) page[i] = i;
    char buf[256]; memset(buf, 0x55, sizeof buf);
    M(0, buf, 256); M(3, buf, 16); M(2, buf, 256); T(buf[127] == 0 && buf[128] == 0x55); M(2, (void *) 8, 100); M(2, buf, 0);
    desc d = seg(5, page, 99, 0, 0, 0, 1, 0); d.useable = 1;
    M(0x11, &d, 15); M(0x11, &d, 17); M(0x11, (void *) 8, 16); M(1, (void *) 8, 16); M(0x11, &d, 16); M(0, buf, 256);
    unsigned long long e; memcpy(&e, buf + 40, 8); printf("entry %llx\n", e & 0x00f0ff000000ffffull); T(buf[39] == 0 && buf[48] == 0 && buf[255] == 0);
    d.entry_number = 8192; M(0x11, &d, 16); d.entry_number = -1; M(0x11, &d, 16); d.entry_number = 8191; M(0x11, &d, 16); M(0, buf, 256); M(0, buf, 0);
    d = seg(6, page, 9, 3, 0, 0, 1, 0); M(0x11, &d, 16); d.seg_not_present = 1; M(1, &d, 16); M(0x11, &d, 16);
    d = seg(7, page, 9, 0, 0, 0, 1, 0); d.useable = 1; M(1, &d, 16); M(0, buf, 64); memcpy(&e, buf + 56, 8); printf("old interface %llx\n", e & 0x00f0ff000000ffffull);
    d = seg(7, 0, 0, 0, 0, 0, 1, 0); M(1, &d, 16); M(0, buf, 64); memcpy(&e, buf + 56, 8); printf("cleared %llx\n", e);
    M(0, (void *) 8, 64); M(0x12, &d, 16);
    put_ldt(seg(8, page, 99, 0, 0, 0, 1, 0)); put_ldt(seg(9, page, 1, 0, 1, 1, 1, 0)); put_ldt(seg(10, page, 99, 1, 0, 0, 1, 0)); put_ldt(seg(11, page, 99, 2, 0, 0, 1, 0)); put_ldt(seg(12, page, 99, 2, 1, 0, 1, 0)); put_ldt(seg(13, page, 99, 0, 0, 0, 1, 1)); put_ldt(seg(14, page, 99, 0, 0, 0, 0, 0)); put_ldt(seg(15, page, 99, 1, 0, 0, 0, 0));
    for (int i = 4; i < 17; i++) rights(SEL(i));
    rights(0); rights(3); rights(0x23); rights(0x2b); rights(0x33); rights(0xfff8); rights(SEL(8191)); rights(8 << 3 | 4);
#ifndef __x86_64__
#define FS(sel, code, ...) do { __asm__ volatile("mov %0, %%fs" : : "r"(sel)); __asm__ volatile(code : : "D"(0), ##__VA_ARGS__ : "eax", "ecx", "edx", "memory", "cc", "st"); } while (0)
#define AT(n) "c"(n)
    TRY("byte 99", FS(SEL(8), "movb %%fs:99, %%al")); TRY("byte 100", FS(SEL(8), "movb %%fs:100, %%al")); TRY("dword 96", FS(SEL(8), "movl %%fs:96, %%eax")); TRY("dword 97", FS(SEL(8), "movl %%fs:97, %%eax")); TRY("dword 99", FS(SEL(8), "movl %%fs:99, %%eax"));
    TRY("store dword 97", FS(SEL(8), "movl %%eax, %%fs:97")); TRY("add 97", FS(SEL(8), "addl $1, %%fs:97")); TRY("word 98", FS(SEL(8), "movw %%fs:98, %%ax")); TRY("word 99", FS(SEL(8), "movw %%fs:99, %%ax")); TRY("negative", FS(SEL(8), "movl %%fs:-1, %%eax"));
    TRY("qword 92", FS(SEL(8), "fldl %%fs:92\n fstp %%st(0)")); TRY("qword 93", FS(SEL(8), "fldl %%fs:93\n fstp %%st(0)")); TRY("tbyte 90", FS(SEL(8), "fldt %%fs:90\n fstp %%st(0)")); TRY("tbyte 91", FS(SEL(8), "fldt %%fs:91\n fstp %%st(0)")); TRY("fstp 91", FS(SEL(8), "fldz\n fstpt %%fs:91")); __asm__ volatile("fninit");
    TRY("xmm 84", FS(SEL(8), "movups %%fs:84, %%xmm0")); TRY("xmm 85", FS(SEL(8), "movups %%fs:85, %%xmm0")); TRY("xmm store 85", FS(SEL(8), "movups %%xmm0, %%fs:85")); TRY("lea is free", FS(SEL(8), "lea %%fs:1000, %%eax")); TRY("cmpxchg8b 93", FS(SEL(8), "cmpxchg8b %%fs:93")); TRY("bts far", FS(SEL(8), "mov $800, %%eax\n bts %%eax, %%fs:0")); TRY("bt inside", FS(SEL(8), "mov $767, %%eax\n bt %%eax, %%fs:0"));
    TRY("fnsave over", FS(SEL(8), "fnsave %%fs:0")); TRY("fnstenv in", FS(SEL(8), "fnstenv %%fs:72")); TRY("fnstenv over", FS(SEL(8), "fnstenv %%fs:73")); TRY("pop m", FS(SEL(8), "push $5\n pop %%fs:96")); TRY("push m", FS(SEL(8), "push %%fs:96\n pop %%eax")); TRY("call m over", FS(SEL(8), "call *%%fs:98")); TRY("xlat", FS(SEL(8), "mov $100, %%al\n push %%ebx\n xor %%ebx, %%ebx\n xlat %%fs:(%%ebx)\n pop %%ebx")); TRY("moffs", FS(SEL(8), ".byte 0x64, 0xa1, 97, 0, 0, 0")); TRY("moffs store", FS(SEL(8), ".byte 0x64, 0xa2, 100, 0, 0, 0")); TRY("16-bit address", FS(SEL(8), "mov $97, %%eax\n .byte 0x67, 0x64, 0x8b, 0x06, 97, 0"));
    TRY("read-only read", FS(SEL(9), "movl %%fs:8188, %%eax")); TRY("pages over", FS(SEL(9), "movl %%fs:8189, %%eax")); TRY("read-only store", FS(SEL(9), "movl %%eax, %%fs:0")); TRY("read-only modify", FS(SEL(9), "incl %%fs:0")); TRY("read-only cmpxchg", FS(SEL(9), "cmpxchgl %%eax, %%fs:0")); TRY("read-only xmm", FS(SEL(9), "movups %%xmm0, %%fs:0")); TRY("read-only setcc", FS(SEL(9), "setz %%fs:0"));
    TRY("expand-down below", FS(SEL(10), "movb %%fs:99, %%al")); TRY("expand-down above", FS(SEL(10), "movb %%fs:100, %%al")); TRY("expand-down straddle", FS(SEL(10), "movl %%fs:97, %%eax")); TRY("expand-down far", FS(SEL(10), "movl %%fs:65535, %%eax"));
    TRY("expand-down 16 end", FS(SEL(15), "movl %%fs:65532, %%eax")); TRY("expand-down 16 over", FS(SEL(15), "movl %%fs:65533, %%eax")); TRY("code readable", FS(SEL(11), "movl %%fs:96, %%eax")); TRY("code store", FS(SEL(11), "movl %%eax, %%fs:0")); TRY("execute-only load", FS(SEL(12), "nop")); TRY("not present", FS(SEL(13), "nop")); TRY("cleared", FS(SEL(16), "nop")); TRY("beyond table", FS(SEL(8191) + 8, "nop")); TRY("rpl 0", FS(SEL(8) & ~3, "movb %%fs:1, %%al"));
    __asm__ volatile("mov %0, %%fs" : : "r"(0));
    TRY("cs store", __asm__ volatile("movl %%eax, %%cs:(%0)" : : "r"(page))); TRY("cs load", __asm__ volatile("movl %%cs:(%0), %%eax" : : "r"(page) : "eax")); TRY("ss override", __asm__ volatile("movl %%ss:(%0), %%eax" : : "r"(page) : "eax"));
#define ES(sel, code, ...) do { __asm__ volatile("push %%es\n mov %0, %%es\n" code "\n pop %%es" : : "r"(sel), ##__VA_ARGS__ : "eax", "memory", "cc"); } while (0)
    { int c = 40, dd = 90; char *s = page + 1000; TRY("rep movsb", __asm__ volatile("mov %2, %%es\n cld\n rep movsb" : "+c"(c), "+D"(dd) : "r"(SEL(8)), "S"(s) : "memory")); printf("  left %d\n", c); }
    __asm__ volatile("mov %0, %%es" : : "r"(0x2b));
    { int c = 40, dd = 10; TRY("rep stosl", __asm__ volatile("mov %2, %%es\n cld\n rep stosl" : "+c"(c), "+D"(dd) : "r"(SEL(8)), "a"(7) : "memory")); }
    __asm__ volatile("mov %0, %%es" : : "r"(0x2b));
    { int c = 10; TRY("lods over", __asm__ volatile("mov %1, %%fs\n cld\n rep lodsl %%fs:(%%esi), %%eax" : "+c"(c) : "r"(SEL(8)), "S"(80) : "eax")); }
    { int c = 60; TRY("scas read-only", __asm__ volatile("mov %1, %%es\n cld\n repne scasb" : "+c"(c) : "r"(SEL(9)), "D"(0), "a"(33) : "cc")); printf("  left %d\n", c); }
    __asm__ volatile("mov %0, %%es" : : "r"(0x2b));
    TRY("ds null, stack lives", __asm__ volatile("mov %0, %%ds\n push %%eax\n pop %%eax\n mov %1, %%ds" : : "r"(0), "r"(0x2b) : "eax"));
    TRY("ds limited", __asm__ volatile("mov %0, %%ds\n movl 0x60, %%eax\n mov %1, %%ds" : : "r"(SEL(8)), "r"(0x2b) : "eax"));
    TRY("ds limited over", __asm__ volatile("mov %0, %%ds\n movl 0x61, %%eax\n" : : "r"(SEL(8)) : "eax")); __asm__ volatile("mov %0, %%ds" : : "r"(0x2b));
    // The stack segment.
    put_ldt(seg(17, page, 0xfff, 0, 0, 0, 1, 0)); put_ldt(seg(18, page, 0xffff, 0, 0, 0, 0, 0));
    TRY("ss in", __asm__ volatile("mov %%esp, %%esi\n mov %0, %%ss\n mov $0x800, %%esp\n push $77\n pop %%eax\n mov %1, %%ss\n mov %%esi, %%esp" : : "r"(SEL(17)), "r"(0x2b) : "eax", "esi", "memory"));
    TRY("ss over", __asm__ volatile("mov %0, %%ss\n mov $0x2000, %%esp\n push $77" : : "r"(SEL(17)) : "memory"));
    TRY("ss bottom", __asm__ volatile("mov %0, %%ss\n mov $2, %%esp\n push $77" : : "r"(SEL(17)) : "memory"));
    TRY("ebp over", __asm__ volatile("mov %%esp, %%esi\n mov %%ebp, %%edi\n mov %0, %%ss\n mov $0x800, %%esp\n mov $0xffd, %%ebp\n movl (%%ebp), %%eax" : : "r"(SEL(17)) : "eax", "esi", "edi", "memory"));
    TRY("ss read-only", __asm__ volatile("mov %0, %%ss" : : "r"(SEL(9)))); TRY("ss absent", __asm__ volatile("mov %0, %%ss" : : "r"(SEL(13)))); TRY("ss rpl", __asm__ volatile("mov %0, %%ss" : : "r"(SEL(17) & ~3)));
    unsigned short got; TRY("16-bit stack", __asm__ volatile("mov %%esp, %%esi\n mov %1, %%ss\n mov $0x100, %%esp\n push $0x1234\n mov %%sp, %%ax\n pop %%ecx\n mov %2, %%ss\n mov %%esi, %%esp" : "=&a"(got) : "r"(SEL(18)), "r"(0x2b) : "ecx", "esi", "memory")); printf("  sp %x\n", got);
    TRY("16-bit stack wraps", __asm__ volatile("mov %%esp, %%esi\n mov %1, %%ss\n mov $0x2, %%esp\n push $0x1234\n mov %%sp, %%ax\n mov %2, %%ss\n mov %%esi, %%esp" : "=&a"(got) : "r"(SEL(18)), "r"(0x2b) : "ecx", "esi", "memory")); printf("  sp %x\n", got);
    // Code: 16-bit in entry 20 at page + 0x2000, 32-bit limited in 21.
    static struct { unsigned off; unsigned short sel; } __attribute__((packed)) far;
    unsigned char c16[] = {0xb8, 0x34, 0x12, 0x05, 0x01, 0x00, 0x66, 0xcb}; memcpy(page + 0x2000, c16, sizeof c16); put_ldt(seg(20, page + 0x2000, 0xffff, 2, 0, 0, 0, 0)); put_ldt(seg(21, page + 0x3000, 0x0f, 2, 0, 0, 1, 0));
    far.off = 0; far.sel = SEL(20); unsigned r = 0; TRY("16-bit code", __asm__ volatile("mov $0xabcd0000, %%eax\n lcall *%1" : "=&a"(r) : "m"(far) : "memory")); printf("  %x\n", r);
    unsigned char big[] = {0x66, 0xb8, 1, 2, 3, 4, 0xe9, 0x03, 0x00, 0xcc, 0xcc, 0xcc, 0x8c, 0xc9, 0x67, 0x66, 0x8d, 0x54, 0x24, 0x00, 0x66, 0xcb}; memcpy(page + 0x2100, big, sizeof big); far.off = 0x100; unsigned c, dx; TRY("16-bit jumps", __asm__ volatile("xor %%ecx, %%ecx\n lcall *%3" : "=&a"(r), "=&c"(c), "=&d"(dx) : "m"(far) : "memory")); printf("  %x %x\n", r, c);
    unsigned char top[] = {0x90, 0x90, 0x90}; memcpy(page + 0x2000 + 0xfffd, top, 3); far.off = 0xfffd; TRY("16-bit runs off", __asm__ volatile("ljmp *%0" : : "m"(far)));
    page[0x2000 + 0xffff] = 0xb8; TRY("16-bit instruction over", __asm__ volatile("ljmp *%0" : : "m"(far)));
    unsigned char c32[] = {0x40, 0x40, 0x40, 0xeb, 0x00, 0x40, 0x40, 0xcb}; memset(page + 0x3000, 0x40, 64); memcpy(page + 0x3000, c32, sizeof c32); far.sel = SEL(21); far.off = 0; TRY("limited code", __asm__ volatile("xor %%eax, %%eax\n lcall *%1" : "=&a"(r) : "m"(far) : "memory")); printf("  %d\n", r);
    page[0x3007] = 0x40; TRY("limited runs off", __asm__ volatile("ljmp *%0" : : "m"(far))); page[0x300f] = 0x05; TRY("limited instruction over", __asm__ volatile("ljmp *%0" : : "m"(far))); far.off = 0x10; TRY("limited target", __asm__ volatile("ljmp *%0" : : "m"(far))); TRY("limited call target", __asm__ volatile("lcall *%0" : : "m"(far)));
    far.off = 0; far.sel = SEL(13); TRY("jump to absent", __asm__ volatile("ljmp *%0" : : "m"(far))); put_ldt(seg(22, page, 99, 2, 0, 0, 1, 1)); far.sel = SEL(22); TRY("absent code", __asm__ volatile("ljmp *%0" : : "m"(far))); far.sel = SEL(8); TRY("jump to data", __asm__ volatile("lcall *%0" : : "m"(far)));
    put_ldt(seg(23, 0, 0xfffff, 2, 1, 1, 1, 0)); TRY("execute-only code", __asm__ volatile("push %%cs\n push $1f\n push %0\n push $2f\n lret\n 2: lret\n 1:" : : "r"(SEL(23)) : "memory")); TRY("execute-only read", __asm__ volatile("push %0\n push $2f\n lret\n 2: movl %%cs:(%1), %%eax" : : "r"(SEL(23)), "r"(page) : "eax", "memory"));
    TRY("lret 8", __asm__ volatile("mov %%esp, %%esi\n push $1\n push $2\n push %%cs\n push $1f\n lret $8\n 1: sub %%esp, %%esi\n mov %%esi, %0" : "=r"(r) : : "esi", "memory")); printf("  %d\n", r);
    TRY("lret bad rpl", __asm__ volatile("push $0x20\n push $1f\n lret\n 1:" : : : "memory")); TRY("iret", __asm__ volatile("pushf\n push %%cs\n push $1f\n iret\n 1:" : : : "memory")); TRY("iret flags", __asm__ volatile("pushf\n orl $0x4c1, (%%esp)\n push %%cs\n push $1f\n iret\n 1: pushf\n pop %0\n cld" : "=r"(r) : : "memory", "cc")); printf("  %x\n", r & 0xcd5); TRY("iret nt", __asm__ volatile("pushf\n orl $0x4000, (%%esp)\n popf\n pushf\n push %%cs\n push $1f\n iret\n 1:" : : : "memory")); __asm__ volatile("pushf\n andl $~0x4000, (%%esp)\n popf" : : : "cc");
    TRY("16-bit iret", __asm__ volatile("pushfw\n pushw %%cs\n pushw $0x20\n .byte 0x66, 0xcf" : : : "memory")); TRY("lds", __asm__ volatile("push %%ds\n lds (%1), %%eax\n pop %%ds" : "=&a"(r) : "r"(&(struct { unsigned o; unsigned short s; } __attribute__((packed))) {0x1234, SEL(8)}) : "memory")); printf("  %x\n", r);
    TRY("les over", FS(SEL(8), "push %%es\n les %%fs:95, %%eax\n pop %%es")); TRY("bound over", FS(SEL(8), "bound %%eax, %%fs:93"));
    // Replaced under its user; fork and exec.
    desc gone = seg(8, page, 99, 0, 0, 0, 1, 1); unsigned es; __asm__ volatile("mov %1, %%es\n int $0x80\n mov %%es, %0\n mov %2, %%es" : "=a"(es) : "S"(SEL(8)), "D"(0x2b), "a"(SYS_modify_ldt), "b"(0x11), "c"(&gone), "d"(16) : "memory"); printf("es %x\n", es);
    // Threads' entries.
#define TA(name, d) do { desc x = d; errno = 0; int v = syscall(SYS_set_thread_area, &x); printf("%s: %d %s entry %d\n", name, v, v ? errname(errno) : "", x.entry_number); } while (0)
    TA("code", seg(13, 0, 9, 2, 0, 0, 1, 0)); TA("16 bits", seg(13, 0, 9, 0, 0, 0, 0, 0)); TA("absent", seg(13, 0, 9, 0, 0, 0, 1, 1)); TA("entry 5", seg(5, 0, 9, 0, 0, 0, 1, 0)); TA("any", seg(-1, page, 99, 0, 0, 0, 1, 0)); TA("second", seg(-1, page, 49, 0, 0, 0, 1, 0)); TA("third", seg(-1, page, 19, 0, 0, 0, 1, 0)); TA("all used", seg(-1, page, 9, 0, 0, 0, 1, 0)); R(syscall(SYS_set_thread_area, 8));
    TRY("tls in", FS(13 << 3 | 3, "movl %%fs:96, %%eax")); TRY("tls over", FS(13 << 3 | 3, "movl %%fs:97, %%eax")); rights(13 << 3 | 3); __asm__ volatile("mov %0, %%fs" : : "r"(0));
    desc q = {.entry_number = 13}; R(syscall(SYS_get_thread_area, &q)); printf("limit %x flags %d %d %d %d %d %d\n", q.limit, q.seg_32bit, q.contents, q.read_exec_only, q.limit_in_pages, q.seg_not_present, q.useable); q.entry_number = 11; R(syscall(SYS_get_thread_area, &q)); q.entry_number = -1; R(syscall(SYS_get_thread_area, &q)); R(syscall(SYS_arch_prctl, 0x1003, buf)); R(syscall(SYS_arch_prctl, 0x1002, 0));
#else
    R(syscall(205, &d)); R(syscall(211, &d)); unsigned long v;
    R(syscall(SYS_arch_prctl, 0x1001, page)); R(syscall(SYS_arch_prctl, 0x1004, &v)); T(v == (unsigned long) page); __asm__ volatile("movl %%gs:8, %%eax" : "=a"(v)); printf("%x\n", (unsigned) v); R(syscall(SYS_arch_prctl, 0x1001, 0x7ffffffff000ul)); R(syscall(SYS_arch_prctl, 0x1001, 0x7fffffffefffl)); R(syscall(SYS_arch_prctl, 0x1004, 8)); R(syscall(SYS_arch_prctl, 0x1234, 8)); R(syscall(SYS_arch_prctl, 0x1001, 0));
    unsigned g; TRY("gs from the table", __asm__ volatile("mov %1, %%gs\n movl %%gs:4, %0" : "=r"(g) : "r"(SEL(8)))); printf("  %x\n", g); TRY("no limit in 64-bit code", __asm__ volatile("movl %%gs:1000, %0" : "=r"(g))); T(syscall(SYS_arch_prctl, 0x1004, &v) == 0 && v == (unsigned long) page);
    R(syscall(SYS_arch_prctl, 0x1001, page + 4096)); __asm__ volatile("mov %%gs, %0" : "=r"(g)); printf("gs %x\n", g);
    TRY("gs absent", __asm__ volatile("mov %0, %%gs" : : "r"(SEL(13)))); TRY("ds limited is free", __asm__ volatile("mov %0, %%ds\n movl 1000(%1), %%eax\n mov %2, %%ds" : : "r"(SEL(8)), "r"(page), "r"(0) : "eax"));
    TRY("null ss", __asm__ volatile("mov %0, %%ss" : : "r"(0))); TRY("cs data store", __asm__ volatile(".byte 0x2e\n movl %%eax, (%0)" : : "r"(page))); 
    static struct { unsigned off; unsigned short sel; } __attribute__((packed)) far; static struct { unsigned long off; unsigned short sel; } __attribute__((packed)) far64; unsigned r = 0;
    unsigned char c32[] = {0xb8, 1, 0, 0, 0, 0x40, 0xcb}; memcpy(page, c32, sizeof c32); far.off = (unsigned) (unsigned long) page; far.sel = 0x23;
    // The stack must lie below 4 GiB for 32-bit code.
    TRY("32-bit code", __asm__ volatile("mov %%rsp, %%rbx\n lea 0x8000(%2), %%rsp\n lcall *%1\n mov %%rbx, %%rsp" : "=&a"(r) : "m"(far), "r"(page) : "rbx", "memory")); printf("  %x\n", r);
    TRY("iretq", __asm__ volatile("mov %%rsp, %%rbx\n mov %%ss, %%eax\n push %%rax\n push %%rbx\n pushfq\n mov %%cs, %%eax\n push %%rax\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n 1:" : : : "rax", "rbx", "memory")); TRY("iretq bad ss", __asm__ volatile("mov %%rsp, %%rbx\n push $0\n push %%rbx\n pushfq\n mov %%cs, %%eax\n push %%rax\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n 1:" : : : "rax", "rbx", "memory")); TRY("iretq bad cs", __asm__ volatile("mov %%rsp, %%rbx\n mov %%ss, %%eax\n push %%rax\n push %%rbx\n pushfq\n push $0x10\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n 1:" : : : "rax", "rbx", "memory"));
    far.sel = SEL(8); TRY("jump to data", __asm__ volatile("ljmp *%0" : : "m"(far))); far.sel = 0; TRY("jump to null", __asm__ volatile("ljmp *%0" : : "m"(far))); far.sel = SEL(11); far.off = 100; TRY("limited target", __asm__ volatile("ljmp *%0" : : "m"(far)));
    put_ldt(seg(20, page + 0x2000, 0xffff, 2, 0, 0, 0, 0)); unsigned char c16[] = {0xb8, 0x34, 0x12, 0x05, 0x01, 0x00, 0x66, 0xcb}; memcpy(page + 0x2000, c16, sizeof c16); far.sel = SEL(20); far.off = 0;
    TRY("16-bit code", __asm__ volatile("mov %%rsp, %%rbx\n lea 0x8000(%2), %%rsp\n mov $0xabcd0000, %%eax\n lcall *%1\n mov %%rbx, %%rsp" : "=&a"(r) : "m"(far), "r"(page) : "rbx", "memory")); printf("  %x\n", r);
#endif
    pid_t p = fork(); if (!p) { char t[2048]; printf("in the child: %d\n", modify(0, t, sizeof t)); rights(SEL(9)); put_ldt(seg(9, 0, 5, 0, 0, 0, 1, 0)); _exit(3); } reap("child", p); rights(SEL(9));
    fflush(stdout); execl("/proc/self/exe", argv[0], "x", NULL);
}
