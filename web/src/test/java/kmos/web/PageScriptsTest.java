// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the page's own unit tests (src/test/js) in Node, which npm brings along. */
@Tag("slow")
class PageScriptsTest {
    @Test
    void pageScripts_passTheirTests() throws IOException, InterruptedException {
        Process node = new ProcessBuilder("node", "--test", "src/test/js/disk.test.mjs").redirectErrorStream(true).start();
        String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, node.waitFor(), output);
    }
}
