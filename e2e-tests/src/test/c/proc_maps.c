// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static int find(void *p, char *perm) { FILE *f = fopen("/proc/self/maps", "r"); char l[600]; unsigned long a, b; while (fgets(l, 600, f)) if (sscanf(l, "%lx-%lx %s", &a, &b, perm) == 3 && (unsigned long) p >= a && (unsigned long) p < b) { fclose(f); return (b - a) / 4096; } fclose(f); return 0; }
int main() {
    char m[10] = ""; char *g = mmap(NULL, 7 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *a = mmap(g + 4096, 5 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0); printf("%d ", find(a, m)); puts(m); mprotect(a + 4096, 4096, PROT_READ); printf("%d ", find(a, m)); puts(m); printf("%d ", find(a + 4096, m)); puts(m); printf("%d ", find(a + 8192, m)); puts(m); mprotect(a + 4096, 4096, PROT_READ | PROT_WRITE); printf("%d ", find(a, m)); puts(m); int x; find(&x, m); puts(m); find(main, m); puts(m); munmap(a, 5 * 4096); printf("%d\n", find(a, m));
    FILE *f = fopen("/proc/self/maps", "r"); char l[600]; int stack = 0, exe = 0, heap = 0; sbrk(4096); rewind(f); while (fgets(l, 600, f)) { if (strstr(l, "[stack]")) stack++; if (strstr(l, "/proc_maps\n")) exe++; if (strstr(l, "[heap]")) heap++; } printf("%d %d %d\n", stack, exe > 1, heap);
}
