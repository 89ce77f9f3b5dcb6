// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import kmos.system.ConfigText;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingTest {
    private static SystemConfig config() {
        SystemConfig config = new SystemConfig();
        config.kernel.init = new String[] {"/bin/sh", "-c", "echo \\ a\nb"};
        config.kernel.seed = -77;
        config.kernel.rootDevice = "hda1";
        return config;
    }

    private static byte[] file() {
        EventLog log = new EventLog(1800);
        for (int i = 0; i < 50; i++) {
            log.event(2000 + i * 100, OutsideEvent.BUSY, new OutsideEvent(OutsideEvent.TYPED, 0, 0, new byte[] {(byte) i}));
        }
        return Recording.of(config(), "ab12", null, log).toBytes();
    }

    @Test
    void fileBringsEverythingBack() {
        Recording r = Recording.parse(file());
        assertEquals(KmosSystem.build(), r.build());
        assertEquals("ab12", r.image());
        assertEquals(6900, r.endCycles());
        SystemConfig back = r.systemConfig(null);
        assertEquals(ConfigText.of(config()), ConfigText.of(back));
        assertEquals("echo \\ a\nb", back.kernel.init[2]);
        assertEquals(2000, r.events().peek().cycles());
    }

    @Test
    void anotherImageIsRefused() {
        Recording r = Recording.parse(file());
        r.requireBuild("ab12");
        assertTrue(assertThrows(BadRecordingException.class, () -> r.requireBuild("cd34")).getMessage().contains("disk image ab12, here is cd34"));
    }

    @Test
    void anotherBuildIsRefused() {
        Map<String, byte[]> sections = new LinkedHashMap<>(RecordingFile.read(file()));
        sections.put("build", "older".getBytes(StandardCharsets.ISO_8859_1));
        Recording r = Recording.parse(RecordingFile.write(sections));
        assertTrue(assertThrows(BadRecordingException.class, () -> r.requireBuild("ab12")).getMessage().contains("kmOS build older"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"empty, 0, -1, not a kmOS recording", "something else, 40, 0, not a kmOS recording", "cut in the header, 20, -1, it ends within its header",
        "cut in the body, 60, -1, truncated", "later version, 100000, 8, format version", "changed byte, 100000, 40, checksum is wrong"})
    void badFilesAreRefusedWithAReason(String claim, int length, int changed, String words) {
        byte[] good = file();
        byte[] bad = Arrays.copyOf(good, Math.min(length, good.length));
        if (changed >= 0) {
            bad[changed] ^= 0x55;
        }
        String message = assertThrows(BadRecordingException.class, () -> Recording.parse(bad)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void longerFileIsRefused() {
        byte[] good = file();
        assertTrue(assertThrows(BadRecordingException.class, () -> Recording.parse(Arrays.copyOf(good, good.length + 3))).getMessage().contains("damaged"));
    }

    /** With a right checksum, as somebody could make it on purpose. */
    @Test
    void hostileContentIsRefusedOrRead_neverMore() {
        Map<String, byte[]> sections = RecordingFile.read(file());
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            Map<String, byte[]> bad = new LinkedHashMap<>(sections);
            String name = new String[] {"config", "from", "events"}[random.nextInt(3)];
            byte[] content = sections.get(name).clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                content[random.nextInt(content.length)] = (byte) random.nextInt(256);
            }
            bad.put(name, random.nextInt(10) == 0 ? Arrays.copyOf(content, random.nextInt(content.length + 1)) : content);
            byte[] file = RecordingFile.write(bad);
            try {
                Recording.parse(file).systemConfig(null);
            } catch (BadRecordingException refused) {
                assertTrue(refused.getMessage().length() > 10, refused.getMessage());
            }
        }
    }
}
