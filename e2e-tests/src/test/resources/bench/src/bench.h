// SPDX-License-Identifier: Apache-2.0
// Shared by every C benchmark: the clock, the marker lines and a checksum.
//
//   @begin NAME                     printed just before the clock starts
//   @end   NAME SECONDS CHECKSUM CPU    printed just after it stops
//   (timeit prints "@stop NAME" when it stops, and @end when it has hashed the output)
//
// SECONDS is CLOCK_MONOTONIC. CPU is processor time (own and of waited-for children):
// on a busy machine the better number for peers whose getrusage is the host's.
// The runner stamps both lines with its own wall clock, so a guest whose clock
// drifts shows up. The checksum must be the same on every peer.
#ifndef BENCH_H
#define BENCH_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double bench_t0, bench_c0;

static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static inline double bench_cpu(void)
{
    struct rusage a, b;
    getrusage(RUSAGE_SELF, &a);
    getrusage(RUSAGE_CHILDREN, &b);
    return a.ru_utime.tv_sec + a.ru_stime.tv_sec + b.ru_utime.tv_sec + b.ru_stime.tv_sec
        + (a.ru_utime.tv_usec + a.ru_stime.tv_usec + b.ru_utime.tv_usec + b.ru_stime.tv_usec) * 1e-6;
}

static inline void bench_begin(const char *name)
{
    printf("@begin %s\n", name);
    fflush(stdout);
    bench_c0 = bench_cpu();
    bench_t0 = bench_now();
}

static inline void bench_end(const char *name, uint64_t checksum)
{
    double t = bench_now() - bench_t0, c = bench_cpu() - bench_c0;
    printf("@end %s %.6f %016llx %.6f\n", name, t, (unsigned long long)checksum, c);
    fflush(stdout);
}

static inline uint32_t bench_rnd(uint32_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 17;
    *s ^= *s << 5;
    return *s;
}

static inline uint64_t bench_fnv(uint64_t h, const void *p, uint64_t n)
{
    const unsigned char *c = p;
    if (!h) h = 0xcbf29ce484222325ull;
    while (n--) h = (h ^ *c++) * 0x100000001b3ull;
    return h;
}

// argv[i] as a count, or a default
static inline uint32_t bench_arg(int argc, char **argv, int i, uint32_t dflt)
{
    return argc > i ? (uint32_t)strtoul(argv[i], 0, 0) : dflt;
}

#define NOINLINE __attribute__((noinline, noclone))
#endif
