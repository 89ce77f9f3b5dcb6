// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void a(void) { puts("a"); }
static void b(void) { puts("b"); atexit(a); }
static void oe(int s, void *p) { printf("on_exit %d %s\n", s, (char *) p); }
__attribute__((destructor)) static void last(void) { puts("destructor"); }
__attribute__((constructor)) static void first(void) { puts("constructor"); }
int main() {
    atexit(a); atexit(b); on_exit(oe, "arg");
    pid_t p = fork();
    if (!p) exit(3);
    reap("child", p);
    printf("no newline at the end");
    return 4;
}
