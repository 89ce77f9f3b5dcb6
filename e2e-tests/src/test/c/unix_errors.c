// SPDX-License-Identifier: Apache-2.0
// Errors of the socket calls, in their order; options.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>

static void option(const char *what, int s, int name) {
    int v = -1;
    socklen_t n = sizeof v;
    errno = 0;
    int r = getsockopt(s, SOL_SOCKET, name, &v, &n);
    printf("%s: %d %s value %d length %d\n", what, r, r ? errname(errno) : "", v, (int) n);
}

int main() {
    R(socket(77, SOCK_STREAM, 0));
    R(socket(-1, SOCK_STREAM, 0));
    R(socket(AF_UNIX, 4, 0));
    R(socket(AF_UNIX, 12, 0));
    R(socket(AF_UNIX, SOCK_STREAM, 5));
    R(socket(AF_UNIX, SOCK_STREAM | 0x1000, 0));
    int v[2];
    R(socketpair(AF_UNIX, SOCK_STREAM, 0, (void *) 8));
    R(socketpair(AF_UNIX, 4, 0, v));
    int s = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0), f = open("/dev/null", O_RDWR);
    struct sockaddr_un a = {AF_UNIX, "name"};
    R(bind(99, (void *) &a, sizeof a));
    R(bind(f, (void *) &a, sizeof a));
    R(bind(s, (void *) &a, 1));
    R(bind(s, (void *) &a, -1));
    R(bind(s, (void *) &a, 129));
    R(bind(s, (void *) 8, 20));
    a.sun_family = AF_INET;
    R(bind(s, (void *) &a, sizeof a));
    a.sun_family = AF_UNIX;
    strcpy(a.sun_path, "missing/name");
    R(bind(s, (void *) &a, sizeof a));
    strcpy(a.sun_path, "/");
    R(bind(s, (void *) &a, sizeof a));
    strcpy(a.sun_path, "name");
    R(listen(s, 1));
    R(bind(s, (void *) &a, sizeof a));
    R(bind(s, (void *) &a, sizeof a));
    R(bind(d, (void *) &a, sizeof a));
    R(accept(s, NULL, NULL));
    R(listen(d, 1));
    R(listen(f, 1));
    R(accept(d, NULL, NULL));
    R(accept4(s, NULL, NULL, 0x77));
    R(listen(s, 1));
    R(accept4(s, NULL, NULL, SOCK_NONBLOCK | 1));
    char b[10];
    R(read(s, b, 1));
    R(write(s, b, 1));
    R(send(s, b, 1, MSG_NOSIGNAL));
    R(sendto(s, b, 1, 0, (void *) &a, sizeof a));
    R(recv(d, b, 1, MSG_DONTWAIT));
    R(recv(d, b, 1, MSG_OOB));
    R(lseek(s, 0, SEEK_SET));
    R(pread(s, b, 1, 0));
    R(shutdown(s, 3));
    R(shutdown(99, 0));
    R(shutdown(f, 0));
    struct stat st;
    R(fstat(d, &st));
    printf("mode %o, links %d, size %d\n", st.st_mode, (int) st.st_nlink, (int) st.st_size);
    R(fsync(d));
    R(ftruncate(d, 0));
    option("type", s, SO_TYPE);
    option("type", d, SO_TYPE);
    option("domain", s, SO_DOMAIN);
    option("protocol", s, SO_PROTOCOL);
    option("accepts", s, SO_ACCEPTCONN);
    option("accepts", d, SO_ACCEPTCONN);
    option("error", s, SO_ERROR);
    option("send buffer", s, SO_SNDBUF);
    option("receive buffer", s, SO_RCVBUF);
    int size = 10000;
    R(setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
    option("send buffer", s, SO_SNDBUF);
    size = 1;
    R(setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
    option("send buffer", s, SO_SNDBUF);
    option("no such", s, 9999);
    R(setsockopt(s, SOL_SOCKET, 9999, &size, sizeof size));
    R(setsockopt(s, SOL_SOCKET, SO_TYPE, &size, sizeof size));
    R(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &size, 1));
    R(setsockopt(s, SOL_SOCKET, SO_PASSCRED, (void *) 8, 4));
    R(setsockopt(s, 6, 1, &size, sizeof size));
    R(getsockopt(f, SOL_SOCKET, SO_TYPE, &size, (socklen_t *) &size));
    struct timeval t = {1, 2000000};
    R(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    t.tv_usec = 500000;
    R(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    memset(&t, 0, sizeof t);
    socklen_t n = sizeof t;
    R(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, &n));
    printf("%d.%06d length %d\n", (int) t.tv_sec, (int) t.tv_usec, (int) n);
    struct msghdr m;
    memset(&m, 0, sizeof m);
    m.msg_iovlen = 2000;
    R(sendmsg(d, &m, 0));
    R(sendmsg(d, (void *) 8, 0));
    R(sendmsg(f, &m, 0));
    int e = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {0}};
    R(epoll_ctl(e, EPOLL_CTL_ADD, s, &ev));
    R(fcntl(s, F_GETFL) & O_ACCMODE);
}
