// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.base.StateReader;
import kmos.base.StateTypes;
import kmos.base.StateWriter;
import kmos.kernel.KernelStateTypes;
import kmos.kernel.syscall.SyscallHarness;
import org.junit.jupiter.api.Test;

/** A kernel with files of every kind open, saved and loaded into a fresh one. */
class VfsStateTest {
    private static StateTypes types(SyscallHarness h) {
        StateTypes types = new StateTypes(h.kernel.machine().memory().linear(0));
        KernelStateTypes.register(types, h.kernel);
        return types;
    }

    @Test
    void savedAndLoaded_savesTheSameBytes_andGoesOn() {
        SyscallHarness first = new SyscallHarness(true);
        first.mount("proc", "/proc");
        first.mount("devtmpfs", "/dev");
        first.mount("devpts", "/dev/pts");
        first.write("/file", "contents");
        first.call("symlink", "file", "/link");
        first.call("open", "/file", 2, 0);
        first.call("pipe", first.space(8));
        first.call("write", 2, "in flight", 9);
        first.call("open", "/dev/ptmx", 2, 0);
        first.call("open", "/proc/self/stat", 0, 0);
        first.call("eventfd", 5);
        first.call("epoll_create1", 0);
        byte[] event = new byte[12];
        event[0] = 1;
        first.call("epoll_ctl", 6, 1, 1, first.put(event));
        first.call("flock", 0, 2);
        first.call("open", "/", 0200000, 0);
        byte[] saved = StateWriter.save(types(first), first.kernel);
        SyscallHarness second = new SyscallHarness(true);
        StateReader.load(types(second), second.kernel, saved);
        second.kernel.rebuild();
        assertArrayEquals(saved, StateWriter.save(types(second), second.kernel));
        second.task = second.kernel.pids().task(1);
        assertEquals("contents", second.readAll("/link"));
        long b = second.space(64);
        assertEquals(9, second.call("read", 1, b, 64));
        assertEquals("in flight", second.text(b, 9));
        first.close();
        second.close();
    }
}
