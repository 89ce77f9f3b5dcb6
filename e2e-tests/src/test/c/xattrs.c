// SPDX-License-Identifier: Apache-2.0
// Extended attributes: set, get, list, remove; flags, sizes, errors in their order.
#include "t.h"
#include <sys/xattr.h>

static int compare(const void *a, const void *b) {
    return strcmp(*(char **) a, *(char **) b);
}

static void list(const char *file) {
    char names[1024], *sorted[32];
    ssize_t n = listxattr(file, names, sizeof names);
    int count = 0;
    printf("%s has %ld bytes of names:", file, (long) n);
    for (char *at = names; n > 0 && at < names + n; at += strlen(at) + 1) sorted[count++] = at;
    qsort(sorted, count, sizeof *sorted, compare);
    for (int i = 0; i < count; i++) printf(" %s", sorted[i]);
    printf("\n");
}

int main() {
    char b[300];
    put("f", "content");
    list("f");
    R(setxattr("f", "user.color", "red", 3, 0));
    R(getxattr("f", "user.color", b, sizeof b));
    printf("%.3s\n", b);
    R(getxattr("f", "user.color", NULL, 0));
    R(getxattr("f", "user.color", b, 2));
    R(setxattr("f", "user.color", "x", 1, XATTR_CREATE));
    R(setxattr("f", "user.size", "x", 1, XATTR_REPLACE));
    R(setxattr("f", "user.size", "large", 5, XATTR_CREATE));
    R(setxattr("f", "user.color", "green and blue", 14, XATTR_REPLACE));
    R(setxattr("f", "user.empty", "", 0, 0));
    R(getxattr("f", "user.empty", b, sizeof b));
    R(setxattr("f", "trusted.t", "t", 1, 0));
    list("f");
    R(listxattr("f", NULL, 0));
    R(listxattr("f", b, 5));
    R(removexattr("f", "user.color"));
    R(removexattr("f", "user.color"));
    R(getxattr("f", "user.color", b, sizeof b));
    list("f");
    R(setxattr("f", "user.", "x", 1, 0));
    R(setxattr("f", "nonsense", "x", 1, 0));
    R(setxattr("f", "other.name", "x", 1, 0));
    R(getxattr("f", "other.name", b, 1));
    R(setxattr("f", "", "x", 1, 0));
    memset(b, 'a', sizeof b);
    memcpy(b, "user.", 5);
    b[255] = 0;
    R(setxattr("f", b, "x", 1, 0));
    b[255] = 'a';
    b[256] = 0;
    R(setxattr("f", b, "x", 1, 0));
    R(setxattr("f", "user.x", "x", 1, 8));
    R(setxattr("f", "user.x", "x", 65537, 0));
    R(setxattr("f", "user.x", (void *) 8, 10, 0));
    R(setxattr("f", (void *) 8, "x", 1, 0));
    R(setxattr("missing", "user.x", "x", 1, 0));
    R(fsetxattr(99, "user.x", "x", 1, 0));
    R(symlink("f", "l"));
    R(lsetxattr("l", "user.x", "x", 1, 0));
    R(lgetxattr("l", "user.x", b, 1));
    R(setxattr("l", "user.through", "x", 1, 0));
    list("f");
    R(mkdir("d", 0755));
    R(setxattr("d", "user.dir", "yes", 3, 0));
    list("d");
    R(mkfifo("p", 0600));
    R(setxattr("p", "user.x", "x", 1, 0));
    R(getxattr("p", "user.x", b, 1));
    int f = open("f", O_RDONLY);
    R(fsetxattr(f, "user.by_fd", "1", 1, 0));
    R(fgetxattr(f, "user.by_fd", b, 10));
    R(fremovexattr(f, "user.by_fd"));
    close(f);
    R(chmod("f", 0444));
    R(chmod(".", 0755));
    if (setuid(1000) == 0) {
        R(setxattr("f", "user.x", "x", 1, 0));
        R(getxattr("f", "user.size", b, 10));
        R(setxattr("f", "trusted.t", "x", 1, 0));
        R(getxattr("f", "trusted.t", b, 10));
        R(removexattr("f", "trusted.t"));
        list("f");
    }
}
