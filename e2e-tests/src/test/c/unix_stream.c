// SPDX-License-Identifier: Apache-2.0
// AF_UNIX streams: bind, listen, connect, accept, names, shutdown, end of file, broken pipes, polling.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t name_it(struct sockaddr_un *a, const char *path) {
    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    if (path[0] == '@') {
        memcpy(a->sun_path + 1, path + 1, strlen(path) - 1);
        return 2 + strlen(path);
    }
    strcpy(a->sun_path, path);
    return 2 + strlen(path) + 1;
}

static int bound(const char *path, int type) {
    struct sockaddr_un a;
    socklen_t n = name_it(&a, path);
    int s = socket(AF_UNIX, type, 0);
    MUST(s >= 0);
    R(bind(s, (void *) &a, n));
    return s;
}

static int connects(int s, const char *path) {
    struct sockaddr_un a;
    socklen_t n = name_it(&a, path);
    return connect(s, (void *) &a, n);
}

static void whose(const char *what, int s, int peer) {
    struct sockaddr_un a;
    memset(&a, 'x', sizeof a);
    socklen_t n = sizeof a;
    int r = peer ? getpeername(s, (void *) &a, &n) : getsockname(s, (void *) &a, &n);
    if (r < 0) printf("%s: %s\n", what, errname(errno));
    else printf("%s: length %d family %d path [%s%s]\n", what, (int) n, n >= 2 ? a.sun_family : -1,
        n > 2 && a.sun_path[0] == 0 ? "@" : "", n > 2 ? a.sun_path[0] ? a.sun_path : strndup(a.sun_path + 1, n - 3) : "");
}

static void ready(const char *what, int s) {
    struct pollfd p = {s, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
    int r = poll(&p, 1, 0);
    printf("%s: poll %d %x\n", what, r, p.revents);
}

static void on_path(const char *path) {
    printf("== %s\n", path);
    int l = bound(path, SOCK_STREAM);
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    ready("fresh", c);
    R(connects(c, path));
    R(listen(l, 3));
    ready("listening", l);
    R(connects(c, path));
    ready("listening with a connection", l);
    R(connects(c, path));
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    int s = accept(l, (void *) &a, &n);
    printf("accepted, address length %d\n", (int) n);
    whose("client", c, 0);
    whose("client's peer", c, 1);
    whose("server", s, 0);
    whose("server's peer", s, 1);
    whose("listener", l, 0);
    whose("listener's peer", l, 1);
    char b[100];
    R(write(c, "hello", 5));
    R(send(c, " world", 6, 0));
    R(recv(s, b, 3, MSG_PEEK));
    R(recv(s, b, 100, 0));
    printf("%.11s\n", b);
    R(recv(s, b, 100, MSG_DONTWAIT));
    ready("connected", s);
    R(write(s, "more", 4));
    ready("with input", c);
    int waiting = -1;
    R(ioctl(c, FIONREAD, &waiting));
    printf("%d bytes\n", waiting);
    R(shutdown(s, SHUT_WR));
    ready("peer shut", c);
    R(read(c, b, 100));
    R(read(c, b, 100));
    R(write(s, "x", 1));
    R(send(s, "x", 1, MSG_NOSIGNAL));
    R(write(c, "back", 4));
    R(read(s, b, 100));
    ready("half", s);
    R(close(c));
    ready("peer closed", s);
    R(read(s, b, 100));
    R(close(s));
    R(close(l));
}

int main() {
    signal(SIGPIPE, SIG_IGN);
    on_path("sock");
    struct stat st;
    MUST(stat("sock", &st) == 0);
    printf("mode %o\n", st.st_mode);
    bound("sock", SOCK_STREAM);
    R(connects(socket(AF_UNIX, SOCK_STREAM, 0), "sock"));
    R(open("sock", O_RDONLY));
    R(unlink("sock"));
    R(connects(socket(AF_UNIX, SOCK_STREAM, 0), "sock"));
    on_path("@abstract name");

    // Unread data makes a close a reset.
    int p[2];
    char b[8];
    R(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
    R(write(p[0], "unread", 6));
    R(close(p[1]));
    ready("reset", p[0]);
    R(read(p[0], b, 1));
    R(read(p[0], b, 1));
    R(write(p[0], b, 1));

    // Blocking: a reader that waits, a writer that fills the buffer.
    R(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
    printf("cloexec %d\n", fcntl(p[0], F_GETFD));
    pid_t child = fork();
    if (child == 0) {
        close(p[0]);
        static char big[1 << 20];
        memset(big, 'b', sizeof big);
        ssize_t n = write(p[1], big, sizeof big);
        _exit(n == sizeof big ? 0 : 1);
    }
    close(p[1]);
    long total = 0, n;
    static char in[70000];
    while ((n = read(p[0], in, sizeof in)) > 0) total += n;
    printf("received %ld\n", total);
    reap("writer", child);
    R(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 5; i++) {
            pause_ms(5);
            write(p[1], "12345", 5);
        }
        _exit(0);
    }
    R(recv(p[0], in, 25, MSG_WAITALL));
    reap("five times", child);
    struct timeval soon = {0, 30000};
    R(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
    R(read(p[0], b, 1));

    // A full backlog.
    int l = bound("@full", SOCK_STREAM);
    R(listen(l, 0));
    int c1 = socket(AF_UNIX, SOCK_STREAM, 0), c2 = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    R(connects(c1, "@full"));
    R(connects(c2, "@full"));
    child = fork();
    if (child == 0) {
        pause_ms(20);
        _exit(accept(l, NULL, NULL) < 0);
    }
    int c3 = socket(AF_UNIX, SOCK_STREAM, 0);
    R(connects(c3, "@full"));
    reap("acceptor", child);
    int autobound = socket(AF_UNIX, SOCK_STREAM, 0);
    sa_family_t family = AF_UNIX;
    R(bind(autobound, (void *) &family, 2));
    struct sockaddr_un a;
    socklen_t size = sizeof a;
    R(getsockname(autobound, (void *) &a, &size));
    printf("length %d, first byte %d\n", (int) size, a.sun_path[0]);
}
