// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every class with soak tests is in a part of {@code ./kmos soak}, which does nothing while one is missing. */
class SoakPartsTest {
    @Test
    void everySoakTestIsInAPart() throws IOException {
        String parts = Tool.run(Path.of("").toAbsolutePath().getParent(), List.of("bash", "kmos", "soak", "--list"));
        assertTrue(parts.contains("fuzz-cpu emulator-core FuzzCpuTest\n"), parts);
    }
}
