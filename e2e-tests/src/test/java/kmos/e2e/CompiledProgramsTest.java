// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every C program in code compiled at first sight does what the interpreter makes of it, in all variants. */
@Tag("soak")
class CompiledProgramsTest {
    @ParameterizedTest
    @EnumSource(Variant.class)
    void compiledProgramsDoWhatTheInterpreterDoes(Variant variant) throws IOException {
        ProgramsTest.onHost(variant);
        Map<String, String> interpreted = ProgramsTest.onKmos(variant, ProgramsTest.Mode.PLAIN);
        assertEquals(interpreted, ProgramsTest.onKmos(variant, ProgramsTest.Mode.COMPILED));
    }
}
