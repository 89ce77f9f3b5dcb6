// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BinaryDeltaTest {
    private static final int LIMIT = 1 << 24;

    private static byte[] noise(int seed, int length) {
        byte[] b = new byte[length];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static byte[] roundTrip(byte[] source, byte[] target) {
        byte[] delta = BinaryDelta.encode(source, target);
        assertArrayEquals(target, BinaryDelta.apply(source, delta, LIMIT));
        return delta;
    }

    @Test
    void anythingComesBack_fromAnySource() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] source = noise(i, random.nextInt(3000));
            byte[] target = noise(i + 1000, random.nextInt(3000));
            for (int k = random.nextInt(6); k > 0 && source.length > 0 && target.length > 0; k--) {
                int from = random.nextInt(source.length);
                int to = random.nextInt(target.length);
                int n = random.nextInt(Math.min(source.length - from, target.length - to) + 1);
                System.arraycopy(source, from, target, to, n);
            }
            roundTrip(source, target);
        }
    }

    @Test
    void smallChangesInPlace_costFewBytes() {
        byte[] source = noise(1, 1 << 20);
        byte[] target = source.clone();
        for (int at = 5; at < target.length; at += 40_000) {
            target[at]++;
        }
        assertTrue(roundTrip(source, target).length < 27 * 8);
    }

    @Test
    void movedAndRepeatedBlocks_areCopied() {
        byte[] source = noise(1, 1 << 16);
        byte[] target = new byte[3 << 16];
        System.arraycopy(source, 100, target, 5000, 40_000);
        byte[] fresh = noise(2, 20_000);
        System.arraycopy(fresh, 0, target, 60_003, fresh.length);
        System.arraycopy(fresh, 0, target, 100_001, fresh.length);
        int length = roundTrip(source, target).length;
        assertTrue(length < 20_000 + 200, "length " + length);
    }

    @Test
    void damagedDeltas_areRefusedOrGiveSomethingElse() {
        byte[] source = noise(1, 4000);
        byte[] target = Arrays.copyOf(noise(1, 4000), 5000);
        byte[] delta = BinaryDelta.encode(source, target);
        for (int n = 0; n < delta.length; n++) {
            byte[] cut = Arrays.copyOf(delta, n);
            assertThrows(SnapshotException.class, () -> BinaryDelta.apply(source, cut, LIMIT));
        }
        Random random = new Random(9);
        byte[] longer = BinaryDelta.encode(source, noise(3, 900));
        for (int i = 0; i < 50_000; i++) {
            byte[] bad = (i % 2 == 0 ? delta : longer).clone();
            bad[random.nextInt(Math.min(bad.length, 40))] = (byte) random.nextInt();
            try {
                assertTrue(BinaryDelta.apply(source, bad, LIMIT).length <= LIMIT);
            } catch (SnapshotException refused) {
                assertTrue(refused.getMessage().length() > 5);
            }
        }
    }
}
