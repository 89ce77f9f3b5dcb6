// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.base.Waiter;
import kmos.kernel.abi.Poll;

/** One file in an epoll instance: stays on the file's wait queue while it is watched. */
public final class EpollItem implements Waiter {
    private static final int PRIVATE_BITS = Poll.EPOLLET | Poll.EPOLLONESHOT | Poll.EPOLLWAKEUP | Poll.EPOLLEXCLUSIVE;

    private EpollFile epoll;
    private int fd;
    private FileDescription file;
    private int events;
    private long data;
    /** Derived: the queue it is on tells it after a load. A signalfd's is that of the process that asked. */
    private WaitQueue watched;

    /** For loading a saved state. */
    public EpollItem() { }

    EpollItem(EpollFile epoll, int fd, FileDescription file, int events, long data) {
        this.epoll = epoll;
        this.fd = fd;
        this.file = file;
        change(events, data);
    }

    void change(int newEvents, long newData) {
        events = newEvents | Poll.POLLERR | Poll.POLLHUP;
        data = newData;
    }

    /** EPOLLONESHOT has fired: nothing is reported until epoll_ctl changes the item. */
    void disable() {
        events &= PRIVATE_BITS;
    }

    boolean isEnabled() {
        return (events & ~PRIVATE_BITS) != 0;
    }

    int readyEvents() {
        return isEnabled() ? file.poll() & events & ~PRIVATE_BITS : 0;
    }

    void watch() {
        watched = file.waitQueue();
        watched.add(this);
        file.addWatcher(this);
    }

    void unwatch() {
        watched.remove(this);
        file.removeWatcher(this);
    }

    void fileClosed() {
        epoll.remove(this);
    }

    int fd() {
        return fd;
    }

    FileDescription file() {
        return file;
    }

    int events() {
        return events;
    }

    long data() {
        return data;
    }

    @Override
    public void restoredOn(WaitQueue queue) {
        watched = queue;
    }

    @Override
    public void woken(WaitQueue queue) {
        epoll.mayBeReady(this);
    }

    @Override
    public void state(StateFields s) {
        epoll = s.ref("epoll", epoll, EpollFile.class);
        fd = s.i32("fd", fd);
        file = s.ref("file", file, FileDescription.class);
        events = s.i32("events", events);
        data = s.i64("data", data);
    }
}
