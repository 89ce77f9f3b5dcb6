// SPDX-License-Identifier: Apache-2.0
// A million trivial system calls, and as many loop rounds without one, timed by the guest's instruction clock outside.
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 1000000; i++) {
        syscall(SYS_getppid);
    }
    return 0;
}
