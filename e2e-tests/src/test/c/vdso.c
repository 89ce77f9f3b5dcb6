// SPDX-License-Identifier: Apache-2.0
// The vdso: found through the auxiliary vector, a sound ELF file with versioned symbols whose functions tell the time.
#include "t.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

static char *base;
static ElfW(Sym) *symbols;
static char *strings;
static ElfW(Half) *versions;
static ElfW(Verdef) *definitions;
static uint32_t *table;

static void *find(const char *name, const char *version) {
    for (uint32_t i = 0; i < table[1]; i++) {
        if (strcmp(strings + symbols[i].st_name, name) || symbols[i].st_shndx == 0) continue;
        for (ElfW(Verdef) *d = definitions;; d = (void *) ((char *) d + d->vd_next)) {
            ElfW(Verdaux) *a = (void *) ((char *) d + d->vd_aux);
            if (d->vd_ndx == (versions[i] & 0x7fff) && !strcmp(strings + a->vda_name, version)) return base + symbols[i].st_value;
            if (d->vd_next == 0) break;
        }
    }
    return NULL;
}

static void parse(void) {
    ElfW(Ehdr) *h = (void *) base;
    T(!memcmp(h->e_ident, ELFMAG, 4));
    T(h->e_type == ET_DYN);
    ElfW(Phdr) *p = (void *) (base + h->e_phoff);
    int loads = 0, unwinds = 0;
    for (int i = 0; i < h->e_phnum; i++) {
        loads += p[i].p_type == PT_LOAD;
        unwinds += p[i].p_type == PT_GNU_EH_FRAME;
        if (p[i].p_type != PT_DYNAMIC) continue;
        for (ElfW(Dyn) *d = (void *) (base + p[i].p_vaddr); d->d_tag; d++) {
            char *at = base + d->d_un.d_ptr;
            if (d->d_tag == DT_SYMTAB) symbols = (void *) at;
            if (d->d_tag == DT_STRTAB) strings = at;
            if (d->d_tag == DT_HASH) table = (void *) at;
            if (d->d_tag == DT_VERSYM) versions = (void *) at;
            if (d->d_tag == DT_VERDEF) definitions = (void *) at;
        }
    }
    printf("loads %d, unwind tables %d\n", loads, unwinds);
}

static void in_maps(const char *name) {
    char line[400];
    FILE *f = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, f)) {
        char *at = strstr(line, name), flags[8];
        if (!at) continue;
        unsigned long from, to;
        sscanf(line, "%lx-%lx %7s", &from, &to, flags);
        printf("%s is %s, holds the image: %s\n", name, flags, from == (unsigned long) base ? "yes" : "no");
        break;
    }
    fclose(f);
}

static long long ns(struct timespec *t) {
    return t->tv_sec * 1000000000LL + t->tv_nsec;
}

int main() {
    base = (char *) getauxval(AT_SYSINFO_EHDR);
    T(base != NULL);
    parse();
    in_maps("[vdso]");
    in_maps("[vvar]");
    int (*gettime)(clockid_t, void *) = find("__vdso_clock_gettime", "LINUX_2.6");
    int (*timeofday)(void *, void *) = find("__vdso_gettimeofday", "LINUX_2.6");
    long (*seconds)(void *) = find("__vdso_time", "LINUX_2.6");
    int (*cpu)(unsigned *, unsigned *, void *) = find("__vdso_getcpu", "LINUX_2.6");
    T(gettime && timeofday && seconds && cpu && find("__vdso_clock_getres", "LINUX_2.6"));
    T(find("__vdso_clock_gettime", "LINUX_2.5") == NULL);
#ifdef __i386__
    T(find("__kernel_vsyscall", "LINUX_2.5") == (void *) getauxval(AT_SYSINFO));
    T(find("__kernel_sigreturn", "LINUX_2.5") && find("__kernel_rt_sigreturn", "LINUX_2.5"));
    T(find("__vdso_clock_gettime64", "LINUX_2.6") != NULL);
#endif
    for (clockid_t c = 0; c < 12; c++) {
        if (c == CLOCK_PROCESS_CPUTIME_ID || c == CLOCK_THREAD_CPUTIME_ID || (c >= 8 && c <= 10)) continue;
        struct { long sec, nsec; } a;
        struct timespec b, d;
        MUST(clock_gettime(c, &b) == 0);
        int r = gettime(c, &a);
        MUST(clock_gettime(c, &d) == 0);
        long long between = a.sec * 1000000000LL + a.nsec;
        printf("clock %d: %d, in order: %s\n", c, r, between >= ns(&b) - 10000000 && between <= ns(&d) + 10000000 ? "yes" : "no");
    }
    printf("no such clock: %d\n", gettime(77, &(struct timespec) {0}));
    unsigned n = 99, node = 99;
    printf("getcpu: %d, node %u\n", cpu(&n, &node, NULL), node);
    struct timeval v;
    struct timezone z = {5, 5};
    gettimeofday(&v, NULL);
    struct { long sec, usec; } w;
    printf("gettimeofday: %d, zone %d %d\n", timeofday(&w, &z), z.tz_minuteswest, z.tz_dsttime);
    T(w.sec - v.tv_sec <= 1 && w.usec >= 0 && w.usec < 1000000);
    T(timeofday(NULL, NULL) == 0);
    T(seconds(NULL) - (long) v.tv_sec <= 1);
    pid_t p = fork();
    if (p == 0) {
        struct timespec t;
        _exit(gettime(CLOCK_MONOTONIC, &t));
    }
    reap("child", p);
    p = fork();
    if (p == 0) _exit(gettime(CLOCK_MONOTONIC, NULL));
    reap("null pointer", p);
}
