// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import java.util.ArrayDeque;
import java.util.Deque;
import kmos.base.Memory;
import kmos.fs.block.BlockBuffers;

/** Buffers from the start of the test JVM's linear memory. */
public final class TestBuffers implements BlockBuffers {
    private final Deque<Integer> free = new ArrayDeque<>();
    private int next = Memory.START;
    private int left;

    public TestBuffers(int count) {
        left = count;
    }

    @Override
    public int allocate() {
        if (left == 0) {
            return 0;
        }
        left--;
        if (!free.isEmpty()) {
            return free.pop();
        }
        next += SIZE;
        return next - SIZE;
    }

    @Override
    public void free(int address) {
        left++;
        free.push(address);
    }
}
