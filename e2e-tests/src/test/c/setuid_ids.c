// SPDX-License-Identifier: Apache-2.0
#include "t.h"
static void ids(void) { uid_t r, e, s; gid_t a, b, c; getresuid(&r, &e, &s); getresgid(&a, &b, &c); printf("%d %d %d  %d %d %d\n", r, e, s, a, b, c); }
static void run(void (*f)(void)) { pid_t p = fork(); if (!p) { f(); _exit(0); } reap("", p); }
static void a(void) { R(setresgid(10, 20, 30)); R(setresuid(1, 2, 3)); ids(); R(seteuid(1)); ids(); R(seteuid(5)); R(setreuid(3, 1)); ids(); R(setuid(0)); R(setuid(3)); ids(); R(setresuid(-1, -1, -1)); R(setegid(30)); R(setregid(30, 10)); ids(); }
static void b(void) { R(seteuid(100)); ids(); R(open("/root/x", O_RDONLY)); R(seteuid(0)); ids(); R(setuid(100)); ids(); R(seteuid(0)); }
static void c(void) { gid_t g[5] = {1, 2, 3}, o[5]; R(setgroups(3, g)); R(getgroups(5, o)); R(getgroups(0, NULL)); R(getgroups(1, o)); R(setfsuid(50)); R(setfsuid(-1)); R(setfsuid(0)); R(setreuid(5, 6)); ids(); R(setgroups(0, NULL)); R(setreuid(6, 5)); ids(); }
static void d(void) { R(prctl(PR_SET_KEEPCAPS, 1)); R(setuid(9)); R(prctl(PR_GET_KEEPCAPS)); ids(); struct stat s; put("/dev/null", ""); R(open("f", O_CREAT, 0600)); }
#include <sys/fsuid.h>
#include <grp.h>
int main() { chmod(".", 0777); ids(); run(a); run(b); run(c); run(d); }
