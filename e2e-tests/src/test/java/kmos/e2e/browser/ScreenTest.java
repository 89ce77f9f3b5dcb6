// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The framebuffer console on the canvas: boot log, and a shell under the PC keyboard. */
@Tag("slow")
class ScreenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/tty1-shell.png");
    private static final int CELL_HEIGHT = 16;
    private static final String SHIFTED = "\":$(*)~|", UNSHIFTED = "';4980`\\";

    /** The golden picture is made anew with -Dkmos.golden.accept=true. */
    @Test
    void canvas_showsBootLogAndAWorkingShell() throws IOException {
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
                Browser browser = playwright.chromium().launch(Chromium.options())) {
            ConsolePage console = new ConsolePage(browser.newPage(new Browser.NewPageOptions().setViewportSize(900, 760)));
            Page page = console.open(server.url()).awaitPrompt().page();
            page.click("#tab-screen");
            BufferedImage boot = awaitPicture(page, "boot log of five lines", p -> litRows(p) > 5 * 8);
            assertTrue(boot.getWidth() == 800 && boot.getHeight() == 600, boot.getWidth() + " x " + boot.getHeight());
            console.screenshot("screen-boot");

            page.focus("#screen");
            page.keyboard().type("clear\n");
            awaitPicture(page, "cleared screen", p -> litRows(p) <= CELL_HEIGHT);
            typeOnPcKeyboard(page, "echo \"kmOS: $((6*7)) [~]\" | tr a-z A-Z\n");
            BufferedImage shell = awaitPicture(page, "answer of the shell", p -> litRows(p.getSubimage(0, 2 * CELL_HEIGHT, 800, CELL_HEIGHT)) > 4);
            console.screenshot("screen-shell");
            compare(shell.getSubimage(0, 0, 800, 3 * CELL_HEIGHT));

            page.keyboard().press("Shift+F6");
            assertEquals("tab-screen", page.evaluate("document.activeElement.id"));
            assertEquals(List.of(), console.problems());
        }
    }

    /** With the shift key pressed where a hand presses it (Playwright's type leaves it out). */
    private static void typeOnPcKeyboard(Page page, String text) {
        for (char c : text.toCharArray()) {
            int shifted = SHIFTED.indexOf(c);
            String key = c == '\n' ? "Enter" : String.valueOf(shifted >= 0 ? UNSHIFTED.charAt(shifted) : Character.toLowerCase(c));
            page.keyboard().press(shifted >= 0 || Character.isUpperCase(c) ? "Shift+" + codeOf(key) : key);
        }
    }

    private static String codeOf(String key) {
        char c = key.charAt(0);
        return switch (c) {
            case '\'' -> "Quote";
            case ';' -> "Semicolon";
            case '`' -> "Backquote";
            case '\\' -> "Backslash";
            default -> Character.isDigit(c) ? "Digit" + c : "Key" + Character.toUpperCase(c);
        };
    }

    private static BufferedImage awaitPicture(Page page, String wanted, Predicate<BufferedImage> condition) throws IOException {
        for (int i = 0; i < 400; i++) {
            BufferedImage picture = picture(page);
            if (condition.test(picture)) {
                page.waitForTimeout(200); // what is drawn in the same moment
                return picture(page);
            }
            page.waitForTimeout(50);
        }
        page.screenshot(new Page.ScreenshotOptions().setPath(ConsolePage.SCREENSHOTS.resolve("screen-failed.png")));
        return fail("the canvas does not show: " + wanted + " (see target/screenshots/screen-failed.png)");
    }

    private static BufferedImage picture(Page page) throws IOException {
        String url = (String) page.evaluate("document.getElementById('screen').toDataURL('image/png')");
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1))));
    }

    /** How many rows of pixels are not all black. */
    private static int litRows(BufferedImage picture) {
        int rows = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                if ((picture.getRGB(x, y) & 0xFFFFFF) != 0) {
                    rows++;
                    break;
                }
            }
        }
        return rows;
    }

    private static void compare(BufferedImage picture) throws IOException {
        if (Boolean.getBoolean("kmos.golden.accept")) {
            Files.createDirectories(GOLDEN.getParent());
            ImageIO.write(picture, "png", GOLDEN.toFile());
        }
        BufferedImage golden = ImageIO.read(GOLDEN.toFile());
        int differences = 0;
        for (int y = 0; y < golden.getHeight(); y++) {
            for (int x = 0; x < golden.getWidth(); x++) {
                if ((golden.getRGB(x, y) & 0xFFFFFF) != (picture.getRGB(x, y) & 0xFFFFFF)) {
                    differences++;
                }
            }
        }
        assertEquals(0, differences, "pixels that differ from " + GOLDEN);
    }
}
