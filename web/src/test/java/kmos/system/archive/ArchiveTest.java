// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cpio and tar as entries; what is damaged or hostile is refused with a reason. */
class ArchiveTest {
    private static final int FILE = 0100755, DIRECTORY = 0040700, SYMLINK = 0120777;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private ArchiveTest cpio(int ino, int links, String name, int mode, String content) {
        int[] fields = {ino, mode, 1, 2, links, 0, content.length(), 8, 1, 0, 0, name.length() + 1, 0};
        StringBuilder header = new StringBuilder("070701");
        for (int f : fields) {
            header.append(String.format("%08x", f));
        }
        out.writeBytes(latin1(header + name + "\0"));
        pad(4);
        out.writeBytes(latin1(content));
        pad(4);
        return this;
    }

    private ArchiveTest trailer() {
        return cpio(0, 1, "TRAILER!!!", 0, "");
    }

    private ArchiveTest tar(char type, String name, int mode, String link, String content) {
        byte[] h = new byte[512];
        put(h, 0, name);
        put(h, 100, String.format("%07o", mode & 07777));
        put(h, 108, "0000001");
        put(h, 116, "0000002");
        put(h, 124, String.format("%011o", content.length()));
        put(h, 136, "00000000000");
        put(h, 148, "        ");
        h[156] = (byte) type;
        put(h, 157, link);
        put(h, 257, "ustar\00000");
        int sum = 0;
        for (byte b : h) {
            sum += b & 0xFF;
        }
        put(h, 148, String.format("%06o\0 ", sum));
        out.writeBytes(h);
        out.writeBytes(latin1(content));
        pad(512);
        return this;
    }

    private ArchiveTest end() {
        out.writeBytes(new byte[1024]);
        return this;
    }

    private static void put(byte[] to, int at, String text) {
        System.arraycopy(latin1(text), 0, to, at, text.length());
    }

    private void pad(int unit) {
        while (out.size() % unit != 0) {
            out.write(0);
        }
    }

    private List<String> read() {
        return list(out.toByteArray());
    }

    private static List<String> list(byte[] bytes) {
        Archive archive = Archive.read(bytes);
        List<String> all = new ArrayList<>();
        for (ArchiveEntry e : archive.entries()) {
            String content = new String(bytes, e.offset(), e.length(), StandardCharsets.ISO_8859_1);
            all.add(e.path() + " " + Integer.toOctalString(e.mode()) + " " + e.uid() + ":" + e.gid() + (e.link() == null ? "" : " -> " + e.link()) + " [" + content + "]");
        }
        return all;
    }

    private String problem() {
        return assertThrows(ArchiveException.class, this::read).toString();
    }

    @Test
    void cpio_hasFilesDirectoriesAndSymlinks() {
        assertEquals(List.of("bin 40700 1:2 []", "bin/sh 100755 1:2 [#!x]", "bin/ash 120777 1:2 -> sh []"),
            cpio(1, 1, "./bin", DIRECTORY, "").cpio(2, 1, "bin/sh", FILE, "#!x").cpio(3, 1, "bin/ash", SYMLINK, "sh").trailer().read());
    }

    @Test
    void cpio_contentOfAHardLink_mayComeWithItsLastName() {
        assertEquals(List.of("a 100755 1:2 [same]", "b 100755 1:2 -> a []", "c 100755 1:2 -> a []"),
            cpio(7, 3, "a", FILE, "").cpio(7, 3, "b", FILE, "").cpio(7, 3, "c", FILE, "same").trailer().read());
    }

    @Test
    void tar_hasFilesDirectoriesAndLinks() {
        assertEquals(List.of("d 40700 1:2 []", "d/f 100755 1:2 [text]", "d/h 100755 1:2 -> d/f []", "d/s 120777 1:2 -> ../x []"),
            tar('5', "d/", 0700, "", "").tar('0', "./d/f", 0755, "", "text").tar('1', "d/h", 0755, "d/f", "").tar('2', "d/s", 0777, "../x", "").end().read());
    }

    @Test
    void tar_longNames_paxAndGnu() {
        String name = "n".repeat(150);
        String record = " path=" + name + "\n";
        int length = record.length() + 3;
        assertEquals(List.of(name + " 100644 1:2 [1]", name + " 100644 1:2 [2]", "short 100644 1:2 [3]"),
            tar('x', "pax", 0, "", length + record).tar('0', "cut", 0644, "", "1")
                .tar('L', "././@LongLink", 0, "", name + "\0").tar('0', "cut", 0644, "", "2").tar('0', "short", 0644, "", "3").end().read());
    }

    @ParameterizedTest
    @CsvSource({"/etc/passwd, absolute path", "../up, leads out", "a/../../b, leads out"})
    void hostilePaths_areRefused(String path, String reason) {
        cpio(1, 1, path, FILE, "x").trailer();
        assertTrue(problem().contains(reason), problem());
        out.reset();
        tar('0', path, 0644, "", "x").end();
        assertTrue(problem().contains(reason), problem());
        out.reset();
        tar('1', "harmless", 0644, path, "").end();
        assertTrue(problem().contains(reason), problem());
    }

    @Test
    void everyTruncation_isRefused() {
        cpio(1, 1, "name", FILE, "some content").cpio(2, 1, "l", SYMLINK, "name").trailer();
        refuseEveryPrefix(out.toByteArray(), out.size() - 3);
        out.reset();
        tar('x', "pax", 0, "", "13 path=abcd\n").tar('0', "f", 0644, "", "some content").end();
        refuseEveryPrefix(out.toByteArray(), out.size() - 1024 + 511);
    }

    private static void refuseEveryPrefix(byte[] whole, int longest) {
        list(whole);
        for (int n = 0; n < longest; n++) {
            byte[] cut = Arrays.copyOf(whole, n);
            assertThrows(ArchiveException.class, () -> Archive.read(cut), () -> cut.length + " bytes");
        }
    }

    @Test
    void everyDamagedByte_givesEntriesOrAReason_nothingElse() {
        cpio(1, 2, "name", FILE, "some content").cpio(1, 2, "l", FILE, "").trailer();
        damage(out.toByteArray());
        out.reset();
        tar('x', "pax", 0, "", "13 path=abcd\n").tar('0', "f", 0644, "", "some content").end();
        damage(out.toByteArray());
    }

    private static void damage(byte[] whole) {
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0, 0x2F, 0x37, 0x7F, 0x80, 0xFF}) {
                byte[] bad = whole.clone();
                bad[at] = (byte) value;
                try {
                    Archive.read(bad);
                } catch (ArchiveException e) {
                    refused++;
                }
            }
        }
        assertTrue(refused > whole.length / 4, "only " + refused + " were refused");
    }

    @Test
    void otherFiles_areRefused() {
        out.writeBytes(latin1("PK\003\004 no archive of ours".repeat(40)));
        assertEquals("the archive is neither cpio (newc) nor tar", problem());
    }
}
