// SPDX-License-Identifier: Apache-2.0
#include "t.h"
int main(int argc, char **argv) {
    printf("hello %d %zu\n", argc, sizeof(long));
    R(open("nowhere", O_RDONLY));
    return 3;
}
