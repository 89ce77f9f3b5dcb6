// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One command instead of init: found along PATH, its output alone on the console, its wait status told. */
@Tag("slow")
class CommandModeTest {
    private static String run(String... command) throws IOException {
        SystemConfig config = Guest.config(64, command);
        config.kernel.isConsoleControlling = true;
        return Guest.outcome(config);
    }

    @Test
    void aCommandWithoutASlashIsFoundAlongPath_andOnlyItsOutputAppears() throws IOException {
        assertEquals("9.007199254741e+15\r\n[0]", run("lua5.4", "-e", "print(2^53)"));
    }

    @Test
    void theWaitStatusTellsExitAndSignal() throws IOException {
        assertEquals("[" + (7 << 8) + "]", run("sh", "-c", "exit 7"));
        assertEquals("[11]", run("/bin/sh", "-c", "kill -SEGV $$"));
    }
}
