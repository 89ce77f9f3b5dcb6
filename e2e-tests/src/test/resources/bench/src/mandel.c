// SPDX-License-Identifier: Apache-2.0
// Mandelbrot in double. Built three ways: scalar SSE2, x87, and packed SSE2 (-DPACKED).
#include "bench.h"
#if defined(PACKED)
#include <emmintrin.h>
#define NAME "mandel_sse2_packed"
#elif defined(X87)
#define NAME "mandel_x87"
#else
#define NAME "mandel_sse2"
#endif

int main(int argc, char **argv)
{
    int n = bench_arg(argc, argv, 1, 700), limit = bench_arg(argc, argv, 2, 200);
    uint64_t sum = 0;
    bench_begin(NAME);
    for (int y = 0; y < n; y++) {
        double ci = 2.0 * y / n - 1.0;
#ifdef PACKED
        const __m128d four = _mm_set1_pd(4.0), vci = _mm_set1_pd(ci);
        for (int x = 0; x < n; x += 2) {
            __m128d cr = _mm_set_pd(3.0 * (x + 1) / n - 2.0, 3.0 * x / n - 2.0);
            __m128d zr = _mm_setzero_pd(), zi = zr;
            __m128i cnt = _mm_setzero_si128();
            for (int i = 0; i < limit; i++) {
                __m128d r2 = _mm_mul_pd(zr, zr), i2 = _mm_mul_pd(zi, zi);
                __m128d in = _mm_cmplt_pd(_mm_add_pd(r2, i2), four);
                if (!_mm_movemask_pd(in)) break;
                cnt = _mm_sub_epi64(cnt, _mm_castpd_si128(in));
                __m128d t = _mm_mul_pd(zr, zi);
                zi = _mm_add_pd(_mm_add_pd(t, t), vci);
                zr = _mm_add_pd(_mm_sub_pd(r2, i2), cr);
            }
            uint64_t c[2];
            memcpy(c, &cnt, 16);
            sum = sum * 31 + c[0];
            sum = sum * 31 + c[1];
        }
#else
        for (int x = 0; x < n; x++) {
            double cr = 3.0 * x / n - 2.0, zr = 0, zi = 0;
            int i = 0;
            for (; i < limit; i++) {
                double r2 = zr * zr, i2 = zi * zi;
                if (!(r2 + i2 < 4.0)) break;
                double t = zr * zi;
                zi = t + t + ci;
                zr = r2 - i2 + cr;
            }
            sum = sum * 31 + i;
        }
#endif
    }
    bench_end(NAME, sum);
    return 0;
}
