// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.util.Map;

/** The same without JUnit, for work on one program: prints the differences and how many there are. */
final class ProgramsMain {
    private ProgramsMain() { }

    public static void main(String[] args) throws IOException {
        int total = 0;
        int wrong = 0;
        for (Variant variant : Variant.values()) {
            if (!variant.name().matches(System.getProperty("kmos.e2e.variants", ".*"))) {
                continue;
            }
            Map<String, String> host = ProgramsTest.onHost(variant);
            for (ProgramsTest.Mode mode : ProgramsTest.Mode.values()) {
                if (!mode.name().matches(System.getProperty("kmos.e2e.modes", ".*"))) {
                    continue;
                }
                Map<String, String> guest = ProgramsTest.onKmos(variant, mode);
                for (Map.Entry<String, String> e : host.entrySet()) {
                    total++;
                    String kmos = guest.getOrDefault(e.getKey(), "did not run\n");
                    if (!kmos.equals(e.getValue())) {
                        wrong++;
                        System.out.println("==== " + variant + " " + mode + " " + e.getKey());
                        difference(e.getValue().split("\n"), kmos.split("\n"));
                    }
                }
            }
        }
        System.out.println(total + " ran, " + wrong + " differ");
    }

    private static void difference(String[] linux, String[] kmos) {
        int i = 0;
        for (int shown = 0; i < Math.max(linux.length, kmos.length) && shown < 6; i++) {
            String a = i < linux.length ? linux[i] : "(end)";
            String b = i < kmos.length ? kmos[i] : "(end)";
            if (!a.equals(b)) {
                System.out.println("  linux: " + a + "\n  kmos:  " + b);
                shown++;
            }
        }
    }
}
