// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    char *a = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); MUST(a != MAP_FAILED); T(a[0] == 0 && a[12287] == 0); memset(a, 7, 12288);
    R(munmap(a + 4096, 4096)); T(a[0] == 7 && a[8192] == 7); R(munmap(a + 4096, 4096)); T(mmap(a + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == a + 4096); T(a[4096] == 0);
    T(mmap(a, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST); T(mmap(a, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != a);
    R(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0)); R(mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0)); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0); R(mmap((void *) 0x1001, 4096, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); R(mmap(NULL, -8192ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    R(munmap(a + 1, 4096)); R(munmap(a, 0)); R(mprotect(a + 1, 1, PROT_READ)); R(mprotect(a, 12288, PROT_READ)); R(mprotect((void *) 0x5000, 4096, PROT_READ)); R(mprotect(a, 4096, 0x40)); R(madvise(a, 4096, MADV_DONTNEED)); T(a[0] == 0); R(madvise(a, 4096, 9999)); R(madvise(a + 1, 4096, MADV_NORMAL));
    int d = open(".", O_RDONLY), w = open("w", O_WRONLY | O_CREAT, 0600), f = open("w", O_RDONLY); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, d, 0)); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, w, 0)); R(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, f, 0)); T(mmap(NULL, 4096, PROT_WRITE, MAP_PRIVATE, f, 0) != MAP_FAILED); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, f, 5)); int p[2]; pipe(p); R(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p[0], 0));
    R(msync(a, 4096, MS_SYNC)); R(msync(a + 1, 4096, MS_SYNC)); R(msync(a, 4096, MS_SYNC | MS_ASYNC)); R(msync((void *) 0x5000, 4096, MS_SYNC)); unsigned char v[3]; R(mincore(a, 4096, v)); R(mincore(a + 1, 4096, v)); R(mincore((void *) 0x5000, 4096, v));
}
