// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int p[2], q[2]; pipe(p); pipe(q); struct pollfd f[5] = {{p[0], POLLIN}, {p[1], POLLOUT}, {-1, POLLIN, 7}, {77, POLLIN}, {q[0], POLLIN | POLLPRI}}; R(poll(f, 5, 100)); for (int i = 0; i < 5; i++) printf("%x ", f[i].revents); puts(""); write(p[1], "x", 1); R(poll(f, 1, -1)); close(q[1]); R(poll(f + 4, 1, 0)); printf("%x\n", f[4].revents); close(p[0]); R(poll(f + 1, 1, 0)); printf("%x\n", f[1].revents);
    int r = open("f", O_RDWR | O_CREAT, 0600), n = open("/dev/null", O_RDWR), d = open(".", O_RDONLY); struct pollfd g[3] = {{r, POLLIN | POLLOUT | POLLPRI}, {n, POLLIN | POLLOUT}, {d, POLLIN | POLLOUT}}; R(poll(g, 3, 0)); printf("%x %x %x\n", g[0].revents, g[1].revents, g[2].revents); struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a); R(poll(NULL, 0, 20)); clock_gettime(CLOCK_MONOTONIC, &b); T((b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >= 20000000); R(poll((void *) 8, 1, 0)); R(poll(g, 100000, 0));
    pipe(p); if (!fork()) { pause_ms(10); write(p[1], "y", 1); _exit(0); } g[0] = (struct pollfd) {p[0], POLLIN}; R(poll(g, 1, 5000)); printf("%x\n", g[0].revents); wait(NULL); if (!fork()) { pause_ms(10); _exit(0); } char c; read(p[0], &c, 1); close(p[1]); R(poll(g, 1, 5000)); printf("%x\n", g[0].revents);
}
