// SPDX-License-Identifier: Apache-2.0
// What DebuggerTest looks at with gdb.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int watched;
volatile long counters[4];
static char text[16] = "before";

__attribute__((noinline)) static int square(int x) {
    int y = x * x;
    return y;
}

__attribute__((noinline)) static void registers(void) {
    static const unsigned char pattern[32] __attribute__((aligned(32))) = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vmovdqa %0, %%ymm0\n vmovdqa %%ymm0, %%ymm7" : : "m"(pattern) : "xmm0", "xmm7");
    } else {
        __asm__ volatile("movdqa %0, %%xmm0\n movdqa %%xmm0, %%xmm7" : : "m"(pattern) : "xmm0", "xmm7");
    }
    __asm__ volatile("fninit\n fld1\n fldpi\n mov $0x1234, %%ebx\n xor %%eax, %%eax\n .globl loaded\n loaded: nop\n nop\n fstp %%st(0)\n fstp %%st(0)" : : : "eax", "ebx");
}

static void handler(int signal) {
    watched += signal;
}

static void *worker(void *argument) {
    counters[3] += (long) argument;
    return NULL;
}

int main(int argc, char **argv) {
    signal(SIGUSR1, handler);
    int sum = 0;
    for (int i = 1; i <= 3; i++) {
        sum += square(i);
        watched = sum;
    }
    if (argc == 4) {
        for (long i = 1; i <= 2; i++) {
            pthread_t thread;
            pthread_create(&thread, NULL, worker, (void *) i);
            pthread_join(thread, NULL);
        }
    }
    registers();
    strcpy(text, "after");
    counters[1] = 5;
    counters[2] = counters[1] + 1;
    raise(SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        _exit(sum);
    }
    waitpid(child, NULL, 0);
    printf("sum %d watched %d counters %ld text %s, %d arguments\n", sum, watched, counters[2], text, argc - 1);
    return sum - 7;
}
