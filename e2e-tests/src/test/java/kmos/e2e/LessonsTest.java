// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.headless.lessons.Lesson;
import kmos.headless.lessons.LessonMachine;
import kmos.system.KmosSystem;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lessons that come with kmOS: small as links, opened as they were made, and what they ask to type works (docs/lessons.md). */
@Tag("slow")
class LessonsTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final Path FOLDER = Path.of("../assets/lessons");
    private static final int LINK_CHARACTERS = 32_000;
    /** The page opens what is soon done only. */
    private static final long INSTRUCTIONS = 200_000_000;
    private static final Pattern BLOCK = Pattern.compile("<pre><code>(.*?)</code></pre>", Pattern.DOTALL);

    private static int linkCharacters(Snapshot s) {
        return (s.toBytes().length * 4 + 2) / 3;
    }

    private static long restored(Snapshot snapshot, SnapshotCodec.Base base) throws IOException {
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem fresh = new KmosSystem(Guest.ARENA, RecipeTest.config(), disk, b -> { });
            try {
                SnapshotFiles.restore(Snapshot.of(snapshot.toBytes()), fresh, disk, base);
                return fresh.stateHash();
            } finally {
                fresh.close();
            }
        }
    }

    /** Issue 6, figure (d): 95 % of the lesson states in a link of under 32 kB. */
    @Test
    void lessonsAreSmallLinks_andOpenAsTheyWereMade() throws IOException {
        SnapshotCodec.Base base = SnapshotFiles.base(Guest.ARENA, RecipeTest.config(), IMAGE);
        List<Lesson> lessons = Lesson.all(FOLDER);
        assertTrue(lessons.size() >= 12, lessons.size() + " lessons");
        int[] recipes = new int[lessons.size()], states = new int[lessons.size()];
        int at = 0;
        for (Lesson lesson : lessons) {
            try (LessonMachine machine = new LessonMachine(Guest.ARENA, RecipeTest.config(), IMAGE, lesson)) {
                Snapshot recipe = machine.recipe(), state = machine.state(base);
                recipes[at] = linkCharacters(recipe);
                states[at] = linkCharacters(state);
                System.out.printf("lesson %-12s link as a recipe %5d characters (%d million instructions), as a state %6d%n", lesson.name(), recipes[at],
                    machine.instructions() / 1_000_000, states[at++]);
                assertTrue(machine.instructions() < INSTRUCTIONS, lesson.name() + ": " + machine.instructions());
                assertEquals(machine.system().stateHash(), restored(recipe, null), lesson.name());
                assertEquals(machine.system().stateHash(), restored(state, base), lesson.name());
            }
        }
        System.out.println("95 % of the lessons: up to " + most(recipes) + " characters as recipes, as the site has them; " + most(states) + " as states");
        assertTrue(most(recipes) < LINK_CHARACTERS, most(recipes) + " characters");
    }

    /** Of 95 % of them. */
    private static int most(int[] sizes) {
        int[] sorted = sizes.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(0.95 * sorted.length) - 1];
    }

    /** All that a lesson asks to type, in order; its answers are in the log, to be read. */
    @Test
    void whatALessonAsksToType_works() throws IOException {
        for (Lesson lesson : Lesson.all(FOLDER)) {
            StringBuilder output = new StringBuilder();
            try (LessonMachine machine = new LessonMachine(Guest.ARENA, RecipeTest.config(), IMAGE, lesson, b -> output.append((char) b))) {
                output.setLength(0);
                Matcher block = BLOCK.matcher(lesson.html());
                for (boolean isFirst = true; block.find(); isFirst = false) {
                    if (isFirst && lesson.name().equals("vi")) {
                        machine.type("utes a program.\033");
                        machine.type("ggddp:wq\n");
                    }
                    for (String line : unescaped(block.group(1)).split("\n")) {
                        machine.type(line + "\n");
                        machine.type(line.startsWith("fg ") ? "text\n\004" : line.startsWith("vi ") ? ":q!\n" : line.contains("while true do end") ? "\003\003" : "");
                    }
                }
                for (int i = 0; i < 10; i++) {
                    machine.type(""); // what sleeps meanwhile answers later
                }
            }
            String text = output.toString().replace("\r", "");
            System.out.println("==== " + lesson.name() + "\n" + text);
            for (String wrong : List.of("command not found", "syntax error", "invalid option", "no such job", "unexpected")) {
                assertFalse(text.contains(wrong), lesson.name() + ": " + wrong + "\n" + text);
            }
        }
    }

    private static String unescaped(String html) {
        return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&").stripTrailing();
    }
}
