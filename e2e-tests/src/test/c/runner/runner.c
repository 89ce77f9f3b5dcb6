// SPDX-License-Identifier: Apache-2.0
// runner BINDIR WORKDIR TIMEOUT_SECONDS NAME...: runs each program alone in a fresh folder and session and prints
// "@@ NAME STATUS" and its output, each line behind a '|', bytes that are not printable as \xx.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char output[1 << 16];
static size_t length;

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void child(const char *bin, const char *dir, const char *name, int out) {
    char path[600];
    sigset_t none;
    sigemptyset(&none);
    for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    umask(022);
    int in = open("/dev/null", O_RDONLY);
    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    for (int f = 3; f < 256; f++) close(f);
    struct rlimit stack = {8 << 20, RLIM_INFINITY}, core = {0, 0}, files = {1024, 4096};
    setrlimit(RLIMIT_STACK, &stack);
    setrlimit(RLIMIT_CORE, &core);
    setrlimit(RLIMIT_NOFILE, &files);
    setgroups(0, NULL);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    mkdir(path, 0755);
    if (chdir(path)) _exit(126);
    snprintf(path, sizeof path, "%s/%s", bin, name);
    char *argv[] = {path, NULL};
    char bindir[600];
    snprintf(bindir, sizeof bindir, "BIN=%s", bin);
    char *env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/", "TZ=UTC0", bindir, NULL};
    execve(path, argv, env);
    _exit(127);
}

static void take(int from) {
    char b[4096];
    ssize_t n = read(from, b, sizeof b);
    for (ssize_t i = 0; i < n && length < sizeof output; i++) output[length++] = b[i];
}

static void print(const char *name, int status, int timed_out) {
    if (timed_out) printf("@@ %s timeout\n", name);
    else if (WIFEXITED(status)) printf("@@ %s exit %d\n", name, WEXITSTATUS(status));
    else printf("@@ %s signal %d\n", name, WTERMSIG(status));
    for (size_t i = 0; i < length;) {
        putchar('|');
        for (; i < length && output[i] != '\n'; i++) {
            unsigned char c = output[i];
            if (c < 32 || c > 126 || c == '\\') printf("\\%02x", c);
            else putchar(c);
        }
        i++;
        putchar('\n');
    }
    fflush(stdout);
}

static void run(const char *bin, const char *dir, const char *name, int seconds) {
    int p[2];
    length = 0;
    if (pipe2(p, O_CLOEXEC)) exit(2);
    pid_t pid = fork();
    if (pid == 0) child(bin, dir, name, p[1]);
    close(p[1]);
    long end = now_ms() + seconds * 1000L;
    int status = 0, done = 0, timed_out = 0, open_end = 1;
    while (!done) {
        struct pollfd f = {p[0], POLLIN, 0};
        long left = end - now_ms();
        if (left <= 0) {
            timed_out = 1;
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            break;
        }
        if (open_end && poll(&f, 1, left > 20 ? 20 : left) > 0) {
            if (f.revents & POLLIN) take(p[0]);
            else open_end = 0;
        } else if (!open_end) {
            struct timespec t = {0, 1000000};
            nanosleep(&t, NULL);
        }
        done = waitpid(pid, &status, WNOHANG) == pid;
    }
    kill(-pid, SIGKILL);
    for (;;) {
        struct pollfd f = {p[0], POLLIN, 0};
        if (poll(&f, 1, 0) <= 0 || !(f.revents & POLLIN)) break;
        take(p[0]);
    }
    close(p[0]);
    print(name, status, timed_out);
}

int main(int argc, char **argv) {
    mkdir(argv[2], 0755);
    for (int i = 4; i < argc; i++) run(argv[1], argv[2], argv[i], atoi(argv[3]));
    printf("@@ end\n");
    return 0;
}
