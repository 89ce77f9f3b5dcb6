// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import kmos.e2e.RecordedSession;
import kmos.e2e.SessionRun;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The WebAssembly build runs the standard scripted session to the JVM's state hash and output, bit for bit. */
@Tag("slow")
class WasmDeterminismTest {
    private static final String RUN = "({ threshold, recording }) => new Promise(resolve => {"
        + " const worker = new Worker('kmos-worker.js');"
        + " worker.onmessage = e => { if (e.data.type === 'self-test') resolve(e.data); };"
        + " worker.postMessage({ type: 'self-test', base: new URL('.', location.href).href, jitThreshold: threshold, recording }); })";
    /** Never compiled, as the page does, and nearly everything or (which takes a while) all of it. */
    private static final int[] THRESHOLDS = {0, 1500, 20}, THRESHOLDS_TO_ALWAYS = {0, 1500, 1};

    @Test
    void theWasmBuildGivesTheJvmsHash() throws IOException {
        SessionRun jvm = SessionRun.of(5_000_000);
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
            Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(180_000);
            page.navigate(server.url() + "kmos.css");
            for (int threshold : THRESHOLDS) {
                Map<?, ?> wasm = (Map<?, ?>) page.evaluate(RUN, arguments(threshold, null));
                assertNull(wasm.get("problem"));
                System.out.println("scripted session in the worker, compiled after " + threshold + " entries (0: never): " + wasm.get("instructions")
                    + " instructions in " + wasm.get("seconds") + " s, " + wasm.get("modules") + " modules");
                assertEquals(threshold > 0, ((Number) wasm.get("modules")).intValue() > 0, "code was compiled");
                assertEquals(jvm.output(), wasm.get("output"));
                assertEquals(Long.toHexString(jvm.hash()), wasm.get("hash"));
            }
        }
    }

    private static Map<String, Object> arguments(int threshold, String recording) {
        Map<String, Object> all = new HashMap<>();
        all.put("threshold", threshold);
        all.put("recording", recording);
        return all;
    }

    /** The hashes that the JVM recorded every 10 million cycles are compared in the worker. */
    @Test
    void aSessionRecordedOnTheJvmIsTheSameRunInThePage() throws IOException {
        RecordedSession session = RecordedSession.record(1, 10_000_000);
        String recording = Base64.getEncoder().encodeToString(session.recording().toBytes());
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
            Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(180_000);
            page.navigate(server.url() + "kmos.css");
            for (int threshold : THRESHOLDS_TO_ALWAYS) {
                Map<?, ?> wasm = (Map<?, ?>) page.evaluate(RUN, arguments(threshold, recording));
                assertNull(wasm.get("problem"));
                System.out.println("recorded session in the worker, compiled after " + threshold + " entries: " + wasm.get("hashes") + " hashes equal, " + wasm.get("seconds") + " s");
                assertTrue(((Number) wasm.get("hashes")).intValue() > 100);
                assertEquals(session.output(), wasm.get("output"));
            }
        }
    }
}
