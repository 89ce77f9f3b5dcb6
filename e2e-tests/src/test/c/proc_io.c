// SPDX-License-Identifier: Apache-2.0
// /proc/self/io and /proc/self/status count what the program really did.
#include "t.h"

static long value(const char *file, const char *name) {
    static char text[8192];
    int fd = open(file, O_RDONLY);
    MUST(fd >= 0);
    ssize_t n = read(fd, text, sizeof text - 1);
    MUST(n > 0);
    text[n] = 0;
    close(fd);
    char *at = strstr(text, name);
    MUST(at != NULL);
    return atol(at + strlen(name));
}

static long io(const char *name) {
    return value("/proc/self/io", name);
}

int main() {
    size_t size = 1 << 20;
    char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int file = open("big", O_RDWR | O_CREAT, 0600);
    MUST(file >= 0);

    long chars = io("wchar: "), calls = io("syscw: ");
    MUST(write(file, bytes, size) == (ssize_t) size);
    printf("wchar grew by %ld, syscw by %ld\n", io("wchar: ") - chars, io("syscw: ") - calls);

    // Reading the file of counters is itself counted: only the difference to an empty pair is.
    long a = io("rchar: "), b = io("rchar: ");
    MUST(pread(file, bytes, 100000, 5) == 100000);
    long c = io("rchar: ");
    long extra = (c - b) - (b - a);
    T(extra >= 99990 && extra <= 100010);

    calls = io("syscw: ");
    R(write(file, (void *) 8, 10));
    R(write(999, bytes, 10));
    printf("failed writes: syscw grew by %ld\n", io("syscw: ") - calls);

    long before = io("wchar: ");
    pid_t child = fork();
    if (child == 0) {
        pwrite(file, bytes, 1000, 0);
        _exit(0);
    }
    reap("child", child);
    printf("a reaped child's writes: %ld\n", io("wchar: ") - before);

    long peak = value("/proc/self/status", "VmPeak:");
    char *large = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 1000; i++) large[i * 4096] = 1;
    long anon = value("/proc/self/status", "RssAnon:");
    munmap(large, 64 << 20);
    T(value("/proc/self/status", "VmPeak:") >= peak + 60000);
    T(value("/proc/self/status", "VmPeak:") - value("/proc/self/status", "VmSize:") >= 60000);
    T(value("/proc/self/status", "VmHWM:") - value("/proc/self/status", "VmRSS:") >= 3600);
    T(anon - value("/proc/self/status", "RssAnon:") >= 3600);

    T(value("/proc/self/oom_score_adj", "") == 0);
    put("/proc/self/oom_score_adj", "300");
    show("/proc/self/oom_score_adj");
    child = fork();
    if (child == 0) {
        show("/proc/self/oom_score_adj");
        int adj = open("/proc/self/oom_score_adj", O_WRONLY);
        R(write(adj, "1001", 4));
        R(write(adj, "x", 1));
        R(write(adj, "400", 3));
        _exit(0);
    }
    reap("child", child);
}
