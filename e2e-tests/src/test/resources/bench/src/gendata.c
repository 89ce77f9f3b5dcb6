// SPDX-License-Identifier: Apache-2.0
// Writes the input files, the same on every peer: data.bin (32 MB of compressible
// pseudo-text with some noise) and lines.txt (500,000 lines to sort).
#include "bench.h"

static const char *const w[] = { "the ", "of ", "kernel ", "page ", "error: ", "0x", "return ", "if (", ") {\n", "int ", "static ", "buffer ", "process ", "\n\n", "signal ", "memory ", "a ", "is ", "mapped ", "thread ", "const ", "to ", "value ", "file " };

int main(int argc, char **argv)
{
    uint32_t bytes = bench_arg(argc, argv, 1, 32u << 20), lines = bench_arg(argc, argv, 2, 500000), s = 42;
    FILE *f = fopen("/scratch/data.bin", "w");
    if (!f) { perror("data.bin"); return 1; }
    static char buf[1 << 16];
    for (uint32_t done = 0; done < bytes;) {
        uint32_t n = 0;
        while (n < sizeof buf - 64) {
            uint32_t r = bench_rnd(&s);
            if ((r & 15) == 0) { uint32_t x = bench_rnd(&s); memcpy(buf + n, &x, 4); n += 4; }
            else { const char *p = w[(r >> 8) % 24]; while (*p) buf[n++] = *p++; }
        }
        if (n > bytes - done) n = bytes - done;
        fwrite(buf, 1, n, f);
        done += n;
    }
    fclose(f);
    f = fopen("/scratch/lines.txt", "w");
    if (!f) { perror("lines.txt"); return 1; }
    for (uint32_t i = 0; i < lines; i++) {
        uint32_t a = bench_rnd(&s), b = bench_rnd(&s);
        fprintf(f, "%08x %s%u\n", a, w[b % 24][0] == '\n' ? "x" : w[b % 24], b >> 12);
    }
    fclose(f);
    puts("@data");
    return 0;
}
