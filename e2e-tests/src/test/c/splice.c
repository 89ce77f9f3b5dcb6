// SPDX-License-Identifier: Apache-2.0
// splice, tee, vmsplice: pipes and files, offsets, ends, waiting, errors.
#include "t.h"

int main() {
    signal(SIGPIPE, SIG_IGN);
    char b[200] = "";
    put("source", "0123456789abcdef");
    int in = open("source", O_RDONLY), out = open("copy", O_RDWR | O_CREAT, 0644), p[2], q[2];
    MUST(pipe(p) == 0 && pipe(q) == 0);
    loff_t at = 4;
    R(splice(in, &at, p[1], NULL, 6, 0));
    printf("offset %d, position %d\n", (int) at, (int) lseek(in, 0, SEEK_CUR));
    R(splice(in, NULL, p[1], NULL, 3, 0));
    printf("position %d\n", (int) lseek(in, 0, SEEK_CUR));
    R(tee(p[0], q[1], 5, 0));
    R(read(q[0], b, 100));
    printf("%.5s\n", b);
    at = 10;
    R(splice(p[0], NULL, out, &at, 100, 0));
    printf("offset %d\n", (int) at);
    R(pread(out, b, 30, 0));
    printf("%.9s\n", b + 10);
    R(splice(p[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK));
    R(write(p[1], "to the next", 11));
    R(splice(p[0], NULL, q[1], NULL, 6, 0));
    R(read(q[0], b, 100));
    printf("%.6s\n", b);
    R(splice(in, NULL, p[1], NULL, 0, 0));
    lseek(in, 0, SEEK_END);
    R(splice(in, NULL, p[1], NULL, 10, 0));
    R(read(p[0], b, 100));

    pid_t child = fork();
    if (child == 0) {
        pause_ms(20);
        write(p[1], "late", 4);
        _exit(0);
    }
    R(splice(p[0], NULL, out, NULL, 100, 0));
    reap("child", child);
    // A pipe that is full.
    int filled = 0;
    fcntl(p[1], F_SETFL, O_NONBLOCK);
    static char zeros[4096];
    while (write(p[1], zeros, sizeof zeros) > 0) filled++;
    printf("%d pages\n", filled);
    lseek(in, 0, SEEK_SET);
    R(splice(in, NULL, p[1], NULL, 5, 0));
    R(tee(p[0], q[1], 100, 0));
    fcntl(p[1], F_SETFL, 0);
    child = fork();
    if (child == 0) {
        pause_ms(20);
        read(p[0], zeros, 4096);
        _exit(0);
    }
    R(splice(in, NULL, p[1], NULL, 5, 0));
    reap("child", child);

    struct iovec v[2] = {{"vector ", 7}, {"of two", 6}};
    int r[2];
    MUST(pipe(r) == 0);
    R(vmsplice(r[1], v, 2, 0));
    R(read(r[0], b, 100));
    printf("%.13s\n", b);
    write(r[1], "xyz", 3);
    v[0].iov_base = b;
    v[0].iov_len = 2;
    R(vmsplice(r[0], v, 1, 0));
    printf("%.2s\n", b);

    at = 0;
    R(splice(p[0], &at, out, NULL, 1, 0));
    R(splice(in, NULL, out, NULL, 1, 0));
    R(splice(p[0], NULL, p[1], NULL, 1, 0));
    R(splice(99, NULL, p[1], NULL, 1, 0));
    R(splice(p[1], NULL, out, NULL, 1, 0));
    R(splice(in, NULL, p[0], NULL, 1, 0));
    R(splice(in, NULL, p[1], NULL, 1, 64));
    R(splice(in, (void *) 8, p[1], NULL, 1, 0));
    R(tee(in, p[1], 1, 0));
    R(tee(p[0], p[1], 1, 0));
    R(tee(99, p[1], 1, 0));
    R(vmsplice(in, v, 1, 0));
    R(vmsplice(99, v, 1, 0));
    int app = open("copy", O_WRONLY | O_APPEND);
    write(r[1], "q", 1);
    R(splice(r[0], NULL, app, NULL, 1, 0));
    close(r[0]);
    R(splice(in, NULL, r[1], NULL, 1, 0));
    close(q[1]);
    R(read(q[0], b, 100) >= 0);
    R(splice(q[0], NULL, out, NULL, 10, 0));
}
