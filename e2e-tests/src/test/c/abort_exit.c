// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void h(int s) { puts("handler"); }
int main() { pid_t p = fork(); if (!p) abort(); reap("abort", p); p = fork(); if (!p) { on(SIGABRT, h, 0); abort(); } reap("abort handled", p); p = fork(); if (!p) { signal(SIGABRT, SIG_IGN); abort(); } reap("abort ignored", p); p = fork(); if (!p) { atexit((void (*)(void)) abort); quick_exit(5); } reap("quick_exit", p); p = fork(); if (!p) return 9; reap("return", p); p = fork(); if (!p) { fclose(stdout); _Exit(258); } reap("_Exit", p); return 0; }
