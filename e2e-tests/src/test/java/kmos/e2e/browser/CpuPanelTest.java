// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The processor panel, as a user has it. */
@Tag("slow")
class CpuPanelTest extends PageTest {
    private static final String LOOP = "lua5.4 -e 'local t = {} for i = 1, 100 do t[i] = i end local s = 0 for k = 1, 1e9 do s = s + t[k % 100 + 1] end'";

    private Page page() {
        return console.page();
    }

    private double figure(String name) {
        return ((Number) console.status("cpu." + name)).doubleValue();
    }

    private double shareNow() {
        Matcher m = Pattern.compile("([0-9.]+) %").matcher(page().locator("#cpu-share-now").innerText());
        return m.matches() ? Double.parseDouble(m.group(1)) : 0;
    }

    private void awaitShare(double atLeast) {
        page().waitForFunction("least => parseFloat(document.getElementById('cpu-share-now').textContent) >= least", atLeast);
    }

    @Test
    void aHotLoopIsCompiled_andSeenInThePanel() {
        console.open(server.url()).awaitPrompt();
        assertTrue(page().isHidden("#cpu"));
        page().focus("#cpu-toggle");
        page().keyboard().press("Enter");
        assertTrue(page().isVisible("#cpu"));
        assertEquals("true", page().getAttribute("#cpu-toggle", "aria-expanded"));
        double regions = figure("regionsMade"), instructions = figure("instructions"), compiled = figure("compiled");
        assertTrue(compiled <= instructions);

        console.type(LOOP + "\n");
        awaitShare(50);
        assertTrue(figure("regionsMade") > regions, "regions before " + regions + ", now " + figure("regionsMade"));
        // How long the interpreter had it first is the host's business.
        page().waitForCondition(() -> (figure("compiled") - compiled) / (figure("instructions") - instructions) > 0.5);
        assertTrue(figure("compiled") <= figure("instructions"));
        assertTrue(figure("codeBytes") > 1000 && figure("compilerMs") > 0 && figure("engineMs") > 0 && figure("entries") > 0);
        assertTrue(page().locator("#cpu-regions").innerText().matches("[0-9.]+( k)? \\([0-9.]+( k)? made.*\\)"), page().locator("#cpu-regions").innerText());
        assertTrue(page().locator("#cpu-code").innerText().contains("of WebAssembly"));
        // What was compiled while the machine waited is of no slice; the loop does not wait.
        page().waitForCondition(() -> figure("longestMs") > 0);
        assertTrue(figure("longestMs") > 0 && figure("longestMs") <= figure("compilerMs") + figure("engineMs") + 1, "longest " + figure("longestMs"));
        assertTrue(page().locator("#cpu-time").innerText().matches(".* here, .* in the browser's engine, at most .* at a time"), page().locator("#cpu-time").innerText());

        page().waitForFunction("() => document.querySelector('#cpu-process option')?.textContent.startsWith('lua5.4 (')");
        page().waitForFunction("() => parseFloat(document.querySelector('#cpu-functions td')?.textContent) > 5");
        String function = page().locator("#cpu-functions td button").first().innerText();
        assertTrue(page().locator("#cpu-functions tr").first().innerText().contains("/usr/bin/lua5.4"), page().locator("#cpu-functions").innerText());
        console.screenshot("cpu-panel");

        page().locator("#cpu-functions td button").first().focus();
        page().keyboard().press("Enter");
        page().waitForSelector("#cpu-columns", new Page.WaitForSelectorOptions().setTimeout(20_000));
        assertEquals("Region of " + function, page().locator("#cpu-region-title").innerText());
        assertTrue(page().locator("#cpu-x86").innerText().contains("mov "), page().locator("#cpu-x86").innerText());
        assertTrue(page().locator("#cpu-x86 mark").count() > 0, "no instruction of the region has samples");
        // Whichever region of the loop is first: one that starts at an instruction, or the one around Lua's jump table.
        assertTrue(page().locator("#cpu-ir").innerText().matches("(?s)B0 (0x|dispatch).*"), page().locator("#cpu-ir").innerText());
        assertTrue(page().locator("#cpu-wasm").innerText().contains("local.tee $budget"), "locals have names");
        page().setViewportSize(1280, 900);
        page().waitForTimeout(500);
        console.screenshot("cpu-region");
        page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        page().setViewportSize(420, 760);
        page().waitForTimeout(500);
        console.screenshot("cpu-panel-narrow-dark");
        assertEquals(420, page().evaluate("document.documentElement.scrollWidth"), "the page is wider than its window");
        page().setViewportSize(1000, 640);

        page().focus("#cpu-process");
        page().keyboard().press("Escape");
        assertTrue(page().isHidden("#cpu"));
        assertEquals("cpu-toggle", page().evaluate("document.activeElement.id"));
        console.press("Control+c");
        console.awaitPrompt();
        assertEquals("3", console.run("echo $((1 + 2))"));
    }

    @Test
    void noSliceIsHeldUpByCompiling() {
        // The page's clock goes on while others have the processor: with more of them than processors it says nothing about us.
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        assumeTrue(load < Runtime.getRuntime().availableProcessors(), "load average " + load);
        console.open(server.url()).awaitPrompt();
        console.run("ls -lR /usr/lib | sort | md5sum");
        console.run("lua5.4 -e 'local t = {} for i = 1, 1e5 do t[i] = tostring(i * 7919 % 65536) end table.sort(t) print(#table.concat(t))'");
        assertTrue(figure("regionsMade") > 20, "regions " + figure("regionsMade"));
        assertTrue(figure("longestMs") < 50, "milliseconds of a slice: " + figure("longestMs"));
    }

    @Test
    void withoutTheCompiler_thePanelSaysSo_andStillSamples() {
        console.open(server.url() + "?jit=off").awaitPrompt();
        console.menu("#cpu-open");
        page().waitForSelector("#cpu-off", new Page.WaitForSelectorOptions().setTimeout(5000));
        assertTrue(page().isHidden("#cpu-compiler"));
        assertEquals(-1, figure("compiled"));
        console.type(LOOP + "\n");
        page().waitForFunction("() => document.querySelector('#cpu-functions td button') !== null && document.querySelector('#cpu-process option').textContent.startsWith('lua5.4 (')");
        page().locator("#cpu-functions td button").first().click();
        page().waitForFunction("() => document.getElementById('cpu-region-title').textContent.endsWith('The compiler is off.')");
        assertFalse(page().isVisible("#cpu-columns"));
        assertEquals(0, shareNow());
    }
}
