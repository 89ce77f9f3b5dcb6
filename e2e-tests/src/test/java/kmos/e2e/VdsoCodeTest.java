// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kmos.kernel.exec.VdsoCode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of the vdso are those of its source. */
class VdsoCodeTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "vdso-{0}.s assembles to the bytes in VdsoCode")
    @ValueSource(ints = {32, 64})
    void code_isWhatTheAssemblerMakes(int bits) throws Exception {
        Path source = Path.of("../kernel/src/main/asm/vdso-" + bits + ".s").toAbsolutePath();
        Path object = folder.resolve("vdso.o");
        Path code = folder.resolve("vdso.bin");
        Tool.run(folder, List.of("as", "--" + bits, "-o", object.toString(), source.toString()));
        Tool.run(folder, List.of("objcopy", "-O", "binary", "-j", ".text", object.toString(), code.toString()));
        assertArrayEquals(Files.readAllBytes(code), VdsoCode.code(bits == 64));
    }
}
