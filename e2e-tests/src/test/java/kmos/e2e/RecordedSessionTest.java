// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session that others record and replay does what it should on every random host: its script waits for what it has to. */
@Tag("slow")
class RecordedSessionTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theSessionDoesWhatItShould(long seed) throws IOException {
        String output = RecordedSession.record(seed, 0).output();
        for (String text : new String[] {"Linux kmos", "hello from vi", "   4000    4000", "tick 3", "one", "last"}) {
            assertTrue(output.contains(text), text + " in " + output);
        }
    }
}
