// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kmos.cpu.CpuModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Debian's gdb on a small C program: breakpoints, steps, watchpoints in the debug registers, registers up to YMM, calls, signals,
 * caught system calls, threads. It says the same in kmOS and on the host (src/test/debug; soak, as the packages are fetched).
 */
@Tag("soak")
class DebuggerTest {
    private static final Path SOURCES = Path.of("src/test/debug").toAbsolutePath();

    @ParameterizedTest(name = "gdb of {0}, program of {1} bits")
    @CsvSource({"amd64, 64", "amd64, 32", "i386, 32"})
    void gdbSaysWhatItSaysOnLinux(String architecture, int bits) throws IOException {
        Witness.assumeRoot();
        assertTrue(Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\bavx\\b.*"), "the host's processor has no YMM registers to compare");
        Witness debugger = Witness.fetched(architecture);
        debugger.put(SOURCES.resolve("debuggee.c"));
        debugger.put(SOURCES.resolve("gdb.commands"));
        Tool.run(debugger.root, List.of("gcc", "-m" + bits, "-msse2", "-g", "-O0", "-static", "-pthread", "-o", "debuggee", "debuggee.c"));
        // Into a file and then out: a program whose output is a terminal writes earlier than one whose is a pipe.
        String[] command = {"/bin/dash", "-c", "/usr/bin/gdb -nx -batch -x /gdb.commands /debuggee > /tmp/out 2>&1; cat /tmp/out; echo == end"};
        Map<String, String> host = Witness.sections(masked(debugger.onHost(command)));
        Map<String, String> guest = Witness.sections(masked(debugger.onKmos(500, 320, config -> config.cpuModel = CpuModel.max(), command)));
        assertTrue(host.containsKey("kill") && !host.toString().contains("Error in sourced command file"), "gdb did its work on the host: " + host);
        assertEquals(host, guest);
    }

    /** Process and thread numbers, addresses in the stack and the mapped area; when exactly gdb hears of a thread's end. */
    private static String masked(String text) {
        return text.replaceAll("process \\d+", "process N").replaceAll("LWP \\d+", "LWP N").replaceAll("0x7f[0-9a-f]{10}\\b", "HIGH")
            .replaceAll("0xf[0-9a-f]{7}\\b", "HIGH").replaceAll("(?m)^\\[Thread.* exited\\]\n", "");
    }

    @Test
    void masksHideOnlyWhatDiffers() {
        assertEquals("main (argv=HIGH) at 0x402880 LWP N", masked("main (argv=0x7fffffffe7d8) at 0x402880 LWP 12"));
    }
}
