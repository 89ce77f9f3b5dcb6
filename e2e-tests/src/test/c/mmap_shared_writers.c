// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int f = open("f", O_RDWR | O_CREAT, 0600); R(ftruncate(f, 1 << 20)); int *a = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    for (int k = 0; k < 4; k++) if (!fork()) { int g = open("f", O_RDWR); int *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, g, 0); for (int i = k; i < 1 << 18; i += 4 * 64) m[i] = i; if (k == 2) msync(m, 1 << 20, MS_SYNC); _exit(0); }
    while (wait(NULL) > 0) ; long sum = 0; for (int i = 0; i < 1 << 18; i++) sum += a[i]; printf("%lld\n", (long long) sum); R(fsync(f)); int x; pread(f, &x, 4, 4 * 258); printf("%d\n", x); struct stat s; fstat(f, &s); T(s.st_blocks > 0); ftruncate(f, 5000); ftruncate(f, 9000); T(a[1024] != 0); T(a[1250] == 0); T(a[2000] == 0);
}
