// SPDX-License-Identifier: Apache-2.0
// MAP_32BIT: between 1 and 2 GiB and from below for 64-bit programs, without meaning for 32-bit ones.
#include "t.h"
#ifndef MAP_32BIT
#define MAP_32BIT 0x40
#endif
#define LOW (MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT | MAP_NORESERVE)
static int is_low(void *p) { return (uintptr_t) p >= 0x40000000 && (uintptr_t) p < 0x80000000; }
int main() {
    T(MAP_32BIT == 0x40);
#ifdef __x86_64__
    char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, LOW, -1, 0), *b = mmap(NULL, 4096, PROT_READ, LOW, -1, 0); MUST(a != MAP_FAILED && b != MAP_FAILED);
    T(is_low(a)); T(is_low(b)); T((uintptr_t) a < 0x42000000); memset(a, 1, 8192);
    char *hint = (char *) 0x50000000;
    T(mmap(hint, 4096, PROT_READ, LOW, -1, 0) == hint); T(is_low(mmap(hint, 4096, PROT_READ, LOW, -1, 0)));
    T(mmap((char *) 0x20000000, 4096, PROT_READ, LOW, -1, 0) == (char *) 0x20000000);
    T(is_low(mmap((char *) 0x100000000, 4096, PROT_READ, LOW, -1, 0))); T(is_low(mmap((char *) 0x7FFFF000, 8192, PROT_READ, LOW, -1, 0)));
    T(mmap((char *) 0x100000000, 4096, PROT_READ, LOW | MAP_FIXED, -1, 0) == (char *) 0x100000000);
    R(mmap(NULL, 0x40000000, PROT_NONE, LOW, -1, 0)); R(mmap(NULL, 0x80000000, PROT_NONE, LOW, -1, 0)); R(mmap(NULL, 0x100000000, PROT_NONE, LOW, -1, 0));
    int n = 0; while (n < 16 && mmap(NULL, 0x08000000, PROT_NONE, LOW, -1, 0) != MAP_FAILED) n++;
    T(n >= 5 && n < 8); T(errno == ENOMEM); T(!is_low(mmap(NULL, 4096, PROT_READ, LOW & ~MAP_32BIT, -1, 0)));
#else
    char *a = mmap(NULL, 8192, PROT_READ, LOW, -1, 0), *b = mmap(NULL, 8192, PROT_READ, LOW & ~MAP_32BIT, -1, 0); MUST(a != MAP_FAILED && b != MAP_FAILED);
    T(b < a); T(!is_low(a));
#endif
}
