// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kmos.cpu.CpuModel;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every program below src/test/c, in all variants, does on kmOS what it does on the host's Linux; also when every page
 * is missing once, when every wait is woken without reason, when every call finds pages and disk blocks missing, and in code
 * compiled at first sight. Programs in skip.txt have a reason there.
 */
@Tag("slow")
class ProgramsTest {
    private static final String TIMEOUT_SECONDS = "5";

    /** What is made difficult for the programs. */
    enum Mode { PLAIN, MISSING_PAGES, SPURIOUS_WAKE_UPS, COLD_DISK, CPU_MAX, COMPILED }

    private final Map<Variant, Map<String, String>> expected = new TreeMap<>();

    @TestFactory
    Stream<DynamicNode> programs_doWhatTheyDoOnLinux() throws IOException {
        Map<String, String> skipped = skipList();
        String variants = System.getProperty("kmos.e2e.variants", ".*");
        String modes = System.getProperty("kmos.e2e.modes", ".*");
        List<DynamicNode> nodes = new ArrayList<>();
        for (Variant variant : Variant.values()) {
            for (Mode mode : Mode.values()) {
                // Compiled code on the JVM is slow: one variant here, all in CompiledProgramsTest.
                boolean isChosen = mode != Mode.COMPILED || variant == Variant.AMD64_DYNAMIC;
                if (isChosen && variant.name().matches(variants) && mode.name().matches(modes)) {
                    nodes.add(dynamicContainer(variant + " " + mode, Stream.of(0).flatMap(x -> tests(variant, mode, skipped))));
                }
            }
        }
        return nodes.stream();
    }

    private Stream<DynamicNode> tests(Variant variant, Mode mode, Map<String, String> skipped) {
        try {
            Map<String, String> host = expected.get(variant);
            if (host == null) {
                host = onHost(variant);
                expected.put(variant, host);
            }
            Map<String, String> guest = onKmos(variant, mode);
            List<DynamicNode> tests = new ArrayList<>();
            for (String name : Programs.names(variant)) {
                String reason = skipped.getOrDefault(name, skipped.getOrDefault(variant + ":" + name, Programs.missing(name)));
                String linux = host.get(name);
                String kmos = guest.getOrDefault(name, "did not run");
                tests.add(dynamicTest(variant + " " + mode + " " + name, () -> {
                    Assumptions.assumeTrue(reason == null, reason);
                    assertEquals(linux, kmos);
                }));
            }
            return tests.stream();
        } catch (IOException failed) {
            return Stream.of(dynamicTest(variant + " " + mode, () -> {
                throw failed;
            }));
        }
    }

    /** Compiles a variant, runs it on the host, makes its disk. */
    static Map<String, String> onHost(Variant variant) throws IOException {
        Path programs = Programs.build(variant);
        Path work = Programs.TARGET.resolve("work-" + variant.folder());
        TestDisk.delete(work);
        List<String> command = new ArrayList<>(List.of(Programs.TARGET.resolve("runner").toString(), programs.toString(), work.toString(), TIMEOUT_SECONDS));
        command.addAll(Programs.names(variant));
        Map<String, String> outcome = Outcome.parse(Tool.run(Programs.TARGET, command));
        TestDisk.delete(work);
        TestDisk.make(variant, programs, 200);
        return outcome;
    }

    static Map<String, String> onKmos(Variant variant, Mode mode) throws IOException {
        List<String> names = Programs.names(variant);
        List<String> command = new ArrayList<>(List.of("/runner", "/t", variant.workFolder, TIMEOUT_SECONDS));
        command.addAll(names);
        SystemConfig config = Guest.config(192, command.toArray(new String[0]));
        if (mode == Mode.CPU_MAX) {
            config.cpuModel = CpuModel.max();
        }
        List<ChicoryBackend> backends = new ArrayList<>();
        if (mode == Mode.COMPILED) {
            config.jit = cpu -> {
                backends.add(new ChicoryBackend(cpu, false));
                return backends.get(0);
            };
            config.jitThreshold = 1;
        }
        config.kernel.missEveryPageOnce = mode == Mode.MISSING_PAGES;
        config.kernel.spuriousWakeUps = mode == Mode.SPURIOUS_WAKE_UPS;
        config.kernel.forgetsCaches = mode == Mode.COLD_DISK;
        config.kernel.missEveryPageOnce |= mode == Mode.COLD_DISK;
        long start = System.nanoTime();
        String text = Guest.run(Programs.TARGET.resolve(variant.folder() + ".img"), config, 1_000_000_000L * (60 + 6L * names.size()));
        assertTrue(mode != Mode.COMPILED || backends.get(0).modules() > 1000, "the programs ran in compiled code");
        Files.writeString(Programs.TARGET.resolve(variant.folder() + "-" + mode + ".out"), text, StandardCharsets.ISO_8859_1);
        System.out.println(variant + " " + mode + ": " + names.size() + " programs in " + (System.nanoTime() - start) / 1_000_000 + " ms");
        int trouble = text.lastIndexOf("\n!! ");
        if (trouble >= 0) {
            System.out.println(text.substring(trouble).strip());
        }
        return Outcome.parse(text);
    }

    /** Lines NAME: REASON or VARIANT:NAME: REASON. */
    private static Map<String, String> skipList() throws IOException {
        Map<String, String> skipped = new TreeMap<>();
        for (String line : Files.readAllLines(Programs.SOURCES.resolve("skip.txt"), StandardCharsets.UTF_8)) {
            int cut = line.indexOf(": ");
            if (!line.startsWith("#") && cut > 0) {
                skipped.put(line.substring(0, cut), line.substring(cut + 2));
            }
        }
        return skipped;
    }
}
