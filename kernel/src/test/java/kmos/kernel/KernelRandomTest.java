// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** Where programs lie is drawn once, and anew when the machine becomes one of its own. */
class KernelRandomTest {
    @Test
    void theImageWordStaysUntilEntropyComesIn() {
        KernelRandom random = new KernelRandom(7);
        long image = random.image();
        random.next64();
        assertEquals(image, random.image());
        random.mix(1);
        assertNotEquals(image, random.image());
    }

    @Test
    void equalSeedsGiveEqualImages() {
        assertEquals(new KernelRandom(7).image(), new KernelRandom(7).image());
        assertNotEquals(new KernelRandom(7).image(), new KernelRandom(8).image());
    }
}
