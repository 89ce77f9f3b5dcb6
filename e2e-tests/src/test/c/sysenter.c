// SPDX-License-Identifier: Apache-2.0
// System calls of i386 through the vdso: six arguments, restart after a signal, sysenter from anywhere.
#include "t.h"
#include <pthread.h>
#include <sys/auxv.h>

#ifdef __i386__
static volatile int signals;

static void handler(int s) {
    signals++;
}

static long call(long nr, long a, long b, long c) {
    long r, entry = getauxval(AT_SYSINFO);
    asm volatile("call *%[entry]" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c), [entry] "m"(entry) : "memory");
    return r;
}

static void *cancelled(void *unused) {
    int fds[2];
    MUST(pipe(fds) == 0);
    char b;
    read(fds[0], &b, 1);
    return NULL;
}

static void cleanup(void *what) {
    printf("clean-up of %s\n", (char *) what);
}

static void *with_cleanup(void *unused) {
    pthread_cleanup_push(cleanup, "the thread");
    cancelled(NULL);
    pthread_cleanup_pop(0);
    return NULL;
}

static long elsewhere(void) {
    long r;
    asm volatile(
        "pushl %%ebp\n"
        "pushl $1f\n"          // what the landing pad's ret takes
        "pushl %%ecx\n"
        "pushl %%edx\n"
        "pushl %%ebp\n"
        "movl %%esp, %%ebp\n"
        "sysenter\n"
        "hlt\n"
        "1: popl %%ebp\n"
        : "=a"(r) : "a"(SYS_getppid) : "memory", "cc", "ecx", "edx");
    return r;
}

int main() {
    printf("getpid is right: %d\n", call(SYS_getpid, 0, 0, 0) == getpid());
    T(call(SYS_write, 1, (long) "written\n", 8) == 8);
    void *m = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    T(m != MAP_FAILED);
    put("file", "0123456789");
    int f = open("file", O_RDONLY);
    char *second = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, f, 0);
    T(!memcmp(second, "0123456789", 10));

    int fds[2];
    MUST(pipe(fds) == 0);
    on(SIGALRM, handler, SA_RESTART);
    struct itimerval soon = {{0, 0}, {0, 20000}};
    pid_t writer = fork();
    if (writer == 0) {
        pause_ms(100);
        write(fds[1], "x", 1);
        _exit(0);
    }
    setitimer(ITIMER_REAL, &soon, NULL);
    char b;
    printf("restarted read: %ld, signals %d\n", call(SYS_read, fds[0], (long) &b, 1), signals);
    reap("writer", writer);
    on(SIGALRM, handler, 0);
    setitimer(ITIMER_REAL, &soon, NULL);
    printf("interrupted read: %ld, signals %d\n", call(SYS_read, fds[0], (long) &b, 1), signals);

    pthread_t t;
    MUST(pthread_create(&t, NULL, with_cleanup, NULL) == 0);
    pause_ms(20);
    pthread_cancel(t);
    void *result;
    pthread_join(t, &result);
    T(result == PTHREAD_CANCELED);

    // From elsewhere the program goes on at the landing pad, with the stack from EBP; some processors have no sysenter.
    pid_t p = fork();
    int status;
    if (p == 0) _exit(elsewhere() == getppid() ? 33 : 1);
    waitpid(p, &status, 0);
    T(WIFEXITED(status) && WEXITSTATUS(status) == 33 || WIFSIGNALED(status) && WTERMSIG(status) == SIGILL);
    p = fork();
    if (p == 0) {
        asm volatile("movl $8, %%ebp\n sysenter" :: "a"(SYS_getpid));
        _exit(0);
    }
    waitpid(p, &status, 0);
    T(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGILL));
}
#else
int main() {
    puts("only for i386");
}
#endif
