// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is refused, and with which words. */
class StateFileTest {
    private static final byte[] BODY = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    private static final byte[] FILE = StateFile.wrap(BODY, "abc");

    private static String refusal(byte[] file) {
        return assertThrows(StateFormatException.class, () -> StateFile.unwrap(file, "abc")).getMessage();
    }

    @Test
    void sameBuild_isRead() {
        assertArrayEquals(BODY, StateFile.unwrap(FILE, "abc"));
    }

    @Test
    void otherBuild_isNamed() {
        String message = assertThrows(StateFormatException.class, () -> StateFile.unwrap(FILE, "xyz")).getMessage();
        assertTrue(message.contains("build abc") && message.contains("build xyz"), message);
    }

    @Test
    void otherVersion_isNamed() {
        byte[] file = FILE.clone();
        file[8] = 9;
        assertEquals("the saved state has format version 9, this kmOS reads version 1", refusal(file));
    }

    @Test
    void everyTruncation_isRefused() {
        for (int length = 0; length < FILE.length; length++) {
            String message = refusal(Arrays.copyOf(FILE, length));
            assertTrue(message.contains(length < 8 ? "not a saved" : "truncated"), length + ": " + message);
        }
        assertTrue(refusal(Arrays.copyOf(FILE, FILE.length - 1)).contains("9 of 10 bytes"));
    }

    @Test
    void everyDamagedByte_isRefused() {
        for (int at = 0; at < FILE.length; at++) {
            byte[] file = FILE.clone();
            file[at] ^= 0x10;
            refusal(file);
        }
        assertTrue(refusal(Arrays.copyOf(FILE, FILE.length + 2)).contains("2 bytes too many"));
    }
}
