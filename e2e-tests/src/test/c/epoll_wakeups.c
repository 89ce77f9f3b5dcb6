// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int e = epoll_create1(0), n = 5, p[5][2]; for (int i = 0; i < n; i++) { pipe(p[i]); struct epoll_event v = {EPOLLIN, {.u32 = i}}; epoll_ctl(e, EPOLL_CTL_ADD, p[i][0], &v); if (!fork()) { for (int k = 0; k < 20; k++) { write(p[i][1], &k, sizeof k); if (k % 5 == 0) pause_ms(1); } _exit(0); } close(p[i][1]); }
    long sum = 0, reads = 0; int open = n; while (open) { struct epoll_event o[8]; int k = epoll_wait(e, o, 8, 3000); if (k <= 0) break; for (int i = 0; i < k; i++) { int x, fd = p[o[i].data.u32][0]; if (read(fd, &x, sizeof x) == sizeof x) { sum += x * (o[i].data.u32 + 1); reads++; } else { epoll_ctl(e, EPOLL_CTL_DEL, fd, NULL); open--; } } } printf("%ld %ld %d\n", sum, reads, open);
}
