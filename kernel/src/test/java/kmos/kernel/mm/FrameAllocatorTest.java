// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import kmos.base.Memory;
import kmos.base.StateFormatException;
import kmos.base.StateReader;
import kmos.base.StateTypes;
import kmos.base.StateWriter;
import kmos.base.Stateful;
import kmos.machine.PhysicalMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameAllocatorTest {
    private final PhysicalMemory memory = new PhysicalMemory(8 << 20, 1 << 20, 16 << 20);
    private final FrameAllocator frames = new FrameAllocator(memory, 0x10000);

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
    void aFreeFrameIsZero_whateverWasWrittenToIt() {
        int f = frames.allocate();
        memory.fill(f, PhysicalMemory.FRAME_SIZE, 0x5A);
        frames.retain(f);
        frames.release(f);
        assertEquals(0x5A, memory.read8(f + 4095));
        frames.release(f);
        assertTrue(Memory.isZero(memory.linear(f), PhysicalMemory.FRAME_SIZE));
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

    @Test
    void whatIsInUseIsSavedAndLoaded() {
        for (int i = 0; i < 5; i++) {
            frames.allocate();
        }
        frames.release(0x12000);
        frames.retain(0x13000);
        int far = frames.allocateInFreeBlock(3);
        FrameAllocator other = new FrameAllocator(memory, 0x10000);
        load(other, saved(frames));
        assertEquals(frames.freeFrames(), other.freeFrames());
        assertEquals(2, other.references(0x13000));
        assertEquals(1, other.references(far));
        assertEquals(0x12000, other.allocate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1,1,1", "0,0", "0,5,1", "2047,2,1,1", "7", "0,2147483647,1", "2147483647,1,1"})
    void framesThatCannotBeAreRefused(String words) {
        int[] numbers = Arrays.stream(words.split(",")).mapToInt(Integer::parseInt).toArray();
        byte[] state = saved(fields -> fields.ints("references", numbers));
        assertThrows(StateFormatException.class, () -> load(frames, state));
    }

    private static byte[] saved(Stateful root) {
        return StateWriter.save(new StateTypes(0).fixed(root), root);
    }

    private static void load(FrameAllocator to, byte[] saved) {
        StateReader.load(new StateTypes(0).fixed(to), to, saved);
    }
}
