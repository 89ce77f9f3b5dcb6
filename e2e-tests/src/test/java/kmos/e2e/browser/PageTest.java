// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.util.List;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** The built page in one headless Chromium for a class, a new user for each test. Needs the static folder (./kmos build). */
abstract class PageTest {
    static StaticServer server;
    static Playwright playwright;
    static Browser browser;

    BrowserContext context;
    ConsolePage console;

    @BeforeAll
    static void launch() throws IOException {
        server = Chromium.serveSite();
        playwright = Chromium.playwright();
        browser = playwright.chromium().launch(Chromium.options());
    }

    @AfterAll
    static void quit() {
        if (playwright != null) {
            playwright.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void newUser() {
        context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1000, 640));
        console = new ConsolePage(context.newPage());
    }

    @AfterEach
    void forgetUser() {
        context.close();
        assertEquals(List.of(), console.problems(), "uncaught exceptions in the page");
    }
}
