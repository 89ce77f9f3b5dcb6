// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.util.Map;
import kmos.e2e.SessionRun;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The WebAssembly build runs the standard scripted session to the JVM's state hash and output, bit for bit. */
@Tag("slow")
class WasmDeterminismTest {
    private static final String RUN = "threshold => new Promise(resolve => {"
        + " const worker = new Worker('kmos-worker.js');"
        + " worker.onmessage = e => { if (e.data.type === 'self-test') resolve(e.data); };"
        + " worker.postMessage({ type: 'self-test', base: new URL('.', location.href).href, jitThreshold: threshold }); })";
    /** Never compiled, as the page does, and nearly everything. */
    private static final int[] THRESHOLDS = {0, 1500, 20};

    @Test
    void theWasmBuildGivesTheJvmsHash() throws IOException {
        SessionRun jvm = SessionRun.of(5_000_000);
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
            Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(180_000);
            page.navigate(server.url() + "kmos.css");
            for (int threshold : THRESHOLDS) {
                Map<?, ?> wasm = (Map<?, ?>) page.evaluate(RUN, threshold);
                assertNull(wasm.get("problem"));
                System.out.println("scripted session in the worker, compiled after " + threshold + " entries (0: never): " + wasm.get("instructions")
                    + " instructions in " + wasm.get("seconds") + " s, " + wasm.get("modules") + " modules");
                assertEquals(threshold > 0, ((Number) wasm.get("modules")).intValue() > 0, "code was compiled");
                assertEquals(jvm.output(), wasm.get("output"));
                assertEquals(Long.toHexString(jvm.hash()), wasm.get("hash"));
            }
        }
    }
}
