// SPDX-License-Identifier: Apache-2.0
#include "t.h"
#include <sys/auxv.h>
int main(int argc, char **argv) {
    if (argc > 1) { printf("%s: %d %d %d %d secure %d\n", argv[1], getuid(), geteuid(), getgid(), getegid(), (int) getauxval(AT_SECURE)); return 0; }
    char e[600], b[65536]; ssize_t n = readlink("/proc/self/exe", e, 599); e[n] = 0; int i = open(e, O_RDONLY), o = open("./program", O_CREAT | O_WRONLY | O_TRUNC, 0755); while ((n = read(i, b, sizeof b)) > 0) write(o, b, n); close(o);
    const char *names[] = {"plain", "suid", "sgid", "both", "nonewprivs"}; int modes[] = {0755, 04755, 02755, 06755, 06755}; chown("./program", 50, 60);
    for (int k = 0; k < 5; k++) { chown("./program", 50, 60); chmod("./program", modes[k]); pid_t p = fork(); if (!p) { if (k == 4) R(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); setgid(1000); setuid(1000); execl("./program", "x", names[k], NULL); printf("%s\n", errname(errno)); _exit(1); } reap(names[k], p); } unlink("./program");
}
