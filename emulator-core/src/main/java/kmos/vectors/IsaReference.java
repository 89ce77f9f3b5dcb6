// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.fuzz.FuzzCpu;
import kmos.isa.build.Reference;

/** {@code ./kmos docs}: writes the instruction set as markdown, each form with what the recorded vectors say of it. */
public final class IsaReference {
    private IsaReference() { }

    /** args: the file to write, and folders of vectors. */
    public static void main(String[] args) throws IOException {
        List<Reference.Form> forms = Reference.forms();
        int[] passed = new int[forms.size()], failed = new int[forms.size()];
        for (int i = 1; i < args.length; i++) {
            count(Path.of(args[i]), passed, failed);
        }
        Path out = Path.of(args[0]);
        Files.createDirectories(out.toAbsolutePath().getParent());
        Files.writeString(out, markdown(forms, passed, failed));
    }

    private static void count(Path dir, int[] passed, int[] failed) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(dir)) {
            files = walk.filter(f -> f.getFileName().toString().matches(".*\\.txt(\\.gz)?") && f.getParent().getFileName().toString().matches("v(16|32|64)"))
                .sorted().toList();
        }
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 128) << 20);
        for (Path f : files) {
            Replay r = Main.file(arena, f, Set.of(), CpuModel.max());
            for (int row = 0; row < passed.length; row++) {
                passed[row] += r.passedByRow()[row];
                failed[row] += r.failedByRow()[row];
            }
        }
    }

    static String markdown(List<Reference.Form> forms, int[] passed, int[] failed) {
        StringBuilder s = new StringBuilder("# Instruction set\n\nMade from `x86.isa` by `./kmos docs`; its head explains the notation. \"Tests\" counts the recorded results of a real\n"
            + "processor that this form passes (first instruction of a test; all word sizes), or says what fails. Without any it says\n\"fuzz\" where `./kmos fuzz cpu` compares the form "
            + "with the host's processor, and \"none\" where only programs test it (segments, traps, state areas, approximations).\n\n");
        int tested = 0;
        for (int n : passed) {
            tested += n > 0 ? 1 : 0;
        }
        s.append(forms.size()).append(" forms, ").append(tested).append(" of them with recorded tests.\n\n");
        s.append("| bytes | operands | meaning | needs | tests |\n| --- | --- | --- | --- | --: |\n");
        for (int i = 0; i < forms.size(); i++) {
            Reference.Form f = forms.get(i);
            String status = failed[i] > 0 ? failed[i] + " of " + (passed[i] + failed[i]) + " FAIL" : passed[i] == 0 ? FuzzCpu.isFuzzed(f.meaning()) ? "fuzz" : "none" : String.valueOf(passed[i]);
            s.append("| ").append(f.bytes()).append(f.vectorBits() == 0 || f.bytes().contains(" L") ? "" : f.vectorBits() == 256 ? " L1" : " L0").append(" | ")
                .append(f.operands().replace("-", "")).append(" | ").append(f.meaning()).append(" | ").append(f.extensions()).append(" | ").append(status).append(" |\n");
        }
        return s.toString();
    }
}
