// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memset(a, 5, 8192); char *b = mremap(a, 8192, 64 * 4096, MREMAP_MAYMOVE); T(b != MAP_FAILED && b[8191] == 5 && b[8192] == 0 && b[64 * 4096 - 1] == 0);
    T(mremap(b, 64 * 4096, 4096, 0) == b); T(b[4095] == 5); char *w = mmap(NULL, 16 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); T(mremap(b, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, w + 4096) == w + 4096); T(w[4096 + 4095] == 5);
    R(mremap(w + 1, 4096, 8192, 0)); R(mremap(w, 4096, 0, 0)); R(mremap((void *) 0x5000, 4096, 8192, MREMAP_MAYMOVE)); R(mremap(w, 4096, 40 * 4096, 0)); R(mremap(w, 4096, 8192, 64)); R(mremap(w, 4096, 4096, MREMAP_FIXED, w + 8192));
    char *s = sbrk(0), *t; T(sbrk(100000) == s); memset(s, 1, 100000); T(sbrk(0) == s + 100000); T(sbrk(-100000) == s + 100000); T(sbrk(100000) == s); T(s[50000] == 0); R(brk((void *) 16)); T(sbrk(0) == s + 100000);
    pid_t p = fork(); if (!p) { struct rlimit r = {1 << 20, 1 << 20}; setrlimit(RLIMIT_DATA, &r); R(sbrk(4 << 20)); R(mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); _exit(0); } reap("p", p);
    p = fork(); if (!p) { struct rlimit r = {64 << 20, 64 << 20}; setrlimit(RLIMIT_AS, &r); R(mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); T(malloc(80 << 20) == NULL); _exit(0); } reap("p", p);
}
