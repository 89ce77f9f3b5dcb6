// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *v = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); v[0] = 1;
    pid_t p = fork(); if (!p) { a[0] = 11; a[1500] = 22; v[0] = 2; pid_t q = fork(); if (!q) { a[1]++; _exit(a[0]); } reap("q", q); munmap(a, 8192); _exit(0); } reap("p", p); printf("%d %d %d %d\n", a[0], a[1], a[1500], v[0]);
    for (int i = 0; i < 4; i++) if (!fork()) { for (int k = 0; k < 1000; k++) __sync_fetch_and_add(a + 8, 1); _exit(0); } while (wait(NULL) > 0) ; printf("%d\n", a[8]);
    int m = memfd_create("name", 0); R(m >= 0 ? 0 : -1); R(ftruncate(m, 10000)); char *x = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0), *y = mmap(NULL, 10000, PROT_READ, MAP_SHARED, m, 0); strcpy(x + 5000, "text"); T(!strcmp(y + 5000, "text")); char b[5]; R(pread(m, b, 5, 5000)); T(!strcmp(b, "text"));
}
