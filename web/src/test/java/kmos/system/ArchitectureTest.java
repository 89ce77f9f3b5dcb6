// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may import whom (the map in docs/reading-order.md), and how long a file may be. */
class ArchitectureTest {
    private static final int MAX_LINES = 1000;
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("kmos");
    }

    private static void holds(ArchRule rule) {
        rule.check(classes);
    }

    @Test
    void baseImportsNothingOfOurs() {
        holds(noClasses().that().resideInAPackage("kmos.base..").should().dependOnClassesThat()
            .resideInAnyPackage("kmos.isa..", "kmos.machine..", "kmos.cpu..", "kmos.device..", "kmos.host..", "kmos.fs..", "kmos.kernel..", "kmos.system..", "kmos.web..",
                "kmos.headless.."));
    }

    @Test
    void fileSystemsKnowOnlyBase() {
        holds(noClasses().that().resideInAPackage("kmos.fs..").should().dependOnClassesThat()
            .resideInAnyPackage("kmos.isa..", "kmos.machine..", "kmos.cpu..", "kmos.device..", "kmos.host..", "kmos.kernel..", "kmos.system..", "kmos.web..", "kmos.headless.."));
    }

    @Test
    void theProcessorAndTheBoardDoNotKnowTheKernel() {
        holds(noClasses().that().resideInAnyPackage("kmos.machine..", "kmos.cpu..", "kmos.device..", "kmos.host..").should().dependOnClassesThat()
            .resideInAnyPackage("kmos.fs..", "kmos.kernel..", "kmos.system..", "kmos.web..", "kmos.headless.."));
    }

    @Test
    void theKernelSeesOfTheEmulatorOnlyTheMachine() {
        holds(noClasses().that().resideInAPackage("kmos.kernel..").should().dependOnClassesThat()
            .resideInAnyPackage("kmos.cpu..", "kmos.device..", "kmos.host..", "kmos.isa..", "kmos.system..", "kmos.web..", "kmos.headless.."));
    }

    @Test
    void portsAreForDriversOnly() {
        holds(noClasses().that().resideInAPackage("kmos.kernel..").and().resideOutsideOfPackages("kmos.kernel.driver..", "kmos.kernel").should()
            .dependOnClassesThat().haveFullyQualifiedName("kmos.machine.PortSpace"));
    }

    @Test
    void teavmIsNamedOnlyWhereItMustBe() {
        holds(noClasses().that().resideOutsideOfPackages("kmos.web..", "kmos.cpu.wasm..").and().doNotHaveFullyQualifiedName("kmos.base.Memory").should()
            .dependOnClassesThat().resideInAPackage("org.teavm.."));
    }

    @Test
    void nothingInTheMachineAsksTheHostsClockOrStartsThreads() {
        holds(noClasses().that().resideInAnyPackage("kmos.base..", "kmos.machine..", "kmos.cpu..", "kmos.device..", "kmos.fs..", "kmos.kernel..", "kmos.system..").should()
            .dependOnClassesThat().haveNameMatching("java\\.lang\\.Thread|java\\.util\\.Random|java\\.time\\.(Instant|Clock)|java\\.util\\.concurrent\\..*"));
        // The engine that stands for the browser's on the JVM is the host's, and measures how long it takes.
        holds(noClasses().that().resideInAnyPackage("kmos.base..", "kmos.machine..", "kmos.cpu..", "kmos.device..", "kmos.fs..", "kmos.kernel..", "kmos.system..")
            .and().resideOutsideOfPackage("kmos.cpu.jit.jvm").should()
            .callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis"));
    }

    @Test
    void noSourceFileIsTooLongToRead() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        List<String> tooLong = new ArrayList<>();
        for (String module : new String[] {"base", "isa", "emulator-core", "fs", "net", "gui", "kernel", "assets", "web"}) {
            try (Stream<Path> walk = Files.walk(root.resolve(module).resolve("src"))) {
                for (Path f : walk.filter(p -> p.toString().endsWith(".java")).toList()) {
                    long lines = Files.readString(f).lines().count();
                    if (lines > MAX_LINES) {
                        tooLong.add(root.relativize(f) + ": " + lines);
                    }
                }
            }
        }
        assertTrue(tooLong.isEmpty(), tooLong.toString());
    }
}
