// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** HotSpot does not compile methods of 8,000 bytes of bytecode and more: generated ones must stay below. */
class GeneratedCodeTest {
    private static final int LIMIT = 8000;

    @Test
    void noGeneratedMethodIsTooLargeToCompile() throws IOException {
        Path dir = Path.of("target/classes/kmos/cpu/decode");
        List<String> tooLarge = new ArrayList<>();
        int methods = 0;
        try (Stream<Path> files = Files.list(dir)) {
            for (Path f : files.filter(p -> p.toString().endsWith(".class")).toList()) {
                for (int length : codeLengths(f)) {
                    methods++;
                    if (length >= LIMIT) {
                        tooLarge.add(f.getFileName() + ": " + length);
                    }
                }
            }
        }
        assertTrue(methods > 3000, "generated methods: " + methods);
        assertTrue(tooLarge.isEmpty(), tooLarge.toString());
    }

    /** Lengths of the Code attributes of a class file (JVMS §4). */
    private static List<Integer> codeLengths(Path file) throws IOException {
        List<Integer> lengths = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            in.skipNBytes(8);
            int count = in.readUnsignedShort();
            String[] text = new String[count];
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1: text[i] = in.readUTF(); break;
                    case 3: case 4: case 9: case 10: case 11: case 12: case 17: case 18: in.skipNBytes(4); break;
                    case 5: case 6: in.skipNBytes(8); i++; break;
                    case 15: in.skipNBytes(3); break;
                    default: in.skipNBytes(2); break;
                }
            }
            in.skipNBytes(6);
            in.skipNBytes(2L * in.readUnsignedShort());
            for (int part = 0; part < 2; part++) {
                int members = in.readUnsignedShort();
                for (int m = 0; m < members; m++) {
                    in.skipNBytes(6);
                    int attributes = in.readUnsignedShort();
                    for (int a = 0; a < attributes; a++) {
                        String name = text[in.readUnsignedShort()];
                        int length = in.readInt();
                        if ("Code".equals(name)) {
                            in.skipNBytes(4);
                            lengths.add(in.readInt());
                            in.skipNBytes(length - 8);
                        } else {
                            in.skipNBytes(length);
                        }
                    }
                }
            }
        }
        return lengths;
    }
}
