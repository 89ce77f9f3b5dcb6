// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int p[2]; char b[70000]; R(pipe(p)); R(pipe2(p, 0x1)); R(pipe((int *) 8)); R(pipe2(p, O_NONBLOCK)); R(read(p[0], b, 1)); R(write(p[1], "hello", 5)); R(read(p[0], b, 3)); R(read(p[0], b, 9)); R(read(p[0], b, 0)); R(read(p[1], b, 1)); R(write(p[0], b, 1)); R(lseek(p[0], 0, SEEK_SET)); R(pread(p[0], b, 1, 0));
    memset(b, 'x', sizeof b); R(write(p[1], b, sizeof b)); R(write(p[1], b, 1)); int n; R(ioctl(p[0], FIONREAD, &n)); printf("%d\n", n); R(read(p[0], b, 4096)); R(write(p[1], b, 4096)); R(write(p[1], b, 4096)); R(fcntl(p[0], F_GETPIPE_SZ)); R(fcntl(p[0], F_SETPIPE_SZ, 1 << 17)); R(write(p[1], b, 4096));
    struct stat s; fstat(p[0], &s); T(S_ISFIFO(s.st_mode)); R(fchmod(p[0], 0644)); R(ftruncate(p[1], 0)); R(fsync(p[0])); while (read(p[0], b, sizeof b) > 0) ; close(p[1]); R(read(p[0], b, 1)); struct iovec v[3] = {{"ab", 2}, {"", 0}, {"cd", 2}}; R(pipe(p)); R(writev(p[1], v, 3)); R(writev(p[1], v, -1)); R(writev(p[1], v, 2000)); R(writev(p[1], v, 0)); struct iovec w[2] = {{b, 3}, {b + 10, 10}}; R(readv(p[0], w, 2)); printf("%.3s %.1s\n", b, b + 10); R(write(p[1], (void *) 8, 4)); R(read(-1, b, 1)); R(read(99, b, 1));
    char l[100], m[100]; sprintf(l, "/proc/self/fd/%d", p[0]); int k = readlink(l, m, 99); printf("%.6s\n", m);
}
