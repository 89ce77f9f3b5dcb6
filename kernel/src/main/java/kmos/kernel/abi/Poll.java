// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** <poll.h> and <sys/epoll.h>; EPOLLIN and so on have the values of POLLIN and so on. */
public final class Poll {
    private Poll() { }

    public static final int POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 0x10, POLLNVAL = 0x20;
    public static final int POLLRDNORM = 0x40, POLLRDBAND = 0x80, POLLWRNORM = 0x100, POLLWRBAND = 0x200, POLLRDHUP = 0x2000;
    public static final int EPOLLEXCLUSIVE = 1 << 28, EPOLLWAKEUP = 1 << 29, EPOLLONESHOT = 1 << 30, EPOLLET = 1 << 31;
    public static final int EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
    /** What a readable and a writable file answer. */
    public static final int READABLE = POLLIN | POLLRDNORM, WRITABLE = POLLOUT | POLLWRNORM;
}
