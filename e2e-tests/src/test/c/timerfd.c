// SPDX-License-Identifier: Apache-2.0
// timerfd: expirations as numbers to read, one-shot and periodic, absolute, non-blocking, polled; errors.
#include "t.h"
#include <sys/timerfd.h>

static struct itimerspec in_ms(long first, long every) {
    struct itimerspec t = {{every / 1000, every % 1000 * 1000000}, {first / 1000, first % 1000 * 1000000}};
    return t;
}

int main() {
    uint64_t n = 0;
    int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    T(t >= 0);
    printf("cloexec %d\n", fcntl(t, F_GETFD));
    R(read(t, &n, 8));
    struct itimerspec once = in_ms(20, 0), old, now;
    R(timerfd_settime(t, 0, &once, &old));
    printf("old %ld %ld\n", (long) old.it_value.tv_sec, (long) old.it_value.tv_nsec);
    R(timerfd_gettime(t, &now));
    T(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 20000000);
    struct pollfd p = {t, POLLIN | POLLOUT, 0};
    R(poll(&p, 1, 0));
    R(poll(&p, 1, 1000));
    printf("%x\n", p.revents);
    R(read(t, &n, 4));
    R(read(t, &n, 8));
    printf("expired %d\n", (int) n);
    R(read(t, &n, 8));
    R(timerfd_gettime(t, &now));
    printf("left %ld, every %ld\n", (long) now.it_value.tv_nsec, (long) now.it_interval.tv_nsec);

    fcntl(t, F_SETFL, 0);
    struct itimerspec periodic = in_ms(10, 10);
    R(timerfd_settime(t, 0, &periodic, NULL));
    pause_ms(55);
    R(read(t, &n, 8));
    T(n >= 5 && n <= 30);
    R(read(t, &n, 8));
    T(n >= 1);
    struct itimerspec off = in_ms(0, 0);
    R(timerfd_settime(t, 0, &off, &old));
    printf("interval was %ld\n", (long) old.it_interval.tv_nsec);

    int r = timerfd_create(CLOCK_REALTIME, 0);
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    struct itimerspec then = {{0, 0}, at};
    then.it_value.tv_nsec += 10000000;
    if (then.it_value.tv_nsec >= 1000000000) {
        then.it_value.tv_sec++;
        then.it_value.tv_nsec -= 1000000000;
    }
    R(timerfd_settime(r, TFD_TIMER_ABSTIME, &then, NULL));
    R(read(r, &n, 8));
    printf("expired %d\n", (int) n);
    then.it_value.tv_sec = 1;
    R(timerfd_settime(r, TFD_TIMER_ABSTIME, &then, NULL));
    R(read(r, &n, 8));

    R(timerfd_create(77, 0));
    R(timerfd_create(CLOCK_MONOTONIC, 1));
    R(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    R(timerfd_settime(t, 4, &once, NULL));
    R(timerfd_settime(99, 0, &once, NULL));
    R(timerfd_settime(0, 0, &once, NULL));
    once.it_value.tv_nsec = 1000000000;
    R(timerfd_settime(t, 0, &once, NULL));
    R(timerfd_settime(99, 0, (void *) 8, NULL));
    R(timerfd_gettime(99, &now));
    R(timerfd_gettime(0, &now));
    R(write(t, &n, 8));
    R(lseek(t, 0, SEEK_SET));
    int e = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {0}};
    R(epoll_ctl(e, EPOLL_CTL_ADD, t, &ev));
    once = in_ms(10, 0);
    R(timerfd_settime(t, 0, &once, NULL));
    R(epoll_wait(e, &ev, 1, 1000));
}
