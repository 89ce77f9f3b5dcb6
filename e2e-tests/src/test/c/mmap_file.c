// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int f = open("f", O_RDWR | O_CREAT, 0600); for (int i = 0; i < 3000; i++) { char l[16]; int n = sprintf(l, "line %d\n", i); write(f, l, n); } struct stat st; fstat(f, &st); printf("%d\n", (int) st.st_size);
    char *p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0), *s = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0), b[20] = {0};
    T(!memcmp(p, "line 0\n", 7)); p[0] = 'P'; T(s[0] == 'l'); s[5] = 'S'; pread(f, b, 8, 0); printf("%s", b); pwrite(f, "WRITE", 5, 4096); T(!memcmp(s + 4096, "WRITE", 5)); T(!memcmp(p + 4096, "WRITE", 5)); p[8192] = 'x'; pwrite(f, "ABCDE", 5, 8192); T(p[8192] == 'x' && s[8192] == 'A'); R(msync(s, st.st_size, MS_SYNC)); R(msync(s, 4096, MS_ASYNC)); R(msync(s, 4096, MS_INVALIDATE));
    T(p[st.st_size] == 0); s[st.st_size] = 'z'; munmap(s, st.st_size); close(f); f = open("f", O_RDONLY); R(lseek(f, 0, SEEK_END)); pread(f, b, 8, 0); printf("%s", b); unlink("f"); T(!memcmp(p + 20000, p + 20000, 5)); s = mmap(NULL, 4096, PROT_READ, MAP_SHARED, f, 8192); T(s[0] == 'A'); R(mprotect(s, 4096, PROT_READ | PROT_WRITE)); int sum = 0; for (int i = 0; i < st.st_size; i += 100) sum += p[i]; printf("%d\n", sum);
    pid_t k = fork(); if (!k) { p[0] = 'C'; _exit(0); } reap("k", k); T(p[0] == 'P');
}
