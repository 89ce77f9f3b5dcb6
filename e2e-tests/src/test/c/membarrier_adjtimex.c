// SPDX-License-Identifier: Apache-2.0
// membarrier(2), adjtimex(2), clock_adjtime(2): what a program without privileges gets, and errors.
#include "t.h"
#include <linux/membarrier.h>
#include <sys/timex.h>

int main() {
    long all = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    T((all & 31) == 31);
    R(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    R(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
    R(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    R(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
    R(syscall(SYS_membarrier, 1 << 20, 0, 0));
    R(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 77, 0));
    struct timex t;
    memset(&t, 0, sizeof t);
    int state = adjtimex(&t);
    T(state >= TIME_OK && state <= TIME_ERROR);
    struct timeval now;
    gettimeofday(&now, NULL);
    T(now.tv_sec - t.time.tv_sec <= 1);
    printf("precision %ld, tolerance %ld, tick %ld\n", (long) t.precision, (long) t.tolerance, (long) t.tick);
    R(clock_adjtime(CLOCK_MONOTONIC, &t));
    R(clock_adjtime(77, &t));
    if (setuid(1000) == 0) {
        memset(&t, 0, sizeof t);
        t.modes = ADJ_SETOFFSET;
        R(adjtimex(&t));
        t.modes = 0;
        T(adjtimex(&t) == state);
    }
}
