// SPDX-License-Identifier: Apache-2.0
// /dev/null, /dev/zero, /dev/full with every form of reading and writing, small and large.
#include "t.h"

int main() {
    static char big[1 << 20];
    struct iovec v[2] = {{big, 300000}, {big, 300000}};
    const char *names[] = {"/dev/null", "/dev/zero", "/dev/full"};
    for (int i = 0; i < 3; i++) {
        int f = open(names[i], O_RDWR);
        printf("== %s\n", names[i]);
        R(write(f, big, 10));
        R(write(f, big, sizeof big));
        R(pwrite(f, big, 10, 5));
        R(pwrite(f, big, sizeof big, 5));
        R(writev(f, v, 2));
        R(pwritev(f, v, 2, 7));
        R(read(f, big, 10));
        R(pread(f, big, sizeof big, 3));
        R(readv(f, v, 2));
        R(preadv(f, v, 2, 1));
        R(lseek(f, 100, SEEK_SET));
        R(write(f, (void *) 8, 10));
        R(read(f, (void *) 8, 10));
        close(f);
    }
}
