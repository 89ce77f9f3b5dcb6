// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Programs that live on a terminal, under a user's fingers, through xterm.js. */
@Tag("slow")
class InteractiveTest extends PageTest {
    @BeforeEach
    void boot() {
        console.open(server.url()).awaitPrompt();
    }

    @Test
    void vi_editsAndSavesAFile() {
        console.type("vi /root/note.txt\n");
        console.awaitText("vi's empty lines", t -> t.contains("\n~\n~"));
        console.type("iwritten in vi\nsecond line");
        escape();
        console.type("kA, changed");
        escape();
        console.awaitText("what was typed", t -> t.contains("written in vi, changed"));
        console.screenshot("vi");
        console.type(":wq\n");
        console.awaitPrompt();
        assertEquals("written in vi, changed\nsecond line", console.run("cat /root/note.txt"));
    }

    /** As a hand does it: keys that follow Escape at once are one sequence to a terminal program. */
    private void escape() {
        console.press("Escape");
        console.page().waitForTimeout(400);
    }

    @Test
    void less_pagesAndQuits() {
        console.run("seq 1 5000 > /tmp/numbers");
        console.type("less /tmp/numbers\n");
        console.awaitText("the first page", t -> t.startsWith("1\n2\n3\n"));
        console.type(" ");
        console.awaitText("the second page", t -> t.endsWith("\n:"));
        console.type("G");
        console.awaitText("the last page", t -> t.contains("\n5000\n"));
        console.type("g/^42$\n");
        console.awaitText("what was searched", t -> t.startsWith("42\n43\n"));
        console.type("q");
        console.awaitPrompt();
    }

    @Test
    void bash_completesAndRemembers() {
        console.type("cat /etc/os-rel");
        console.press("Tab");
        console.awaitText("the completed name", t -> t.contains("cat /etc/os-release"));
        console.press("Enter");
        console.awaitText("the file", t -> t.contains("NAME=\"kmOS\""));
        console.awaitPrompt();
        console.type("echo one $((1+1)) three\n");
        console.awaitText("an answer", t -> t.contains("\none 2 three\n"));
        console.awaitPrompt();
        console.press("ArrowUp");
        console.press("Control+a");
        console.type("echo again; ");
        console.press("Enter");
        console.awaitText("the command again", t -> t.contains("\nagain\none 2 three\n"));
        console.awaitPrompt();
    }

    @Test
    void shell_hasHereDocumentsGlobsJobsAndTraps() {
        assertEquals("/etc/passwd", console.run("echo /etc/pass[v-x]d"));
        console.type("cat <<X\nhere $((6*7))\nX\n");
        console.awaitText("a here-document", t -> t.contains("\nhere 42\n"));
        console.awaitPrompt();
        assertEquals("in\nout", console.run("(trap 'echo out' EXIT; echo in)"));
        assertEquals("9", console.run("x=$(echo nine | wc -c); y=$(printf %d $((x + 4))); echo $y"));
        console.type("sleep 300\n");
        console.page().waitForTimeout(300);
        console.press("Control+z");
        console.awaitText("a stopped job", t -> t.contains("Stopped"));
        console.type("fg\n");
        console.awaitText("the job in front", t -> t.endsWith("fg\nsleep 300"));
        console.press("Control+c");
        console.awaitPrompt();
        assertEquals("", console.run("jobs"));
    }

    @Test
    void lua_isInteractive() {
        console.type("lua5.4\n");
        console.awaitText("Lua's prompt", t -> t.endsWith("\n>"));
        console.type("function f(n) if n < 2 then return 1 end return n * f(n - 1) end\nf(20)\n");
        console.awaitText("a factorial", t -> t.contains("2432902008176640000"));
        console.type("string.gsub('hello world', '(%w+)', '<%1>')\n");
        console.awaitText("a substitution", t -> t.contains("\n<hello> <world> 2\n"));
        console.type("io.popen('echo piped'):read('a')\n");
        console.awaitText("a program's output", t -> t.contains("\npiped\n"));
        console.press("Control+d");
        console.awaitPrompt();
    }

    @Test
    void systemPrograms_showTheSystem() {
        assertTrue(console.run("ps aux").contains("-bash"));
        assertTrue(console.run("mount").contains("on / type ext2"));
        assertTrue(console.run("df /").contains("/dev/"));
        assertTrue(console.run("free -m").contains("Mem:"));
        assertTrue(console.run("dmesg | tail").contains("init"));
        assertTrue(console.run("cat /proc/cpuinfo").contains("model name"));
        assertTrue(console.run("ls -l /").contains("bin -> usr/bin"));
    }

    @Test
    void badPrograms_doNotTakeTheMachine() {
        console.type("while :; do :; done\n");
        console.page().waitForTimeout(500);
        console.press("Control+c");
        console.awaitPrompt();
        console.run("(su -s /bin/bash user -c 'ulimit -u 20; f(){ f|f& }; f' > /dev/null 2>&1 &)");
        assertTrue(console.run("sleep 1; echo alive").endsWith("alive"));
        console.run("pkill -9 -u user; sleep 1; pkill -9 -u user; sleep 1");
        assertTrue(console.run("pgrep -c -u user").contains("0"));
        console.run("printf '\\x7fELF\\x02\\x01\\x01' > /tmp/bad; head -c 200 /dev/zero | tr '\\0' '\\377' >> /tmp/bad; chmod +x /tmp/bad");
        String bad = console.run("/tmp/bad");
        assertTrue(bad.contains("[126]") || bad.contains("[127]"), bad);
    }
}
