// SPDX-License-Identifier: Apache-2.0
// Open files and credentials in messages: SCM_RIGHTS, SCM_CREDENTIALS, SO_PASSCRED, SO_PEERCRED, truncation.
#include "t.h"
#include <sys/socket.h>
#include <sys/un.h>

static ssize_t give(int s, const char *text, int *fds, int count, struct ucred *who) {
    char control[512];
    memset(control, 0, sizeof control);
    struct iovec v = {(void *) text, strlen(text)};
    struct msghdr m = {NULL, 0, &v, 1, control, 0, 0};
    struct cmsghdr *c = (void *) control;
    if (count) {
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
        m.msg_controllen += CMSG_SPACE(count * sizeof(int));
        c = (void *) (control + m.msg_controllen);
    }
    if (who) {
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_CREDENTIALS;
        c->cmsg_len = CMSG_LEN(sizeof *who);
        memcpy(CMSG_DATA(c), who, sizeof *who);
        m.msg_controllen += CMSG_SPACE(sizeof *who);
    }
    return sendmsg(s, &m, 0);
}

static int got[20], gotten;

static void take(const char *what, int s, size_t room, size_t control_room, int flags) {
    char control[512], b[100];
    memset(b, 0, sizeof b);
    struct iovec v = {b, room};
    struct msghdr m = {NULL, 0, &v, 1, control, control_room, 0};
    errno = 0;
    ssize_t n = recvmsg(s, &m, flags);
    if (n < 0) {
        printf("%s: %s\n", what, errname(errno));
        return;
    }
    printf("%s: %ld [%s] flags %x control %s\n", what, (long) n, b, m.msg_flags, m.msg_controllen ? "yes" : "no");
    gotten = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_type == SCM_RIGHTS) {
            gotten = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(got, CMSG_DATA(c), gotten * sizeof(int));
            printf("  %d files\n", gotten);
        } else if (c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred *u = (void *) CMSG_DATA(c);
            printf("  from %s, %d, %d\n", u->pid == getpid() ? "me" : u->pid == getppid() ? "parent" : "another", u->uid, u->gid);
        }
    }
}

int main() {
    int p[2];
    R(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
    put("file", "contents of the file");
    int f = open("file", O_RDONLY);
    R(give(p[0], "with a file", &f, 1, NULL));
    close(f);
    take("file", p[1], 100, 512, 0);
    char b[100] = "";
    R(read(got[0], b, 8));
    printf("%s, cloexec %d\n", b, fcntl(got[0], F_GETFD));
    close(got[0]);

    int pipes[2];
    MUST(pipe(pipes) == 0);
    R(give(p[0], "x", pipes, 2, NULL));
    close(pipes[0]);
    close(pipes[1]);
    take("cloexec", p[1], 100, 512, MSG_CMSG_CLOEXEC);
    printf("cloexec %d\n", fcntl(got[0], F_GETFD));
    R(write(got[1], "through", 7));
    R(read(got[0], b, 100));
    close(got[0]);
    R(write(got[1], "x", 0));
    signal(SIGPIPE, SIG_IGN);
    R(write(got[1], "x", 1));
    close(got[1]);

    // Files end a piece of a stream; what has no room is closed.
    f = open("file", O_RDONLY);
    write(p[0], "before", 6);
    R(give(p[0], "and", &f, 1, NULL));
    write(p[0], "after", 5);
    take("first", p[1], 100, 512, 0);
    take("second", p[1], 100, 512, 0);
    int many[3] = {f, f, f};
    R(give(p[0], "three", many, 3, NULL));
    take("room for two", p[1], 100, CMSG_LEN(2 * sizeof(int)), 0);
    R(give(p[0], "three", many, 3, NULL));
    take("no room", p[1], 100, 0, 0);
    R(give(p[0], "three", many, 3, NULL));
    R(read(p[1], b, 100));
    R(give(p[0], "peeked", many, 1, NULL));
    take("peek", p[1], 100, 512, MSG_PEEK);
    take("then", p[1], 100, 512, 0);
    int bad = 77;
    R(give(p[0], "bad", &bad, 1, NULL));

    struct ucred u;
    socklen_t n = sizeof u;
    R(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &u, &n));
    printf("peer is me: %d, %d %d\n", u.pid == getpid(), u.uid, u.gid);
    int d[2];
    R(socketpair(AF_UNIX, SOCK_DGRAM, 0, d));
    int on = 1;
    R(setsockopt(d[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    R(write(d[0], "plain", 5));
    take("passcred", d[1], 100, 512, 0);
    struct ucred fake = {getppid(), 1, 2};
    R(give(d[0], "as root", NULL, 0, &fake));
    take("faked", d[1], 100, 512, 0);
    pid_t child = fork();
    if (child == 0) {
        MUST(setgid(1000) == 0 && setuid(1000) == 0);
        struct ucred own = {getpid(), 1000, 1000}, foreign = {getpid(), 0, 1000};
        R(give(d[0], "own", NULL, 0, &own));
        R(give(d[0], "foreign", NULL, 0, &foreign));
        _exit(0);
    }
    reap("child", child);
    take("child's", d[1], 100, 512, 0);

    // Several messages with one call.
    struct iovec v[3];
    struct mmsghdr mm[3];
    memset(mm, 0, sizeof mm);
    char in[3][20];
    for (int i = 0; i < 3; i++) {
        v[i].iov_base = (void *) (i == 0 ? "one" : i == 1 ? "two!" : "three");
        v[i].iov_len = 3 + i;
        mm[i].msg_hdr.msg_iov = &v[i];
        mm[i].msg_hdr.msg_iovlen = 1;
    }
    R(sendmmsg(d[0], mm, 3, 0));
    printf("%d %d %d\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len);
    for (int i = 0; i < 3; i++) {
        v[i].iov_base = in[i];
        v[i].iov_len = 20;
    }
    R(recvmmsg(d[1], mm, 2, 0, NULL));
    R(recvmmsg(d[1], mm + 2, 1, MSG_WAITFORONE, NULL));
    printf("%.3s %.4s %.5s\n", in[0], in[1], in[2]);
}
