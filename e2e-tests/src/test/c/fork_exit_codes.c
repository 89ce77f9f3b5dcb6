// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main() {
    int codes[] = {0, 1, 42, 127, 128, 255, 256, 257, -1};
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        pid_t p = fork();
        if (!p) _exit(codes[i]);
        reap("child", p);
    }
    return 256 + 7;
}
