// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The smallest programs, from ELF bytes through the event loop to the terminal. */
class FirstProgramTest {
    private static KernelConfig init(String path) {
        KernelConfig c = new KernelConfig();
        c.init = new String[] {path};
        c.isInitGiven = true;
        c.isConsoleControlling = true;
        return c;
    }

    @Test
    void amd64_writesAndExits() {
        int text = TinyElf.BASE + TinyElf.CODE + 0x22;
        // mov eax,1; mov edi,1; mov esi,text; mov edx,3; syscall; mov eax,60; mov edi,7; syscall
        byte[] code = TinyElf.bytes("B8 01 00 00 00 BF 01 00 00 00 BE " + TinyElf.le32(text) + " BA 03 00 00 00 0F 05 B8 3C 00 00 00 BF 07 00 00 00 0F 05"
            + " 68 69 0A");
        check(TinyElf.elf64(code, 0));
    }

    @Test
    void i386_writesAndExits() {
        int text = TinyElf.BASE + TinyElf.CODE + 0x22;
        // mov eax,4; mov ebx,1; mov ecx,text; mov edx,3; int 80; mov eax,1; mov ebx,7; int 80
        byte[] code = TinyElf.bytes("B8 04 00 00 00 BB 01 00 00 00 B9 " + TinyElf.le32(text) + " BA 03 00 00 00 CD 80 B8 01 00 00 00 BB 07 00 00 00 CD 80"
            + " 68 69 0A");
        check(TinyElf.elf32(code, 100_000));
    }

    private static void check(byte[] elf) {
        try (TestSystem s = new TestSystem(16, init("/init"))) {
            s.trace();
            s.file("/init", elf, 0755);
            Boot.start(s.kernel);
            s.run(1_000_000_000L);
            assertTrue(s.output.toString().contains("hi\r\n"), s.output + "\n" + s.log + s.trace);
            assertTrue(s.trace.contains("[pid 1] write(1, \"hi\\n\", 3) = 3"), s.trace.toString());
            assertEquals(KernelState.PANICKED, s.kernel.state());
            assertTrue(s.kernel.stateReason().contains("exitcode=0x00000700"), s.kernel.stateReason());
        }
    }
}
