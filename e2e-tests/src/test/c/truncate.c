// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    put("f", "0123456789"); R(truncate("f", 5)); show("f"); R(truncate("f", 7)); char b[10]; int f = open("f", O_RDONLY); R(read(f, b, 10)); printf("%d %d\n", b[5], b[6]); R(ftruncate(f, 1)); R(truncate("f", -1)); R(truncate("none", 1)); R(truncate(".", 1)); R(truncate("f/x", 1)); int w = open("f", O_WRONLY); R(ftruncate(w, 0)); R(ftruncate(w, -1)); R(ftruncate(99, 1)); struct stat s; fstat(w, &s); printf("%d %d\n", (int) s.st_size, (int) s.st_blocks); for (int i = 0; i < 300; i++) write(w, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64); for (int i = 19200; i > 0; i -= 1777) { ftruncate(w, i); ftruncate(w, 19200); char c[2] = {0}; R(pread(f, c, 2, i - 1)); printf("%c%d ", c[0], c[1]); } puts(""); R(fallocate(w, 0, 0, 100000)); fstat(w, &s); printf("%d\n", (int) s.st_size); R(posix_fallocate(w, 0, 200)); R(fallocate(w, FALLOC_FL_KEEP_SIZE, 0, -5));
}
