// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryTest {
    @Test
    void accessesAreLittleEndianAndMayBeUnaligned() {
        int a = Memory.START + 5;
        Memory.put64(a, 0x8877665544332211L);
        assertEquals(0x11, Memory.get8(a));
        assertEquals(0x3322, Memory.get16(a + 1));
        assertEquals(0x88776655, Memory.get32(a + 4));
        assertEquals(0x88776655L, Memory.getUnsigned32(a + 4));
        assertEquals(-0x78, Memory.getSigned8(a + 7));
        assertEquals((short) 0x8877, Memory.getSigned16(a + 6));
    }

    @Test
    void copyMovesOverlappingRangesAsMemmove() {
        int a = Memory.START + 4096;
        for (int i = 0; i < 100; i++) {
            Memory.put8(a + i, i);
        }
        Memory.copy(a, a + 3, 90);
        for (int i = 0; i < 90; i++) {
            assertEquals(i, Memory.get8(a + 3 + i));
        }
    }

    @Test
    void theArenaGivesZeroedDisjointRanges_andTakesThemBack() {
        MemoryArena arena = new MemoryArena(Memory.START + (1 << 20));
        int a = arena.allocate(5000), b = arena.allocate(4096);
        assertTrue(b >= a + 8192 || a >= b + 4096);
        Memory.put32(a, 7);
        arena.free(a);
        assertEquals(a, arena.allocate(8192));
        assertEquals(0, Memory.get32(a));
        assertThrows(IllegalStateException.class, () -> arena.allocate(1 << 20));
    }

    @Test
    void hashesSeeEveryByteAndTheLength() {
        byte[] x = new byte[37];
        long h = Hash64.of(x);
        for (int i = 0; i < x.length; i++) {
            x[i] = 1;
            assertNotEquals(h, Hash64.of(x));
            x[i] = 0;
        }
        assertNotEquals(h, Hash64.of(new byte[38]));
    }
}
