// SPDX-License-Identifier: Apache-2.0
// inotify: events of files and directories in their order, names, cookies, the end of watches, errors.
#include "t.h"
#include <sys/inotify.h>

static int f;

static void drain(const char *what) {
    static char b[8192] __attribute__((aligned(8)));
    printf("-- %s\n", what);
    uint32_t last = 0;
    for (;;) {
        ssize_t n = read(f, b, sizeof b);
        if (n <= 0) break;
        for (char *at = b; at < b + n;) {
            struct inotify_event *e = (void *) at;
            printf("  wd %d mask %x %s%s%s\n", e->wd, e->mask, e->len ? e->name : "(self)", e->cookie ? " cookie" : "",
                e->cookie && e->cookie == last ? " same" : "");
            last = e->cookie;
            at += sizeof *e + e->len;
        }
    }
}

int main() {
    f = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    T(f >= 0);
    char b[100];
    R(read(f, b, sizeof b));
    R(mkdir("d", 0755));
    R(inotify_add_watch(f, "d", IN_ALL_EVENTS));
    int file = open("d/file", O_RDWR | O_CREAT, 0644);
    drain("created");
    write(file, "hello", 5);
    write(file, " again", 6);
    pread(file, b, 5, 0);
    drain("written and read");
    close(file);
    chmod("d/file", 0600);
    R(inotify_add_watch(f, "d/file", IN_ALL_EVENTS));
    R(link("d/file", "d/second"));
    drain("closed, mode, link");
    R(rename("d/second", "d/third"));
    R(mkdir("e", 0755));
    R(rename("d/third", "e/away"));
    R(rename("e/away", "d/back"));
    drain("renamed");
    R(truncate("d/file", 3));
    drain("cut");
    R(unlink("d/back"));
    R(unlink("d/file"));
    drain("removed");
    R(symlink("x", "d/link"));
    R(mkdir("d/sub", 0700));
    R(mkfifo("d/fifo", 0600));
    drain("others made");
    int n = 0;
    DIR *dir = opendir("d");
    while (readdir(dir)) n++;
    closedir(dir);
    drain("listed");
    R(inotify_add_watch(f, "d", IN_CREATE | IN_DELETE));
    R(rmdir("d/sub"));
    put("d/new", "x");
    drain("only creation and deletion");
    R(inotify_add_watch(f, "d", IN_OPEN | IN_MASK_ADD));
    close(open("d/new", O_RDONLY));
    drain("and opening");
    R(inotify_rm_watch(f, 1));
    drain("watch removed");
    put("d/unseen", "x");
    drain("nothing");
    R(inotify_rm_watch(f, 1));

    R(inotify_add_watch(f, "d/new", IN_DELETE_SELF | IN_ATTRIB | IN_CLOSE));
    file = open("d/new", O_RDONLY);
    R(unlink("d/new"));
    drain("removed while open");
    close(file);
    drain("then closed");
    R(inotify_add_watch(f, "e", IN_ALL_EVENTS | IN_ONESHOT));
    put("e/one", "x");
    put("e/two", "x");
    drain("one shot");
    R(inotify_add_watch(f, "e", IN_DELETE_SELF | IN_MOVE_SELF));
    R(rename("e", "g"));
    unlink("g/one");
    unlink("g/two");
    R(rmdir("g"));
    drain("directory moved and removed");
    put("p", "");
    R(inotify_add_watch(f, "p", IN_MODIFY));
    file = open("p", O_WRONLY);
    for (int i = 0; i < 3; i++) write(file, "x", 1);
    int waiting = 0;
    R(ioctl(f, FIONREAD, &waiting));
    printf("%d bytes\n", waiting);
    R(read(f, b, 8));
    drain("equal events once");
    R(inotify_add_watch(f, "p", IN_MODIFY | IN_MASK_CREATE));

    R(inotify_add_watch(f, "missing", IN_OPEN));
    R(inotify_add_watch(f, "p", 0));
    R(inotify_add_watch(f, "p", IN_OPEN | IN_ONLYDIR));
    R(inotify_add_watch(99, "p", IN_OPEN));
    R(inotify_add_watch(0, "p", IN_OPEN));
    R(inotify_rm_watch(f, 99));
    R(inotify_rm_watch(0, 1));
    R(inotify_init1(1));
    R(write(f, b, 1));
    pid_t child = fork();
    if (child == 0) {
        pause_ms(10);
        write(file, "y", 1);
        _exit(0);
    }
    fcntl(f, F_SETFL, 0);
    struct pollfd p = {f, POLLIN, 0};
    R(poll(&p, 1, 1000));
    R(read(f, b, sizeof b));
    reap("child", child);
}
