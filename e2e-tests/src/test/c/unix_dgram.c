// SPDX-License-Identifier: Apache-2.0
// AF_UNIX datagrams and sequenced packets: boundaries, truncation, addresses, connected and not, queues.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address;
static socklen_t length;

static void to(const char *path) {
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (path[0] == '@') memcpy(address.sun_path + 1, path + 1, strlen(path) - 1);
    else strcpy(address.sun_path, path);
    length = 2 + strlen(path) + (path[0] != '@');
}

static int named(const char *path, int type) {
    to(path);
    int s = socket(AF_UNIX, type, 0);
    R(bind(s, (void *) &address, length));
    return s;
}

static void take(int s, size_t room, int flags) {
    char b[200];
    struct sockaddr_un from;
    socklen_t n = sizeof from;
    memset(b, 0, sizeof b);
    memset(&from, 0, sizeof from);
    errno = 0;
    ssize_t r = recvfrom(s, b, room, flags, (void *) &from, &n);
    if (r < 0) printf("recvfrom: %s\n", errname(errno));
    else printf("recvfrom: %ld [%s] address length %d %s\n", (long) r, b, (int) n, n > 2 ? from.sun_path + !from.sun_path[0] : "");
}

int main() {
    signal(SIGPIPE, SIG_IGN);
    int a = named("a", SOCK_DGRAM), b = named("@b", SOCK_DGRAM), c = socket(AF_UNIX, SOCK_DGRAM, 0);
    to("a");
    R(sendto(b, "from b", 6, 0, (void *) &address, length));
    R(sendto(c, "unnamed", 7, 0, (void *) &address, length));
    R(sendto(c, "", 0, 0, (void *) &address, length));
    take(a, 100, MSG_PEEK);
    take(a, 100, 0);
    take(a, 4, 0);
    take(a, 100, 0);
    R(sendto(c, "long message", 12, 0, (void *) &address, length));
    take(a, 4, MSG_TRUNC);
    take(a, 100, MSG_DONTWAIT);
    R(send(c, "x", 1, 0));
    R(connect(c, (void *) &address, length));
    R(send(c, "connected", 9, 0));
    take(a, 100, 0);
    to("@b");
    R(sendto(c, "elsewhere", 9, 0, (void *) &address, length));
    take(b, 100, 0);
    to("nobody");
    R(sendto(c, "x", 1, 0, (void *) &address, length));
    to("@nobody");
    R(sendto(c, "x", 1, 0, (void *) &address, length));
    put("plain", "");
    to("plain");
    R(sendto(c, "x", 1, 0, (void *) &address, length));
    // a talks to b only: others may not send to it.
    to("@b");
    R(connect(a, (void *) &address, length));
    to("a");
    R(sendto(c, "x", 1, 0, (void *) &address, length));
    R(connect(socket(AF_UNIX, SOCK_DGRAM, 0), (void *) &address, length));
    R(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *) &address, length));
    struct sockaddr none = {AF_UNSPEC};
    R(connect(a, &none, sizeof none));
    R(send(a, "x", 1, 0));
    R(send(c, "still", 5, 0));
    take(a, 100, 0);
    // The queue of a receiver that does not read.
    int sent = 0;
    while (send(c, "fill", 4, MSG_DONTWAIT) == 4) sent++;
    printf("%d datagrams until %s\n", sent, errname(errno));
    struct pollfd p = {c, POLLOUT, 0};
    R(poll(&p, 1, 0));
    take(a, 100, 0);
    R(poll(&p, 1, 0));
    R(shutdown(a, SHUT_RD));
    R(send(c, "x", 1, 0));
    R(close(a));
    R(send(c, "x", 1, 0));
    R(send(c, "x", 1, 0));
    R(listen(b, 1));
    R(accept(b, NULL, NULL));
    static char huge[400000];
    to("@b");
    R(sendto(c, huge, sizeof huge, 0, (void *) &address, length));
    R(sendto(c, huge, 100000, 0, (void *) &address, length));
    R(recv(b, huge, sizeof huge, 0));

    int q[2];
    R(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q));
    R(write(q[0], "one", 3));
    R(write(q[0], "second", 6));
    take(q[1], 100, 0);
    take(q[1], 2, 0);
    R(close(q[0]));
    take(q[1], 100, 0);
    R(send(q[1], "x", 1, MSG_NOSIGNAL));
    int l = named("@seq", SOCK_SEQPACKET);
    R(listen(l, 1));
    int s = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    R(send(s, "x", 1, 0));
    R(recv(s, huge, 1, 0));
    to("@seq");
    R(connect(s, (void *) &address, length));
    R(send(s, "early", 5, 0));
    int t = accept(l, NULL, NULL);
    take(t, 100, 0);
    R(socketpair(AF_UNIX, SOCK_DGRAM, 0, q));
    R(write(q[0], "pair", 4));
    take(q[1], 100, 0);
    R(close(q[0]));
    R(write(q[1], "x", 1));
    R(write(q[1], "x", 1));
}
