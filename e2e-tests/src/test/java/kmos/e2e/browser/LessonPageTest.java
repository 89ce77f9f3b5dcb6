// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lessons in the page: from the list to a machine in its state, with the text beside it. */
@Tag("slow")
class LessonPageTest extends PageTest {
    private ConsolePage open(String name) {
        console.open(server.url() + "?lesson=" + name);
        console.page().waitForFunction("window.kmos.state() === 'running'");
        return console;
    }

    private void typeBlock(int number) {
        console.page().locator("#lesson-text button").nth(number).click();
    }

    @Test
    void aLessonIsFoundAndOpened_typesItsLines_andStartsAgain() {
        Page page = console.page();
        page.navigate(server.url());
        console.awaitPrompt();
        page.click("#menu summary");
        page.click("#menu a");
        page.waitForURL("**/lessons.html");
        assertTrue(page.locator("ol li a").count() >= 12, "lessons in the list");
        page.click("text=Inodes and links");
        page.waitForFunction("window.kmos?.state() === 'running'");
        assertEquals("Inodes and links: names are not files", page.innerText("#lesson h2"));
        assertEquals("Inodes and links: names are not files – kmOS", page.title());
        assertFalse(page.isVisible("#restored"), "a lesson is its reader's own");
        console.awaitText("the prompt that the lesson left", t -> t.contains("root@kmos:~/inodes#"));
        System.out.println("lesson opened in " + page.evaluate("window.kmos.openedMs()") + " ms; " + page.evaluate("window.kmos.marks()"));
        typeBlock(1);
        console.awaitText("what was changed through one name, through another", t -> t.contains("==> c <==\nchanged"));
        typeBlock(2);
        console.awaitText("what the link points to is gone", t -> t.contains("cat: to-a: No such file"));
        assertTrue(((Number) page.evaluate("window.kmos.size()[0]")).intValue() != 80, "it has this window's size");
        page.click("#lesson-again");
        console.awaitText("the lesson's beginning", t -> !t.contains("changed") && t.contains("root@kmos:~/inodes#"));
        assertEquals("1", console.run("ls a | wc -l"));
        page.click("text=Permissions");
        page.waitForURL("**/?lesson=permissions");
        page.waitForFunction("window.kmos?.state() === 'running'");
        console.awaitText("the next lesson", t -> t.contains("user$"));
    }

    @Test
    void aProgramThatIsOpen_isThere_andTakesKeys() {
        open("vi");
        console.awaitText("the editor", t -> t.contains("The child exec"));
        console.type("utes");
        console.press("Escape");
        console.page().waitForTimeout(500);
        console.type(":wq\n");
        console.awaitText("the shell", t -> t.contains("~/vi#"));
        assertTrue(console.run("cat story").contains("The child executes"));
    }

    @Test
    void lessonsAreLegible_darkAndNarrow() {
        for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            for (int width : new int[] {390, 1200}) {
                try (BrowserContext user = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, 800).setColorScheme(scheme))) {
                    ConsolePage opened = new ConsolePage(user.newPage()).open(server.url() + "?lesson=permissions");
                    opened.awaitText("the lesson's prompt", t -> t.contains("user$"));
                    Page page = opened.page();
                    Map<String, Object> box = Map.of("lesson", page.locator("#lesson").boundingBox().width, "terminal", page.locator("#terminal").boundingBox().width);
                    if (width < 900) {
                        assertTrue(page.locator("#terminal").boundingBox().height > 250, "room for the console below the text");
                        assertTrue((double) box.get("terminal") > width - 40, box.toString());
                    } else {
                        assertTrue((double) box.get("lesson") < 450 && (double) box.get("terminal") > 700, box.toString());
                    }
                    assertFalse((boolean) page.evaluate("document.documentElement.scrollWidth > innerWidth"), "nothing sticks out");
                    opened.screenshot("lesson-" + scheme.name().toLowerCase() + "-" + width);
                    page.navigate(server.url() + "lessons.html");
                    opened.screenshot("lessons-" + scheme.name().toLowerCase() + "-" + width);
                    assertEquals(List.of(), opened.problems());
                }
            }
        }
    }

    @Test
    void aLessonThatIsNotThere_isRefused() {
        console.open(server.url() + "?lesson=nothing");
        assertTrue(console.awaitMessage("#failure").contains("there is no lesson nothing here"));
        console.page().click("#failure-again");
        console.awaitPrompt();
    }
}
