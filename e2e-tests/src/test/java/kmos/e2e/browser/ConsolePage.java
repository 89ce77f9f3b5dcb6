// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.fail;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kmOS page as a user has it: types into the serial console and reads what is on it. */
final class ConsolePage {
    static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int TIMEOUT_MS = Integer.getInteger("kmos.timeout", 60_000);
    private static final Pattern PROMPT = Pattern.compile("root@kmos:[^\n]*# ?$");

    /** Marks are not used again, for screens that come back in other pages. */
    private static final AtomicInteger COMMANDS = new AtomicInteger();

    private final Page page;
    private final List<String> problems = new ArrayList<>();

    ConsolePage(Page page) {
        this.page = page;
        page.onPageError(problems::add);
    }

    Page page() {
        return page;
    }

    /** Exceptions that nobody caught in the page so far. */
    List<String> problems() {
        return problems;
    }

    ConsolePage open(String url) {
        page.navigate(url);
        return this;
    }

    ConsolePage awaitPrompt() {
        awaitText("a prompt", text -> PROMPT.matcher(text).find());
        return this;
    }

    String text() {
        return (String) page.evaluate("window.kmos.screenText()");
    }

    String state() {
        return (String) page.evaluate("window.kmos.state()");
    }

    /** Types on the keyboard, as a user does. */
    void type(String text) {
        page.locator(".xterm-helper-textarea").focus();
        page.keyboard().type(text);
    }

    void press(String key) {
        page.locator(".xterm-helper-textarea").focus();
        page.keyboard().press(key);
    }

    /** What is typed before goes nowhere. */
    void awaitRunning() {
        page.waitForFunction("window.kmos.state() === 'running'");
    }

    /** Waits until the console's text is as wanted; fails with what is there instead. */
    String awaitText(String wanted, Predicate<String> condition) {
        long end = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
        for (;;) {
            String text = text();
            if (condition.test(text)) {
                return text;
            }
            if (System.nanoTime() > end) {
                return fail("no " + wanted + " within " + TIMEOUT_MS + " ms; state " + state() + ", messages: "
                    + page.locator("#messages").innerText() + ", console:\n" + text);
            }
            page.waitForTimeout(50);
        }
    }

    /** Runs a shell command; returns its output without blank ends, followed by "[status]" when that is not 0. */
    String run(String command) {
        int number = COMMANDS.incrementAndGet();
        // The mark is typed in two parts: what the line editor echoes is not the answer.
        String typed = "end- " + number + " $?";
        Pattern mark = Pattern.compile("\nend-" + number + ":(\\d+)\n");
        type(command + "; printf '\\n%s%s:%s\\n' " + typed + "\n");
        String text = awaitText("end of " + command, t -> mark.matcher(t).find());
        Matcher end = mark.matcher(text);
        if (!end.find()) {
            return fail("the mark of " + command + " is gone:\n" + text);
        }
        int echo = text.lastIndexOf(typed, end.start());
        String output = text.substring(echo < 0 ? 0 : text.indexOf('\n', echo), end.start()).strip();
        return end.group(1).equals("0") ? output : output + "[" + end.group(1) + "]";
    }

    /** What the page's status has under a name. The first status comes up to a quarter of a second after the start, perhaps behind the prompt. */
    Object status(String name) {
        page.waitForFunction("window.kmos.status() !== null");
        return page.evaluate("window.kmos.status()." + name);
    }

    /** The machine as a link: as the page would share it, or its state even where a recipe is shorter. */
    String share(boolean isState) {
        page.evaluate(isState ? "kmos.shareState()" : "kmos.share()");
        page.waitForSelector("#share-dialog[open]");
        String link = page.inputValue("#share-link");
        page.keyboard().press("Escape");
        return link;
    }

    /** Waits until a message of the page is shown; returns its text. */
    String awaitMessage(String selector) {
        Locator message = page.locator(selector);
        message.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.VISIBLE).setTimeout(TIMEOUT_MS));
        return message.innerText();
    }

    void menu(String button) {
        page.click("#menu summary");
        page.click(button);
    }

    void screenshot(String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")));
    }
}
