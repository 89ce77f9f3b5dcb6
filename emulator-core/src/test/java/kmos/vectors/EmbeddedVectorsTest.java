// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The runner itself, on a handful of vectors written by hand from the manual: it passes right ones and catches wrong ones. */
class EmbeddedVectorsTest {
    private static final String BASE = "B eax=0 ecx=0 edx=0 ebx=0 esp=201c00 ebp=0 esi=0 edi=0 fl=202 fcw=37f fsw=0 ftw=0 mx=1f80";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "ADD sets carry and zero,                  01c8 - add eax ecx,     T eax=ffffffff ecx=1 > eax=0 fl=257,                  1",
        "a wrong result is caught,                 01c8 - add eax ecx,     T eax=1 ecx=1 > eax=3,                                0",
        "a wrong flag is caught,                   01c8 - add eax ecx,     T eax=1 ecx=1 > eax=2 fl=203,                         0",
        "DIV by zero is #DE with nothing changed,  f7f1 - div ecx,         T eax=5 > exc=0,                                      1",
        "a store to a read-only page is #PF 7,     a300302000 - mov eax,   T > exc=14 err=7 cr2=203000,                          1",
        "a missing memory write is caught,         90 - nop,               T > m200000=01,                                       0"})
    void replays(String claim, String instruction, String test, int passes) {
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        Replay replay = new Replay(arena, 32, Set.of(), CpuModel.max());
        replay.line(BASE);
        replay.line("I " + instruction.trim());
        replay.line(test.trim());
        assertEquals(passes, replay.passed(), () -> replay.failures().toString());
        replay.close(arena);
    }
}
