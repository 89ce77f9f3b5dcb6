// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands before a return point, and what only looks like a call. */
class ReturnPointTest {
    @ParameterizedTest
    @CsvSource({"e800100000, true", "ffd0, true", "ff5708, true", "ff542408, true", "ff9000010000, true", "ff1500010000, true", "ff94c800010000, true", "ff14c500010000, true",
        "ffe0, false", "eb80ff90, false", "90909090, false", "ff7508, false"})
    void callsEndThere(String before, boolean expected) {
        int page = (new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20).allocate(0x2000) + 0xFFF) & ~0xFFF;
        byte[] bytes = HexFormat.of().parseHex(before);
        Memory.write(page + 0x100 - bytes.length, bytes, 0, bytes.length);
        assertEquals(expected, ReturnPoint.isAt(page + 0x100));
    }
}
