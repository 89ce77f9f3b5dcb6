// SPDX-License-Identifier: Apache-2.0
// Memory: first touch, memcpy, strided sums, dependent pointer chase, over 64 MB.
#include "bench.h"
#include <sys/mman.h>

enum { SIZE = 64 << 20, WORDS = SIZE / 4 };

int main(int argc, char **argv)
{
    uint32_t copies = bench_arg(argc, argv, 1, 64), steps = bench_arg(argc, argv, 2, 2000000);
    uint32_t *a = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t *b = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a == MAP_FAILED || b == MAP_FAILED) { perror("mmap"); return 1; }

    // no huge pages: every peer takes one fault per 4 KB, as most processes do
    madvise(a, SIZE, MADV_NOHUGEPAGE);
    madvise(b, SIZE, MADV_NOHUGEPAGE);
    bench_begin("mem_touch");
    for (uint32_t i = 0; i < WORDS; i += 1024) a[i] = b[i] = i;
    bench_end("mem_touch", a[WORDS - 1024]);

    uint32_t s = 1;
    for (uint32_t i = 0; i < WORDS; i++) a[i] = bench_rnd(&s);

    bench_begin("mem_copy");
    for (uint32_t i = 0; i < copies; i++) { memcpy(b, a, SIZE); a[i] = b[WORDS - 1 - i] + 1; }
    bench_end("mem_copy", b[copies] ^ a[0]);

    uint32_t sum = 0;
    bench_begin("mem_stride");
    for (uint32_t rep = 0; rep < 6; rep++)
        for (uint32_t stride = 1; stride <= 4096; stride *= 8)
            for (uint32_t off = 0; off < (stride < 16 ? 1 : 16); off++)
                for (uint32_t i = off; i < WORDS; i += stride) sum += a[i];
    bench_end("mem_stride", sum);

    // one random cycle through all words (Sattolo)
    for (uint32_t i = 0; i < WORDS; i++) b[i] = i;
    for (uint32_t i = WORDS - 1; i > 0; i--) {
        uint32_t j = ((uint64_t)bench_rnd(&s) * i) >> 32, t = b[i];
        b[i] = b[j];
        b[j] = t;
    }
    uint32_t at = 0;
    bench_begin("mem_chase");
    for (uint32_t i = 0; i < steps; i++) at = b[at];
    bench_end("mem_chase", at);
    return 0;
}
