// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import kmos.kernel.Boot;
import kmos.kernel.KernelConfig;
import kmos.kernel.TestSystem;
import kmos.kernel.TinyElf;
import org.junit.jupiter.api.Test;

/**
 * Programs in assembly (signals-64.s, signals-32.s beside the test) that check frames, return from handlers, fork and
 * wait from inside: they end with 42 when all of it was right, with 1 when not.
 */
class SignalProgramTest {
    @Test
    void amd64_handlersFaultsForkAndWait() throws IOException {
        check(TinyElf.elf64(program("signals-64.hex"), 0));
    }

    @Test
    void i386_bothKindsOfFramesForkAndKill() throws IOException {
        check(TinyElf.elf32(program("signals-32.hex"), 0));
    }

    private static byte[] program(String name) throws IOException {
        try (InputStream in = TestSystem.class.getResourceAsStream(name)) {
            return TinyElf.bytes(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    private static void check(byte[] elf) {
        KernelConfig c = new KernelConfig();
        c.init = new String[] {"/init"};
        c.isInitGiven = true;
        try (TestSystem s = new TestSystem(16, c)) {
            s.trace();
            s.file("/init", elf, 0755);
            Boot.start(s.kernel);
            s.run(1_000_000_000L);
            assertTrue(s.kernel.stateReason().contains("exitcode=0x00002a00"), s.kernel.stateReason() + "\n" + s.log + s.trace);
        }
    }
}
