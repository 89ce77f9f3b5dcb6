// SPDX-License-Identifier: Apache-2.0
// renameat2 with RENAME_EXCHANGE and RENAME_NOREPLACE: what moves, link counts, errors.
#include "t.h"
#ifndef RENAME_EXCHANGE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static int move(const char *a, const char *b, int flags) {
    return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

static void links(const char *name) {
    struct stat s;
    if (lstat(name, &s)) printf("%s: %s\n", name, errname(errno));
    else printf("%s: type %o, links %d\n", name, s.st_mode >> 12, (int) s.st_nlink);
}

int main() {
    put("a", "file a");
    put("b", "file b");
    R(move("a", "b", RENAME_EXCHANGE));
    show("a");
    show("b");
    R(mkdir("d", 0755));
    R(mkdir("d/sub", 0755));
    put("d/sub/in", "inside");
    R(mkdir("e", 0755));
    R(move("a", "d", RENAME_EXCHANGE));
    links("a");
    links("d");
    show("a/sub/in");
    R(move("a/sub", "e", RENAME_EXCHANGE));
    links("a");
    links("a/sub");
    links("e");
    show("e/in");
    put("e/f", "f");
    R(move("e/f", "a/sub", RENAME_EXCHANGE));
    links("a");
    links("e");
    links("e/f");
    struct stat up, here;
    MUST(stat("e/f/..", &up) == 0 && stat("e", &here) == 0);
    T(up.st_ino == here.st_ino);
    R(move("b", "missing", RENAME_EXCHANGE));
    R(move("missing", "b", RENAME_EXCHANGE));
    R(move("b", "e/f/", RENAME_EXCHANGE));
    links("b");
    R(move("e", "e/f", RENAME_EXCHANGE));
    R(move("e/f", "e", RENAME_EXCHANGE));
    R(move("b", "b", RENAME_EXCHANGE));
    R(move("b", "d/", RENAME_EXCHANGE));
    R(move("b", "d", RENAME_EXCHANGE | RENAME_NOREPLACE));
    R(move("b", "d", RENAME_NOREPLACE));
    R(move("b", "g", RENAME_NOREPLACE));
    R(move("g", ".", RENAME_EXCHANGE));
    R(move("g", "d", 16));
    R(symlink("nowhere", "l"));
    R(move("l", "d", RENAME_EXCHANGE));
    links("l");
    links("d");
}
