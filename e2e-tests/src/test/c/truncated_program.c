// SPDX-License-Identifier: Apache-2.0
// Programs cut off behind their headers, and with absurd headers: how exec fails or the program dies.
#include "t.h"

static char image[4 << 20];
static ssize_t size;

static void try(const char *what, ssize_t length) {
    int f = open("cut", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    MUST(f >= 0);
    MUST(write(f, image, length) == length);
    close(f);
    pid_t p = fork();
    if (p == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execl("./cut", "cut", "again", NULL);
        _exit(100 + (errno == ENOEXEC) + 2 * (errno == EINVAL) + 4 * (errno == ENOMEM) + 8 * (errno == EIO));
    }
    reap(what, p);
}

int main(int argc, char **argv) {
    if (argc > 1) return 7;
    int f = open("/proc/self/exe", O_RDONLY);
    size = read(f, image, sizeof image);
    MUST(size > 8192);
    try("whole", size);
    try("no header", 10);
    try("half of a header", 40);
    try("header alone", 64);
    try("headers and little more", 1024);
    try("a page", 4096);
    try("a page and a byte", 4097);
    // The ELF header's numbers: count of program headers, their size, the machine, the entry.
    int is64 = image[4] == 2, phnum = is64 ? 56 : 44, phsize = is64 ? 54 : 42;
    char old = image[phnum];
    image[phnum] = 0;
    try("no program headers", size);
    image[phnum + 1] = 0x7f;
    try("too many program headers", size);
    image[phnum] = old;
    image[phnum + 1] = 0;
    image[phsize]++;
    try("odd size of program headers", size);
    image[phsize]--;
    image[18] = 99;
    try("another machine", size);
    image[18] = is64 ? 62 : 3;
    image[16] = 4;
    try("a core file", size);
    return 0;
}
