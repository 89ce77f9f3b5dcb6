// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() { int n = 40, sum = 0, seen = 0, s; for (int i = 0; i < n; i++) if (!fork()) { pause_ms(i * 7 % 11); _exit(i); } while (wait(&s) > 0) { seen++; sum += WEXITSTATUS(s); } printf("%d %d %s\n", seen, sum, errname(errno)); int p[2]; pipe(p); for (int i = 0; i < 10; i++) if (!fork()) { char c; close(p[1]); read(p[0], &c, 1); _exit(i); } close(p[0]); close(p[1]); for (seen = 0; wait(&s) > 0; ) seen++; printf("%d woken by the end of file\n", seen); struct rusage u; getrusage(RUSAGE_CHILDREN, &u); T(u.ru_minflt > 0); }
