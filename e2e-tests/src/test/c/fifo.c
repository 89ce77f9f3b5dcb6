// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    R(mkfifo("f", 0640)); R(mkfifo("f", 0640)); struct stat s; stat("f", &s); printf("%o\n", s.st_mode); R(open("f", O_WRONLY | O_NONBLOCK)); int r = open("f", O_RDONLY | O_NONBLOCK); R(r); char b[10]; R(read(r, b, 1)); int w = open("f", O_WRONLY | O_NONBLOCK); R(w); R(read(r, b, 1)); R(write(w, "abc", 3)); R(read(r, b, 10)); close(w); R(read(r, b, 1)); close(r);
    pid_t k = fork(); if (!k) { int w = open("f", O_WRONLY); write(w, "from child", 10); _exit(0); } r = open("f", O_RDONLY); memset(b, 0, 10); R(read(r, b, 10)); printf("%.10s\n", b); R(read(r, b, 10)); reap("k", k); close(r); int x = open("f", O_RDWR); R(x); R(write(x, "q", 1)); R(read(x, b, 1)); R(unlink("f")); R(mkfifo("no/f", 0600)); R(mknod("n", S_IFIFO | 0600, 0)); R(mknod("r", S_IFREG | 0600, 0)); R(mknod("d", S_IFDIR | 0600, 0)); R(mknod("b", 0170000, 0));
}
