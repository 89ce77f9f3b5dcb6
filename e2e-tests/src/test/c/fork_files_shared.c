// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int f = open("f", O_RDWR | O_CREAT | O_APPEND, 0600);
    R(f);
    write(f, "parent\n", 7);
    pid_t p = fork();
    if (!p) { write(f, "child\n", 6); lseek(f, 3, SEEK_SET); close(f); _exit(0); }
    reap("child", p);
    R(lseek(f, 0, SEEK_CUR));
    int g = open("f", O_RDONLY);
    R(lseek(g, 0, SEEK_CUR));
    show("f");
    p = fork();
    if (!p) { fcntl(f, F_SETFL, O_NONBLOCK); fcntl(f, F_SETFD, FD_CLOEXEC); _exit(0); }
    reap("child", p);
    T(fcntl(f, F_GETFL) & O_NONBLOCK);
    T(fcntl(f, F_GETFL) & O_APPEND);
    R(fcntl(f, F_GETFD));
}
