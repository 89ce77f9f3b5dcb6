// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.isa.build.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference names the same forms as the decoder, by the same numbers. */
class IsaReferenceTest {
    @Test
    void everyRowOfTheDecoderIsAForm() throws IOException {
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        Replay replay = new Replay(arena, 32, Set.of(), CpuModel.v2());
        assertEquals(replay.passedByRow().length, Reference.forms().size());
        replay.close(arena);
    }

    @Test
    void aFormSaysWhatItsTestsSay() {
        List<Reference.Form> forms = List.of(new Reference.Form("00 /r", "Eb,Gb", "Alu.add", "", 0), new Reference.Form("V 66 0F FE /r", "Vx,Hx,Wx", "Simd.packed", "avx2", 256),
            new Reference.Form("C3", "-", "Control.ret", "", 0), new Reference.Form("0F A2", "-", "SystemOps.cpuid", "", 0));
        String text = IsaReference.markdown(forms, new int[] {3, 5, 0, 0}, new int[] {0, 2, 0, 0});
        assertTrue(text.contains("| 00 /r | Eb,Gb | Alu.add |  | 3 |\n"), text);
        assertTrue(text.contains("| V 66 0F FE /r L1 | Vx,Hx,Wx | Simd.packed | avx2 | 2 of 7 FAIL |\n"), text);
        assertTrue(text.contains("| C3 |  | Control.ret |  | fuzz |\n"), text);
        assertTrue(text.contains("| 0F A2 |  | SystemOps.cpuid |  | none |\n"), text);
    }

    /** As ./kmos docs makes it: each form of the table has its row and a status, and none fails its vectors. */
    @Test
    void theWholeReferenceIsMadeOfTheTableAndTheVectors(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("ref/isa.md");
        List<String> args = new ArrayList<>(List.of(file.toString(), "src/test/vectors"));
        String recorded = System.getProperty("kmos.vectors", "");
        if (!recorded.isEmpty()) {
            args.add(recorded);
        }
        IsaReference.main(args.toArray(new String[0]));
        List<String> lines = Files.readAllLines(file);
        List<String> rows = lines.subList(lines.indexOf("| --- | --- | --- | --- | --: |") + 1, lines.size());
        assertEquals(Reference.forms().size(), rows.size());
        for (String row : rows) {
            assertTrue(row.matches(".*\\| (\\d+|fuzz|none) \\|"), row);
        }
        long tested = rows.stream().filter(row -> row.matches(".*\\| \\d+ \\|")).count();
        assertTrue(tested > (recorded.isEmpty() ? 0 : 1000), tested + " forms have recorded tests");
    }
}
