// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.isa.build.Reference;
import org.junit.jupiter.api.Test;

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
        String text = IsaReference.markdown(forms, new int[] {3, 5, 0, 0}, new int[] {0, 2, 0, 0}, true);
        assertTrue(text.contains("| 00 /r | Eb,Gb | Alu.add |  | 3 |\n"), text);
        assertTrue(text.contains("| V 66 0F FE /r L1 | Vx,Hx,Wx | Simd.packed | avx2 | 2 of 7 FAIL |\n"), text);
        assertTrue(text.contains("| C3 |  | Control.ret |  | fuzz |\n"), text);
        assertTrue(text.contains("| 0F A2 |  | SystemOps.cpuid |  | none |\n"), text);
    }
}
