// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Root forks without end in 64 MiB: processes are killed so that memory is free again, also those that had not run yet. */
@Tag("soak")
class ForkBombTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));

    @Test
    void aForkBombOfRootLeavesTheOthersRunning() throws IOException {
        SystemConfig config = Guest.config(64, "/bin/bash", "-c", "echo -1000 > /proc/$$/oom_score_adj; (echo 0 > /proc/$BASHPID/oom_score_adj; :(){ :|:& };:); "
            + "for i in {1..20}; do set -- /proc/[0-9]*; echo $#; done; echo alive");
        String text = assertTimeoutPreemptively(Duration.ofMinutes(10), () -> Guest.run(IMAGE, config, 10_000_000_000L));
        assertTrue(text.contains("alive") && !text.contains("!!"), text);
        int most = text.lines().filter(line -> line.strip().matches("\\d+")).mapToInt(line -> Integer.parseInt(line.strip())).max().orElse(0);
        assertTrue(most > 100, "processes seen: " + most);
    }
}
