// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page's WebAssembly build gives a real processor's results, bit for bit, as the JVM does. */
class WasmVectorsTest {
    private static Path folder() {
        String given = System.getProperty("kmos.vectors");
        return given != null ? Path.of(given) : Path.of("").toAbsolutePath().getParent().resolveSibling("shared").resolve("cpuref");
    }

    private static void replay(int sample, int atLeast, boolean isJit) throws IOException {
        Path folder = folder();
        Assumptions.assumeTrue(Files.isDirectory(folder), "no vectors at " + folder + ": give -Dkmos.vectors");
        int run = 0;
        List<String> wrong = new ArrayList<>();
        for (BrowserVectors.Report r : BrowserVectors.replay(folder, "", sample, isJit)) {
            run += r.run();
            assertEquals(r.run(), r.passed() + r.failed() + r.notImplemented(), r.file());
            if (r.passed() != r.run()) {
                wrong.add(r.file() + ": " + r.failed() + " failed, " + r.notImplemented() + " not implemented " + r.failures());
            }
        }
        System.out.println("vectors in the worker" + (isJit ? ", compiled" : "") + ": " + run);
        assertTrue(run >= atLeast, "only " + run + " vectors were found");
        assertEquals(List.of(), wrong);
    }

    @Test
    @Tag("slow")
    void aSampleOfTheVectorsPasses() throws IOException {
        replay(7, 20_000, false);
    }

    /** Every form: the first of its vectors compiles it. */
    @Test
    @Tag("slow")
    void aSampleOfTheVectorsPassesInCompiledCode() throws IOException {
        replay(7, 20_000, true);
    }

    @Test
    @Tag("soak")
    void allVectorsPassInCompiledCode() throws IOException {
        replay(1, 100_000, true);
    }

    @Test
    @Tag("soak")
    void allVectorsPass() throws IOException {
        replay(1, 100_000, false);
    }
}
