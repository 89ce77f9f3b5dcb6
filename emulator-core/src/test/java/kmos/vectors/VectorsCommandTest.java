// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./kmos vectors}: what it counts, how it shows a failure, and its exit status. */
class VectorsCommandTest {
    private static final String BASE = "B eax=0 ecx=0 edx=0 ebx=0 esp=201c00 ebp=0 esi=0 edi=0 fl=202 fcw=37f fsw=0 ftw=0 mx=1f80\n";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "all pass: status 0,                      --show 5,          T eax=ffffffff ecx=1 > eax=0 fl=257, 0, in all               run      1  passed      1  failed     0",
        "one fails: status 1 and what it was,     --show 5,          T eax=1 ecx=1 > eax=3,               1, v32/alu.txt: I 01c8 - add eax ecx",
        "also in compiled code,                   --backend jit,     T eax=1 ecx=1 > eax=3,               1, failed     1",
        "no vectors are found: status 1,          --group nothing,   T eax=ffffffff ecx=1 > eax=0 fl=257, 1, in all               run      0",
        "a back end that does not exist: 2,       --backend x,       T eax=ffffffff ecx=1 > eax=0 fl=257, 2, ''"})
    void replays(String claim, String option, String test, int status, String said) throws IOException {
        Files.createDirectory(folder.resolve("v32"));
        Files.writeString(folder.resolve("v32/alu.txt"), BASE + "I 01c8 - add eax ecx\n" + test.trim() + "\n");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        String[] words = option.split(" ");
        int result = Main.run(new String[] {words[0], words[1], folder.toString()}, new PrintStream(text, true, StandardCharsets.UTF_8));
        String output = text.toString(StandardCharsets.UTF_8);
        assertTrue(output.contains(said), output);
        assertEquals(status, result, output);
    }

    @ParameterizedTest(name = "vectors {0}: 2")
    @CsvSource({"--backend", "/does/not/exist"})
    void aCommandThatMakesNoSense(String word) throws IOException {
        assertEquals(2, Main.run(new String[] {word}, System.out));
    }
}
