// SPDX-License-Identifier: Apache-2.0
package kmos.headless.lessons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.TextContentRenderer;

/**
 * One file NUMBER-NAME.md: a heading with the title, a paragraph that sums it up, a fenced block "setup" with the lines that are typed before it is opened,
 * and what the reader reads. summary and html: HTML; setup: lines without their ends.
 */
public record Lesson(String name, String title, String summary, String html, List<String> setup) {
    private static final List<TablesExtension> TABLES = List.of((TablesExtension) TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(TABLES).build();
    private static final HtmlRenderer HTML = HtmlRenderer.builder().extensions(TABLES).escapeHtml(true).build();

    /** All lessons of a folder in the order of their numbers. */
    public static List<Lesson> all(Path folder) throws IOException {
        List<Lesson> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
                all.add(parse(file.getFileName().toString(), Files.readString(file)));
            }
        }
        return all;
    }

    /** IllegalArgumentException: what the file lacks. */
    static Lesson parse(String file, String markdown) {
        require(file.matches("\\d\\d-[a-z-]+\\.md"), file, "a name like 01-processes.md");
        Node document = PARSER.parse(markdown);
        require(document.getFirstChild() instanceof Heading, file, "a heading at its beginning");
        String title = TextContentRenderer.builder().build().render(document.getFirstChild());
        document.getFirstChild().unlink();
        require(document.getFirstChild() instanceof Paragraph, file, "a paragraph behind its heading");
        String summary = HTML.render(document.getFirstChild()).strip();
        FencedCodeBlock setup = null;
        for (Node n = document.getFirstChild(); n != null; n = n.getNext()) {
            setup = n instanceof FencedCodeBlock block && block.getInfo().equals("setup") ? block : setup;
        }
        require(setup != null, file, "a block ```setup");
        setup.unlink();
        return new Lesson(file.substring(3, file.length() - 3), title, summary, HTML.render(document), setup.getLiteral().lines().toList());
    }

    private static void require(boolean isThere, String file, String what) {
        if (!isThere) {
            throw new IllegalArgumentException("lesson " + file + " has not " + what);
        }
    }
}
