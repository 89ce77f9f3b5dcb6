// SPDX-License-Identifier: Apache-2.0
// process_vm_readv and process_vm_writev: lists on both sides, what is protected or not there, short results, whom one may look into.
#include "t.h"
#include <sys/mman.h>
#include <sys/uio.h>
#define PAGE 4096
static char *area, *mine; static pid_t p; static int go[2], done[2];
static char sum(const char *s, int n) { unsigned x = 0; for (int i = 0; i < n; i++) x = x * 31 + (unsigned char) s[i]; return 'a' + x % 26; }
static struct iovec v(void *at, size_t n) { struct iovec i = {at, n}; return i; }
static void child(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); close(go[1]);
    for (int i = 0; i < 3 * PAGE; i++) area[i] = i * 7 ^ i >> 8;
    mprotect(area + PAGE, PAGE, PROT_READ); mprotect(area + 3 * PAGE, PAGE, PROT_NONE); munmap(area + 4 * PAGE, PAGE);
    for (int i = 0; i < PAGE; i++) area[5 * PAGE + i] = 'x';
    (void) !write(done[1], "x", 1);
    char c; while (read(go[0], &c, 1) == 1) {
        printf("child: %c %c %c %c\n", sum(area, PAGE), sum(area + PAGE, PAGE), sum(area + 2 * PAGE, PAGE), sum(area + 5 * PAGE, PAGE)); fflush(stdout);
        (void) !write(done[1], "x", 1);
    }
    _exit(0);
}
static void shown(void) { char c; (void) !write(go[1], "x", 1); MUST(read(done[0], &c, 1) == 1); }
#define READ(l, nl, r, nr) R((int) process_vm_readv(p, l, nl, r, nr, 0))
#define WRITE(l, nl, r, nr) R((int) process_vm_writev(p, l, nl, r, nr, 0))
int main() {
    area = mmap((void *) 0x50000000, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); MUST(area != MAP_FAILED);
    mine = mmap((void *) 0x60000000, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); MUST(mine != MAP_FAILED);
    MUST(pipe(go) == 0); MUST(pipe(done) == 0);
    p = fork(); if (!p) child();
    char c; MUST(read(done[0], &c, 1) == 1);
    struct iovec l[8], r[8];
    l[0] = v(mine, 8 * PAGE); r[0] = v(area, 3 * PAGE); READ(l, 1, r, 1); printf("%c\n", sum(mine, 3 * PAGE)); T(area[5] == 0);
    // Lists: pieces across pages, empty ones, more on one side than on the other.
    memset(mine, 0, 3 * PAGE); l[0] = v(mine, 10); l[1] = v(mine + 100, 0); l[2] = v(mine + PAGE - 3, 20); l[3] = v(mine + 2 * PAGE, 1000);
    r[0] = v(area + PAGE - 5, 12); r[1] = v(area + 1, 0); r[2] = v(area + 2 * PAGE + 7, 50); READ(l, 4, r, 3); printf("%c\n", sum(mine, 3 * PAGE)); T(memcmp(mine, area, 0) == 0);
    r[0] = v(area, 3 * PAGE); l[0] = v(mine, 9); READ(l, 1, r, 1); l[0] = v(mine, PAGE); r[0] = v(area, 9); READ(l, 1, r, 1);
    // What is not there or not to be read: whole pages before it arrive.
    l[0] = v(mine, 8 * PAGE); r[0] = v(area + 2 * PAGE + 100, 2 * PAGE); READ(l, 1, r, 1); r[0] = v(area + 3 * PAGE, 8); READ(l, 1, r, 1); r[0] = v(area + 4 * PAGE, 8); READ(l, 1, r, 1);
    r[0] = v(area + 5 * PAGE, 100); r[1] = v(area + 4 * PAGE + 5, 5); r[2] = v(area + 5 * PAGE, 10); READ(l, 1, r, 3); r[0] = v((void *) 8, 4); READ(l, 1, r, 1); r[0] = v((void *) -PAGE, 4); READ(l, 1, r, 1);
    l[0] = v(mine + 8 * PAGE - 100, 200); r[0] = v(area, 200); mprotect(mine + 7 * PAGE, PAGE, PROT_NONE); READ(l, 1, r, 1); mprotect(mine + 7 * PAGE, PAGE, PROT_READ); READ(l, 1, r, 1); WRITE(l, 1, r, 1);
    l[0] = v(mine + 7 * PAGE - 100, 200); READ(l, 1, r, 1); T(mine[7 * PAGE] == 0);
    shown();
    for (int i = 0; i < PAGE; i++) mine[i] = i;
    l[0] = v(mine, 50); l[1] = v(mine + 200, 70); r[0] = v(area + 3, 100); r[1] = v(area + 2 * PAGE - 1 + 1, 100); WRITE(l, 2, r, 2); shown();
    r[0] = v(area + PAGE + 1, 10); WRITE(l, 1, r, 1); r[0] = v(area + PAGE - 10, 20); WRITE(l, 1, r, 1); r[0] = v(area + 3 * PAGE - 10, 20); WRITE(l, 1, r, 1); shown();
    l[0] = v((void *) 16, 10); WRITE(l, 1, r, 1); l[0] = v(mine, 10);
    // Arguments: their order.
    R((int) process_vm_readv(p, l, 1, r, 1, 1)); R((int) process_vm_readv(999999, l, 1, r, 1, 0)); R((int) process_vm_readv(999999, l, 0, r, 1, 0)); R((int) process_vm_readv(999999, l, 1, r, 0, 0)); R((int) process_vm_readv(-1, l, 1, r, 1, 0));
    READ(l, 1025, r, 1); READ(l, 1, r, 1025); READ((struct iovec *) 8, 1, r, 1); READ(l, 1, (struct iovec *) 8, 1); l[0] = v(mine, -1L); READ(l, 1, r, 1); l[0] = v(mine, 10); r[0] = v(area, -1L); READ(l, 1, r, 1);
    l[0] = v(mine, 0); r[0] = v(area, 10); R((int) process_vm_readv(999999, l, 1, r, 1, 0)); l[0] = v(mine, 10); r[0] = v(area, 0); R((int) process_vm_readv(999999, l, 1, r, 1, 0));
    // Itself; a thread's number; nobody else's when one is nobody; not one that has ended.
    r[0] = v(mine + 100, 5); R((int) process_vm_readv(getpid(), l, 1, r, 1, 0));
    pid_t q = fork(); if (!q) { setgid(65534); setuid(65534); r[0] = v(area, 5); READ(l, 1, r, 1); R((int) process_vm_readv(getpid(), l, 1, r, 1, 0)); fflush(stdout); _exit(0); } reap("nobody", q);
    close(go[1]); siginfo_t i; MUST(waitid(P_PID, p, &i, WEXITED | WNOWAIT) == 0); r[0] = v(area, 5); READ(l, 1, r, 1); reap("child", p); READ(l, 1, r, 1);
}
