// SPDX-License-Identifier: Apache-2.0
// flags: -msse2
// The AC flag: which accesses count as misaligned, kind by kind, at every offset.
#include "t.h"
#ifdef __x86_64__
#define SP "rsp"
#define WORD "8"
#define PUSHF "pushfq"
#define POPF "popfq"
#else
#define SP "esp"
#define WORD "4"
#define PUSHF "pushfl"
#define POPF "popfl"
#endif
#define ON PUSHF "\n orl $0x40000, (%%" SP ")\n " POPF "\n"
#define OFF PUSHF "\n andl $~0x40000, (%%" SP ")\n " POPF "\n"
static sigjmp_buf back; static int got;
static void h(int s, siginfo_t *i, void *u) { __asm__ volatile(OFF : : : "memory", "cc"); got = s * 100 + i->si_code; siglongjmp(back, 1); }
static char area[1024] __attribute__((aligned(64)));
#define TRY(name, code) do { printf("%-12s", name); for (int k = 0; k < 17; k++) { char *p = area + 256 + k; got = 0; memset(area, 0, sizeof area); if (!sigsetjmp(back, 1)) __asm__ volatile(ON code "\n" OFF : : "S"(p), "D"(area + 512) : "eax", "ecx", "edx", "ebx", "memory", "cc"); printf(" %d", got); __asm__ volatile("fninit"); } printf("\n"); } while (0)
int main() {
    static char other[65536]; stack_t st = {other, 0, sizeof other}; sigaltstack(&st, NULL);
    on3(SIGBUS, h, SA_ONSTACK); on3(SIGSEGV, h, SA_ONSTACK); on3(SIGILL, h, SA_ONSTACK);
    TRY("byte", "movb (%0), %%al"); TRY("word", "movw (%0), %%ax"); TRY("word store", "movw %%ax, (%0)"); TRY("dword", "movl (%0), %%eax"); TRY("dword store", "movl %%eax, (%0)"); TRY("modify", "addl $1, (%0)"); TRY("xchg", "xchg %%eax, (%0)");
    TRY("bt", "bt $3, (%0)"); TRY("bts", "mov $40, %%eax\n bts %%eax, (%0)"); TRY("cmpxchg", "cmpxchg %%ecx, (%0)"); TRY("cmpxchg8b", "cmpxchg8b (%0)"); TRY("movzx", "movzwl (%0), %%eax");
    TRY("push m", "push (%0)\n add $" WORD ", %%" SP); TRY("fld32", "flds (%0)"); TRY("fld64", "fldl (%0)"); TRY("fld80", "fldt (%0)"); TRY("fstp80", "fld1\n fstpt (%0)"); TRY("fild16", "filds (%0)"); TRY("fild64", "fildll (%0)"); TRY("fbld", "fbld (%0)"); TRY("fnstcw", "fnstcw (%0)"); TRY("fnstenv", "fnstenv (%0)"); TRY("fldenv", "fldenv (%1)\n"); TRY("fnsave", "fnsave (%0)");
    TRY("stmxcsr", "stmxcsr (%0)"); TRY("movss", "movss (%0), %%xmm0"); TRY("movsd", "movsd (%0), %%xmm0"); TRY("movd", "movd (%0), %%xmm0"); TRY("movq", "movq (%0), %%xmm0"); TRY("movups", "movups (%0), %%xmm0"); TRY("movups st", "movups %%xmm0, (%0)"); TRY("movdqu", "movdqu (%0), %%xmm0"); TRY("movlps", "movlps (%0), %%xmm0"); TRY("movaps", "movaps (%0), %%xmm0"); TRY("mmx", "movq (%0), %%mm0\n emms"); TRY("movnti", "movnti %%eax, (%0)");
    TRY("cvtsi2sd", "cvtsi2sdl (%0), %%xmm0"); TRY("cvtps2pd", "cvtps2pd (%0), %%xmm0"); TRY("addsd", "addsd (%0), %%xmm0"); TRY("addps", "addps (%0), %%xmm0"); TRY("pinsrw", "pinsrw $1, (%0), %%xmm0");
    TRY("movsl", "mov $3, %%ecx\n cld\n rep movsl"); TRY("movsb", "mov $3, %%ecx\n cld\n rep movsb"); TRY("lodsw", "lodsw"); TRY("cmpsl", "cmpsl"); TRY("prefetch", "prefetcht0 (%0)"); TRY("clflush", "clflush (%0)"); TRY("lea", "lea 3(%0), %%eax");
#ifdef __x86_64__
    TRY("qword", "movq (%0), %%rax"); TRY("qword store", "movq %%rax, (%0)"); TRY("modify64", "lock incq (%0)");
#else
    TRY("stack", "mov %%esp, %%ebx\n lea 128(%0), %%esp\n push %%eax\n mov %%ebx, %%esp"); TRY("les", "push %%es\n les (%0), %%eax\n pop %%es"); TRY("bound", "movl $0x7fffffff, 4(%0)\n xor %%eax, %%eax\n bound %%eax, (%0)");
#endif
}
