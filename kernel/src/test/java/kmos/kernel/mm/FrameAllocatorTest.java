// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import kmos.machine.PhysicalMemory;
import org.junit.jupiter.api.Test;

class FrameAllocatorTest {
    private final FrameAllocator frames = new FrameAllocator(new PhysicalMemory(8 << 20, 1 << 20, 16 << 20), 0x10000);

    @Test
    void givesTheLowestFreeFrame_andNeverTheReservedOnes() {
        assertEquals(0x10000, frames.allocate());
        assertEquals(0x11000, frames.allocate());
        assertEquals(0x12000, frames.allocate());
        frames.release(0x11000);
        assertEquals(0x11000, frames.allocate());
    }

    @Test
    void frameIsFreeOnlyWhenAllReferencesAreGone() {
        int f = frames.allocate();
        frames.retain(f);
        frames.release(f);
        assertEquals(1, frames.references(f));
        int free = frames.freeFrames();
        frames.release(f);
        assertEquals(free + 1, frames.freeFrames());
    }

    @Test
    void fullMemory_asksTheReclaimerAndThenGivesMinusOne() {
        int[] asked = new int[1];
        while (frames.freeFrames() > 0) {
            frames.allocate();
        }
        frames.setReclaimer(count -> {
            asked[0]++;
            return 0;
        });
        assertEquals(-1, frames.allocate());
        assertEquals(1, asked[0]);
    }

    @Test
    void releasingAFreeFrame_stopsTheMachine() {
        assertThrows(AssertionError.class, () -> frames.release(0x20000));
    }
}
