// SPDX-License-Identifier: Apache-2.0
package kmos.headless.lessons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kmos.base.MemoryArena;
import kmos.headless.BaseAsset;

/**
 * Part of the build of the site. Arguments: the folder of the disk image, that of the lessons, where to. Writes NAME.kmos (the machine), NAME.html (the text
 * beside it, a fragment) and list.html (all lessons, a fragment for lessons.html).
 */
public final class LessonsAsset {
    private LessonsAsset() { }

    public static void main(String[] args) throws IOException {
        Path image = Path.of(args[0]), to = Path.of(args[2]);
        Files.createDirectories(to);
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        byte[] font = Files.readAllBytes(image.resolve("console.psf"));
        List<Lesson> lessons = Lesson.all(Path.of(args[1]));
        StringBuilder list = new StringBuilder("<ol>\n");
        for (int i = 0; i < lessons.size(); i++) {
            Lesson lesson = lessons.get(i);
            try (LessonMachine machine = new LessonMachine(arena, BaseAsset.config(font), image.resolve("kmos.img"), lesson)) {
                byte[] file = machine.recipe().toBytes();
                Files.write(to.resolve(lesson.name() + ".kmos"), file);
                System.out.println("lesson " + lesson.name() + ": " + file.length + " bytes, " + machine.instructions() / 1_000_000 + " million instructions");
            }
            Files.writeString(to.resolve(lesson.name() + ".html"), text(lesson, i + 1 < lessons.size() ? lessons.get(i + 1) : null));
            list.append("<li><a href=\"./?lesson=").append(lesson.name()).append("\">").append(escape(lesson.title())).append("</a>\n").append(lesson.summary()).append("</li>\n");
        }
        Files.writeString(to.resolve("list.html"), list.append("</ol>\n"));
    }

    private static String text(Lesson lesson, Lesson next) {
        String link = next == null ? "" : "<p>Next: <a href=\"./?lesson=" + next.name() + "\">" + escape(next.title()) + "</a></p>\n";
        return "<h2 tabindex=\"-1\">" + escape(lesson.title()) + "</h2>\n" + lesson.html() + link;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
