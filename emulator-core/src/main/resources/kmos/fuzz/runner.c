// SPDX-License-Identifier: Apache-2.0
// Runs pieces of code on this processor with a given state: requests on standard input, results on standard output. State
// goes in and comes out through signal frames, so that it is exact. Memory as in the recorded vectors: code at 100000,
// data at 200000 and 8000, a read-only page at 203000. With the argument 16: 16-bit code in a segment with base 7000.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE_PAGE (is16 ? 0x7000ul : 0x100000ul)
#define DATA_SIZE 0x2000
#define CHANGES (2 * DATA_SIZE)

struct state {
    uint64_t gpr[16], ip, flags, cr2;
    uint32_t fcw, fsw, ftw, mxcsr, trap, error;
    unsigned char st[8][16], ymm[16][32];
};
struct request {
    struct state state;
    uint32_t codeSize, chunks;
    unsigned char code[64];
    struct { uint32_t address, size; unsigned char bytes[64]; } chunk[4];
};

static int is16;
static struct request in;
static struct state out;
static unsigned char before[2][DATA_SIZE], other[1 << 16], savedFpu[1 << 14];
static gregset_t saved;
static char *const data[2] = {(char *) 0x200000, (char *) 0x8000};

#ifdef __x86_64__
static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
#define COUNT 16
#define IP REG_RIP
#define FSAVE 0
#else
static const int order[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};
#define COUNT 8
#define IP REG_EIP
#define FSAVE 112
#endif

static uint32_t get32(unsigned char *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static void set32(unsigned char *p, uint32_t v) { memcpy(p, &v, 4); }
static unsigned char *image(ucontext_t *c) { return (unsigned char *) c->uc_mcontext.fpregs + FSAVE; }
static unsigned frameSize(unsigned char *fx) { return FSAVE + (get32(fx + 464) == 0x46505853 ? get32(fx + 480) : 512); }

static void putFpu(unsigned char *fx, struct state *s) {
    int top = s->fsw >> 11 & 7;
    fx[0] = s->fcw; fx[1] = s->fcw >> 8; fx[2] = s->fsw; fx[3] = s->fsw >> 8; fx[4] = s->ftw; fx[5] = 0; memset(fx + 6, 0, 18);
    set32(fx + 24, s->mxcsr);
    for (int i = 0; i < 8; i++) { memset(fx + 32 + i * 16, 0, 16); memcpy(fx + 32 + i * 16, s->st[(top + i) & 7], 10); }
    for (int i = 0; i < COUNT; i++) memcpy(fx + 160 + i * 16, s->ymm[i], 16);
    if (get32(fx + 464) == 0x46505853) {
        set32(fx + 512, get32(fx + 512) | 7);
        for (int i = 0; i < COUNT; i++) memcpy(fx + 576 + i * 16, s->ymm[i] + 16, 16);
    }
#ifndef __x86_64__
    unsigned char *old = fx - FSAVE;
    uint32_t tags = 0;
    for (int i = 0; i < 8; i++) tags |= (s->ftw >> i & 1 ? 0 : 3) << i * 2;
    set32(old, s->fcw | 0xffff0000u); set32(old + 4, s->fsw | 0xffff0000u); set32(old + 8, tags | 0xffff0000u); memset(old + 12, 0, 16);
    for (int i = 0; i < 8; i++) memcpy(old + 28 + i * 10, s->st[(top + i) & 7], 10);
#endif
}

static void getFpu(unsigned char *fx, struct state *s) {
    memset(s->st, 0, sizeof s->st); memset(s->ymm, 0, sizeof s->ymm);
    s->fcw = fx[0] | fx[1] << 8; s->fsw = fx[2] | fx[3] << 8; s->ftw = fx[4]; s->mxcsr = get32(fx + 24);
    int top = s->fsw >> 11 & 7;
    for (int i = 0; i < 8; i++) memcpy(s->st[(top + i) & 7], fx + 32 + i * 16, 10);
    for (int i = 0; i < COUNT; i++) memcpy(s->ymm[i], fx + 160 + i * 16, 16);
    if (get32(fx + 464) == 0x46505853 && fx[512] & 4) for (int i = 0; i < COUNT; i++) memcpy(s->ymm[i] + 16, fx + 576 + i * 16, 16);
}

static void begin(int signal, siginfo_t *info, void *u) {
    ucontext_t *c = u;
    memcpy(saved, c->uc_mcontext.gregs, sizeof saved);
    memcpy(savedFpu, c->uc_mcontext.fpregs, frameSize(image(c)));
    for (int i = 0; i < COUNT; i++) c->uc_mcontext.gregs[order[i]] = in.state.gpr[i];
    c->uc_mcontext.gregs[IP] = is16 ? 0x800 : CODE_PAGE + 0x800;
#ifndef __x86_64__
    if (is16) {
        c->uc_mcontext.gregs[REG_CS] = 0x0f;
        c->uc_mcontext.gregs[REG_SS] = c->uc_mcontext.gregs[REG_DS] = c->uc_mcontext.gregs[REG_ES] = 0x17;
    }
#endif
    c->uc_mcontext.gregs[REG_EFL] = in.state.flags;
    putFpu(image(c), &in.state);
}

static void end(int signal, siginfo_t *info, void *u) {
    ucontext_t *c = u;
    memset(&out, 0, sizeof out);
    for (int i = 0; i < COUNT; i++) out.gpr[i] = sizeof(long) == 8 ? (uint64_t) c->uc_mcontext.gregs[order[i]] : (uint32_t) c->uc_mcontext.gregs[order[i]];
    out.ip = sizeof(long) == 8 ? (uint64_t) c->uc_mcontext.gregs[IP] : (uint32_t) c->uc_mcontext.gregs[IP];
    out.flags = (uint32_t) c->uc_mcontext.gregs[REG_EFL];
    out.trap = signal == SIGALRM ? 255 : c->uc_mcontext.gregs[REG_TRAPNO];
    out.error = c->uc_mcontext.gregs[REG_ERR];
#ifdef __x86_64__
    out.cr2 = c->uc_mcontext.gregs[REG_CR2];
#else
    out.cr2 = (uint32_t) c->uc_mcontext.cr2;
#endif
    getFpu(image(c), &out);
    memcpy(c->uc_mcontext.gregs, saved, sizeof saved);
    memcpy(c->uc_mcontext.fpregs, savedFpu, frameSize(savedFpu + FSAVE));
}

static void on(int signal, void (*handler)(int, siginfo_t *, void *)) {
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_sigaction = handler;
    a.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&a.sa_mask);
    if (sigaction(signal, &a, NULL)) exit(3);
}

static void map(unsigned long at, unsigned long size, int rights) {
    if (mmap((void *) at, size, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (void *) at) { perror("mmap"); exit(3); }
}

static int readAll(void *to, size_t size) {
    for (size_t done = 0; done < size;) { ssize_t n = read(0, (char *) to + done, size - done); if (n <= 0) return 0; done += n; }
    return 1;
}

static void writeAll(const void *from, size_t size) {
    for (size_t done = 0; done < size;) { ssize_t n = write(1, (const char *) from + done, size - done); if (n <= 0) exit(4); done += n; }
}

#ifndef __x86_64__
// Entries 1 and 2 of the local descriptor table: 16-bit code at 7000 and data at 0, limit ffff.
static void segment(int entry, unsigned base, int contents) {
    unsigned d[4] = {entry, base, 0xffff, contents << 1 | 1 << 6};
    if (syscall(SYS_modify_ldt, 0x11, d, sizeof d)) { perror("modify_ldt"); exit(3); }
}
#endif

int main(int argc, char **argv) {
    is16 = argc > 1 && !strcmp(argv[1], "16");
#ifndef __x86_64__
    if (is16) { segment(1, 0x7000, 2); segment(2, 0, 0); }
#endif
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
    sigaltstack(&stack, NULL);
    map(CODE_PAGE, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC); map(0x200000, DATA_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC); map(0x8000, DATA_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC); map(0x203000, 0x1000, PROT_READ | PROT_EXEC);
    // A present page: error codes tell it from a missing one.
    volatile char touch = *(volatile char *) 0x203000; (void) touch;
    on(SIGUSR1, begin);
    int ends[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGSYS};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) on(ends[i], end);
    static struct { uint32_t address, value; } change[CHANGES];
    while (readAll(&in, sizeof in)) {
        mprotect((void *) CODE_PAGE, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC);
        memset((void *) CODE_PAGE, 0xCC, 0x1000);
        memcpy((void *) (CODE_PAGE + 0x800), in.code, in.codeSize);
        for (int d = 0; d < 2; d++) memset(data[d], 0, DATA_SIZE);
        for (unsigned i = 0; i < in.chunks; i++) memcpy((void *) (unsigned long) in.chunk[i].address, in.chunk[i].bytes, in.chunk[i].size);
        for (int d = 0; d < 2; d++) memcpy(before[d], data[d], DATA_SIZE);
        mprotect((void *) CODE_PAGE, 0x1000, PROT_READ | PROT_EXEC);
        struct itimerval limit = {.it_value = {1, 0}}, none = {0};
        setitimer(ITIMER_REAL, &limit, NULL);
        raise(SIGUSR1);
        setitimer(ITIMER_REAL, &none, NULL);
        uint32_t n = 0;
        for (int d = 0; d < 2; d++) for (int i = 0; i < DATA_SIZE && n < CHANGES; i++) if ((unsigned char) data[d][i] != before[d][i]) { change[n].address = (unsigned long) data[d] + i; change[n++].value = (unsigned char) data[d][i]; }
        writeAll(&out, sizeof out); writeAll(&n, 4); writeAll(change, n * sizeof *change);
    }
    return 0;
}
