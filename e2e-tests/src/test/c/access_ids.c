// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() { put("f", "x"); chmod("f", 0600); chmod(".", 0755); pid_t p = fork(); if (!p) { setresuid(1000, 0, 0); R(access("f", R_OK)); R(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS)); R(open("f", O_RDONLY) >= 0); _exit(0); } reap("real uid counts", p); p = fork(); if (!p) { seteuid(1000); R(access("f", R_OK)); R(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS)); R(open("f", O_RDONLY)); _exit(0); } reap("effective uid", p); R(access("f", X_OK)); chmod("f", 0100); R(access("f", X_OK)); R(access("f", R_OK)); R(eaccess("f", W_OK)); }
