// SPDX-License-Identifier: Apache-2.0
// Call-heavy: naive recursion, then calls through a table of function pointers.
#include "bench.h"

static NOINLINE uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

#define F(i, e) static NOINLINE uint32_t f##i(uint32_t x, uint32_t k) { (void)k; return e; }
F(0, x + k) F(1, x ^ (k << 3)) F(2, x * 33 + k) F(3, (x << 5 | x >> 27) + 1)
F(4, x - (k >> 1)) F(5, ~x ^ k) F(6, x + (x >> 7)) F(7, x ^ (x << 9))
static uint32_t (*volatile const tab[8])(uint32_t, uint32_t) = { f0, f1, f2, f3, f4, f5, f6, f7 };

int main(int argc, char **argv)
{
    uint32_t n = bench_arg(argc, argv, 1, 39), m = bench_arg(argc, argv, 2, 25000000);
    bench_begin("calls_direct");
    uint32_t r = fib(n);
    bench_end("calls_direct", r);
    uint32_t x = 1;
    bench_begin("calls_indirect");
    for (uint32_t i = 0; i < m; i++) x = tab[(x >> 3 ^ i) & 7](x, i);
    bench_end("calls_indirect", x);
    return 0;
}
