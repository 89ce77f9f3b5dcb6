// SPDX-License-Identifier: Apache-2.0
// flags: -O2 -msse2 -mfpmath=sse
// Packed and scalar arithmetic and comparisons of numbers of all kinds, often enough for a compiler to take notice; with MXCSR's flags clear
// before each round, and first with all of them set: then a compiler may take them for nothing new.
#include "t.h"
#include <emmintrin.h>

static const uint64_t doubles[] = {0, 1ull << 63, 0x3ff0000000000000, 0xbff8000000000000, 0x7fefffffffffffff, 0x0010000000000000, 0x000fffffffffffff, 1,
    0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000001234, 0x7ff0000000000001, 0xfff4000000000077, 0x3ca0000000000000, 0x43e0000000000001};
static const uint32_t singles[] = {0, 1u << 31, 0x3f800000, 0xbfc00000, 0x7f7fffff, 0x00800000, 0x007fffff, 1, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc01234, 0x7f800001,
    0xffa00077, 0x33800000, 0x5f000001};
enum { N = 16 };

static uint64_t hash;

static void add(__m128i v) {
    uint64_t x[2];
    memcpy(x, &v, 16);
    hash = (hash ^ x[0]) * 0x100000001b3;
    hash = (hash ^ x[1]) * 0x100000001b3;
    hash ^= hash >> 29;
}

static void flags(void) {
    hash = (hash ^ (_mm_getcsr() & 0x3f)) * 0x100000001b3;
}

#define D(e) add(_mm_castpd_si128(e))
#define S(e) add(_mm_castps_si128(e))

static __attribute__((noinline)) void packed(__m128d a, __m128d b, __m128d c) {
    D(_mm_add_pd(a, b));
    D(_mm_sub_pd(a, b));
    D(_mm_mul_pd(a, b));
    D(_mm_div_pd(a, b));
    // What one left goes on to the next.
    __m128d t = _mm_mul_pd(_mm_add_pd(a, b), c);
    D(_mm_sub_pd(_mm_mul_pd(t, t), _mm_div_pd(c, t)));
    D(_mm_cmplt_pd(t, c));
    D(_mm_cmpeq_pd(a, t));
    D(_mm_cmple_pd(a, b));
    D(_mm_cmpneq_pd(a, b));
    D(_mm_cmpnlt_pd(a, b));
    D(_mm_cmpunord_pd(a, b));
    D(_mm_cmpord_pd(a, b));
}

static __attribute__((noinline)) void packedSingle(__m128 a, __m128 b, __m128 c) {
    S(_mm_add_ps(a, b));
    S(_mm_sub_ps(a, b));
    S(_mm_mul_ps(a, b));
    S(_mm_div_ps(a, b));
    __m128 t = _mm_mul_ps(_mm_add_ps(a, b), c);
    S(_mm_sub_ps(_mm_mul_ps(t, t), _mm_div_ps(c, t)));
    S(_mm_cmplt_ps(t, c));
    S(_mm_cmpeq_ps(a, t));
    S(_mm_cmpnle_ps(a, b));
}

static __attribute__((noinline)) void scalar(__m128d a, __m128d b, __m128d c) {
    D(_mm_add_sd(a, b));
    D(_mm_sub_sd(a, b));
    D(_mm_mul_sd(a, b));
    D(_mm_div_sd(a, b));
    D(_mm_sqrt_sd(a, b));
    __m128d t = _mm_mul_sd(_mm_add_sd(a, b), c);
    D(_mm_sub_sd(_mm_mul_sd(t, t), _mm_div_sd(c, t)));
    D(_mm_min_sd(t, b));
    D(_mm_max_sd(a, t));
    hash += _mm_ucomilt_sd(a, b) + 2 * _mm_ucomieq_sd(t, b);
}

int main() {
    for (int sticky = 1; sticky >= 0; sticky--) {
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < N; j++) {
                    int k = (i * 5 + j * 3 + round) % N, l = (i + j * 7 + round * 3) % N;
                    // In the last rounds only what arithmetic has no trouble with in the other lane.
                    uint64_t other = round < 6 ? doubles[k] : doubles[2 + k % 2];
                    uint64_t d[6] = {doubles[i], other, doubles[j], doubles[2 + l % 2], doubles[l], doubles[3]};
                    uint32_t s[12] = {singles[i], singles[k], singles[2], singles[3], singles[j], singles[2], singles[l], singles[3], singles[l], singles[i], singles[2], singles[3]};
                    __m128d v[3];
                    __m128 w[3];
                    memcpy(v, d, 48);
                    memcpy(w, s, 48);
                    _mm_setcsr(sticky ? 0x1fbf : 0x1f80);
                    packed(v[0], v[1], v[2]);
                    packed(v[1], v[0], v[2]);
                    flags();
                    packedSingle(w[0], w[1], w[2]);
                    flags();
                    scalar(v[0], v[1], v[2]);
                    flags();
                }
            }
            printf("%d %d %016llx\n", sticky, round, (unsigned long long) hash);
        }
    }
}
