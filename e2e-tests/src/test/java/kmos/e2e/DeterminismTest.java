// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same scripted session gives the same state hash and output, however it is cut into slices. */
@Tag("slow")
class DeterminismTest {
    @Test
    void theSameSessionGivesTheSameHash_whateverTheSlices() throws IOException {
        SessionRun first = SessionRun.of(10_000_000);
        assertTrue(first.output().contains("background") && first.output().contains("Linux kmos"), first.output());
        assertEquals(first, SessionRun.of(10_000_000));
        assertEquals(first, SessionRun.of(777_777));
        assertEquals(first, SessionRun.of(123_457));
    }

    @Test
    void compiledCodeGivesTheInterpretersHash() throws IOException {
        assertEquals(SessionRun.of(10_000_000), SessionRun.of(777_777, 300));
    }
}
