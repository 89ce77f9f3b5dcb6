// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import kmos.headless.Expect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user does in the login shell on ttyS0, on one system that stays booted. */
@Tag("slow")
class ShellTest {
    private static BootedImage image;
    private static Expect user;

    @BeforeAll
    static void boot() throws IOException {
        image = new BootedImage();
        user = image.expect;
        user.login();
        user.command("alias ls='ls --color=never' grep='grep --color=never'");
    }

    @AfterAll
    static void close() throws IOException {
        if (image != null) {
            image.close();
        }
    }

    @AfterEach
    void nothingUnimplementedWasCalled() {
        String log = user.command("dmesg");
        assertFalse(log.contains("not implemented"), log);
        assertTrue(log.endsWith("[0]"), log);
    }

    private static void contains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "\"" + part + "\" is not in:\n" + text);
        }
    }

    // Looking around

    @Test
    void unameAndOsRelease_sayKmos() {
        contains(user.command("uname -a"), "Linux kmos ", "x86_64", "[0]");
        contains(user.command("cat /etc/os-release"), "NAME=\"kmOS\"", "[0]");
    }

    @Test
    void ls_listsTheRoot() {
        contains(user.command("ls -l /"), "bin -> usr/bin", "proc", "drwxrwxrwt", "[0]");
    }

    @Test
    void ps_showsInitAndTheShell() {
        contains(user.command("ps aux"), " 1 ", "init", "-bash", "ps aux", "[0]");
    }

    @Test
    void mountAndDf_agreeOnTheRoot() {
        contains(user.command("mount"), "/dev/hda1 on / type ext2 (rw", "proc on /proc type proc", "[0]");
        contains(user.command("df"), "/dev/hda1", " /\n", "[0]");
    }

    @Test
    void free_countsTheMachinesMemory() {
        contains(user.command("free -m"), "Mem:", "[0]");
        contains(user.command("grep -c . /proc/meminfo /proc/cpuinfo /proc/stat"), "[0]");
        contains(user.command("cat /proc/cpuinfo"), "sse2", "[0]");
    }

    @Test
    void dmesg_tellsOfTheBoot() {
        contains(user.command("dmesg | tail -40"), "hda: hda1", "VFS: Mounted root (ext2 filesystem)", "[0]");
    }

    @Test
    void topAndUptime_runOnce() {
        contains(user.command("top -b -n1 | head -20"), "load average", "PID", "bash", "[0]");
        contains(user.command("uptime"), "load average: ", "[0]");
    }

    @Test
    void procFd_showsOpenFiles() {
        contains(user.command("ls -l /proc/$$/fd"), "0 -> /dev/ttyS0", "[0]");
    }

    @Test
    void auxiliaryVector_hasTheProcessorsFeatures() {
        contains(user.command("LD_SHOW_AUXV=1 /usr/bin/env true | grep -m1 HWCAP"), Integer.toHexString(kmos.cpu.Cpuid.EDX_1) + "\n");
    }

    // The shell's language

    @Test
    void pipelineOfFour_hasTheRightSum() {
        assertEquals("06a71126fcf3c64f615a748b67fc0244  -\n[0]", user.command("seq 1 20000 | sort -rn | head -3 | md5sum"));
    }

    @Test
    void globsAndSubstitution_expand() {
        assertEquals("sub /etc/hostname /etc/hosts\n[0]", user.command("echo $(echo sub) /etc/h*s*"));
    }

    @Test
    void hereDocument_isTheInput() {
        user.send("cat <<END | tr a-z A-Z\nfirst $((1+2))\nsecond\nEND\n");
        contains(user.waitFor("]@@ "), "FIRST 3\r\nSECOND");
    }

    @Test
    void backgroundJob_isWaitedFor() {
        contains(user.command("sleep 1 & jobs; wait; echo all done"), "Running", "all done\n[0]");
    }

    @Test
    void trap_runsOnASignal() {
        contains(user.command("bash -c 'trap \"echo got it\" USR1; kill -USR1 $$; echo after'"), "got it\nafter\n[0]");
    }

    // Job control

    @ParameterizedTest
    @CsvSource({"sleep 1000, 130", "while :; do :; done, 130", "lua5.4 -e 'while true do end', 1", "cat, 130"})
    void controlC_endsTheForegroundJob(String job, int status) {
        user.send(job + "\n");
        user.run(Expect.SECOND_NS / 2);
        user.send("\u0003");
        contains(user.waitFor("]@@ "), "^C", "[" + status);
    }

    @Test
    void controlZ_stops_bgAndFgGoOn() {
        user.send("sleep 1000\n");
        user.run(Expect.SECOND_NS / 5);
        user.send("\u001a");
        contains(user.waitFor("]@@ "), "Stopped", "[148");
        contains(user.command("bg"), "sleep 1000 &", "[0]");
        contains(user.command("jobs"), "Running");
        user.send("fg\n");
        user.run(Expect.SECOND_NS / 5);
        user.send("\u0003");
        user.waitFor("[130]@@ ");
    }

    @Test
    void busyJobs_doNotDelayTheShell() {
        user.command("for i in 1 2 3 4; do while :; do :; done & done");
        user.run(Expect.SECOND_NS / 10);
        long start = user.system().machine().clock().nowNs();
        user.send("#");
        user.waitFor("#");
        long took = user.system().machine().clock().nowNs() - start;
        user.command("");
        user.command("kill %1 %2 %3 %4; wait 2>/dev/null");
        // The longest turn of a job is 4 ms; four of them would make 16.
        assertTrue(took < 3_000_000, "took " + took + " ns");
    }

    // The terminal

    @Test
    void resize_reachesSttyAndSendsSigwinch() {
        user.resize(100, 30);
        contains(user.command("stty size"), "30 100\n[0]");
        user.send("bash -c 'trap \"stty size; exit 3\" WINCH; echo ready; while :; do sleep 0.1; done'\n");
        user.waitFor("ready\r\n");
        user.run(Expect.SECOND_NS / 10);
        user.system().resize("ttyS0", 200, 50);
        contains(user.waitFor("]@@ "), "50 200", "[3");
        user.resize(200, 50);
    }

    @Test
    void vi_editsAndSaves() {
        user.resize(80, 24);
        user.send("vi /root/written\n");
        user.run(Expect.SECOND_NS / 2);
        contains(user.screen(), "~\n~\n", "/root/written");
        user.send("ihello vi\rsecond line\u001b");
        user.run(Expect.SECOND_NS / 2);
        contains(user.screen(), "hello vi\nsecond line\n");
        user.send(":wq\n");
        user.waitFor("[0]@@ ");
        assertEquals("hello vi\nsecond line\n[0]", user.command("cat /root/written"));
        user.resize(200, 50);
    }

    @Test
    void less_pagesAndQuits() {
        user.resize(80, 24);
        user.send("seq 1 500 | less\n");
        user.run(Expect.SECOND_NS / 2);
        contains(user.screen(), "1\n2\n3\n", "23\n:");
        user.send(" ");
        user.run(Expect.SECOND_NS / 2);
        contains(user.screen(), "24\n25\n", "46\n:");
        user.send("q");
        user.waitFor("[0]@@ ");
        user.resize(200, 50);
    }

    @Test
    void bash_completesAndRemembers() {
        user.send("cat /etc/os-rel\t\n");
        contains(user.waitFor("]@@ "), "cat /etc/os-release", "NAME=\"kmOS\"");
        user.command("echo remember me");
        user.send("\u001b[A\n");
        contains(user.waitFor("]@@ "), "remember me\r\n");
    }

    // Lua

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "string.format('%.17g', 0.1) | 0.10000000000000001",
        "math.maxinteger + 1 == math.mininteger, math.tointeger(2^53) | true 9007199254740992",
        "7 // 2, -7 // 2, 7 % -3, 7 / 2, 1 // 0.0, 2^63, math.type(1), math.type(1.0) | 3 -4 -2 3.5 inf 9.2233720368548e+18 integer float",
        "('a-b c'):gsub('%w', '[%0]') | [a]-[b] [c] 3",
        "(function(n) local function f(n) return n < 2 and n or f(n-1) + f(n-2) end return f(n) end)(18) | 2584",
        "io.popen('echo from a pipe'):read('a'):sub(1, -2), os.clock() < 60 | from a pipe true",
        "pcall(error, {}) == false, select('#', table.unpack({1, 2, 3})) | true 3"})
    void lua_computesTheSameOnBothArchitectures(String expression, String expected) {
        for (String lua : new String[] {"lua5.4", "lua5.4-i386"}) {
            assertEquals(expected + "\n[0]", user.command(lua + " -e \"print(" + expression + ")\" | tr '\\t' ' '"), lua);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lua5.4", "lua5.4-i386"})
    void luaInteractive_evaluatesLines(String lua) {
        user.send(lua + "\n");
        user.waitFor("> ");
        user.send("x = 6 * 7\n");
        user.waitFor("> ");
        user.send("= x, 'yes'\n");
        contains(user.waitFor("> ", 10 * Expect.SECOND_NS), "42\tyes");
        user.send("\u0004");
        user.waitFor("]@@ ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lua5.4", "lua5.4-i386"})
    void lua_allocates200MegabytesInAll_memoryComesBack(String lua) {
        long before = freeKilobytes();
        assertEquals("209715200\ttrue\n[0]", user.command(lua
            + " -e \"local n = 0 for i = 1, 200 do local t = ('x'):rep(1024):rep(1024) n = n + #t end print(n, collectgarbage('count') < 20 * 1024)\""));
        assertTrue(freeKilobytes() > before - 1024, "free before: " + before + " after: " + freeKilobytes());
    }

    private long freeKilobytes() {
        return Long.parseLong(user.command("awk '/MemFree/ { print $2 }' /proc/meminfo").split("\n")[0]);
    }

    // Bad programs

    @Test
    void killSegv_hasItsStatus() {
        contains(user.command("bash -c 'kill -SEGV $$'"), "Segmentation fault", "[139]");
    }

    @ParameterizedTest
    @CsvSource({"31c0ffe0, at 0", "31c08b00, at 0"})
    void jumpToZeroAndNullDereference_endWithALogLine(String code, String part) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < code.length(); i += 2) {
            bytes.append("\\x").append(code, i, i + 2);
        }
        // ELF32 for i386: one segment at 0x10000000, entry behind the headers (0x54).
        user.command("printf '\\x7fELF\\1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\3\\0\\1\\0\\0\\0\\x54\\0\\0\\x10\\x34\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x34\\0\\x20\\0\\1\\0\\0\\0\\0\\0\\0\\0' > /tmp/bad");
        user.command("printf '\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x10\\0\\0\\0\\x10\\x60\\0\\0\\0\\x60\\0\\0\\0\\5\\0\\0\\0\\0\\x10\\0\\0" + bytes
            + "\\x90\\x90\\x90\\x90\\x90\\x90\\x90\\x90' >> /tmp/bad; chmod +x /tmp/bad");
        contains(user.command("/tmp/bad"), "Segmentation fault", "[139]");
        contains(user.command("dmesg | tail -1"), "bad[", "segfault " + part, "[0]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "printf '\\x7fELF\\2\\1\\1' | Exec format error | 126",
        "head -c 100 /bin/ls | Exec format error | 126",
        "(head -c 32 /bin/ls; head -c 4000 /dev/zero; head -c 900 /bin/ls) | Exec format error | 126",
        "(head -c 54 /bin/ls; printf '\\377\\377\\377\\377\\377\\377'; tail -c +61 /bin/ls) | Exec format error | 126",
        "printf '#!/no/such/interpreter\\n' | required file not found | 127"})
    void absurdExecutables_areRefused(String make, String message, int status) {
        contains(user.command(make + " > /tmp/absurd; chmod +x /tmp/absurd; /tmp/absurd"), message, "[" + status + "]");
    }

    @Test
    void forkBombUnderUlimit_leavesTheSystemUsable() {
        user.send("su user -c 'ulimit -u 20; bomb() { bomb | bomb & }; bomb' >/dev/null 2>&1 &\n");
        user.waitFor("]@@ ");
        String count = user.command("sleep 2; ps aux | grep -c '^user'");
        assertTrue(Integer.parseInt(count.substring(count.indexOf("[0]") - 3, count.indexOf("[0]")).trim()) <= 20, count);
        user.command("pkill -KILL -u user; sleep 1");
        contains(user.command("ps aux | grep -c '^user'"), "0\n");
    }

    @Test
    void exitOfTheLoginShell_bringsANewOne() {
        user.send("exit\n");
        user.waitFor("logout");
        user.waitFor("# ");
        user.prompt();
        contains(user.command("echo again"), "again\n[0]");
        user.command("alias ls='ls --color=never' grep='grep --color=never'");
    }

    // The display

    @Test
    void tty1_hasAShellOnTheKeyboard() {
        user.waitForConsole("root@kmos:~#", 10 * Expect.SECOND_NS);
        user.typeKeys("echo $((40+2)) \"Shift works\" | tr a-z A-Z; tty; stty size\n");
        user.waitForConsole("42 SHIFT WORKS\n/dev/tty1\n", 10 * Expect.SECOND_NS);
        user.typeKeys("sleep 1000\n");
        user.run(Expect.SECOND_NS / 5);
        user.typeKeys("\u0003");
        user.waitForConsole("^C\n", 10 * Expect.SECOND_NS);
        user.typeKeys("clear; ls /etc/os-r\t\n");
        user.waitForConsole("/etc/os-release\n", 10 * Expect.SECOND_NS);
    }
}
