// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int e = eventfd(3, EFD_NONBLOCK); uint64_t v = 0; char b[4]; R(read(e, &v, 8)); printf("%d\n", (int) v); R(read(e, &v, 8)); v = 5; R(write(e, &v, 8)); R(write(e, &v, 8)); R(read(e, &v, 8)); printf("%d\n", (int) v); v = -1; R(write(e, &v, 8)); v = -2; R(write(e, &v, 8)); v = 1; R(write(e, &v, 8)); struct pollfd p = {e, POLLIN | POLLOUT}; R(poll(&p, 1, 0)); printf("%x\n", p.revents); R(read(e, b, 4)); R(write(e, b, 4)); R(read(e, &v, 8)); R(poll(&p, 1, 0)); printf("%x\n", p.revents); R(eventfd(0, 0x123)); R(lseek(e, 0, SEEK_SET)); int s = eventfd(3, EFD_SEMAPHORE); for (int i = 0; i < 3; i++) { R(read(s, &v, 8)); printf("%d\n", (int) v); } if (!fork()) { pause_ms(10); v = 9; write(s, &v, 8); _exit(0); } R(read(s, &v, 8)); printf("%d\n", (int) v);
}
