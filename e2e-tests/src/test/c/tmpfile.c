// SPDX-License-Identifier: Apache-2.0
// open(2) with O_TMPFILE: a file without a name, and linkat(2) that gives it one.
#include "t.h"

static int name_it(int fd, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

static int entries(void) {
    DIR *d = opendir(".");
    int n = 0;
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

int main() {
    int before = entries();
    int f = open(".", O_TMPFILE | O_RDWR, 0666);
    T(f >= 0);
    T(entries() == before);
    struct stat s;
    R(fstat(f, &s));
    printf("mode %o links %d size %d\n", s.st_mode, (int) s.st_nlink, (int) s.st_size);
    R(write(f, "hello", 5));
    char link[300], path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", f);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n < 0 ? 0 : n] = 0;
    T(strstr(link, "/#") != NULL && strstr(link, " (deleted)") != NULL);
    R(name_it(f, "named"));
    show("named");
    R(fstat(f, &s));
    printf("links %d\n", (int) s.st_nlink);
    R(name_it(f, "again"));
    R(unlink("named"));
    R(unlink("again"));
    R(name_it(f, "late"));
    close(f);

    f = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
    T(f >= 0);
    R(name_it(f, "never"));
    close(f);
    put("file", "x");
    R(open("file", O_TMPFILE | O_RDWR, 0600));
    R(open("missing", O_TMPFILE | O_RDWR, 0600));
    R(open(".", O_TMPFILE | O_RDONLY, 0600));
    R(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
    R(open("/proc", O_TMPFILE | O_RDWR, 0600));
    f = open(".", O_TMPFILE | O_WRONLY, 0600);
    printf("flags %x\n", fcntl(f, F_GETFL) & O_TMPFILE);
    close(f);
    T(entries() == before + 1);
}
