// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** The kernel's seeded generator (xoshiro256**, Blackman and Vigna 2018): ASLR, AT_RANDOM, getrandom, /dev/urandom. */
public final class KernelRandom implements Stateful {
    private final long[] s = new long[4];
    /** See {@link #image}; 0: not drawn yet. */
    private long image;

    public KernelRandom(long seed) {
        long x = seed;
        for (int i = 0; i < 4; i++) {
            // SplitMix64, as its authors advise for seeding.
            x += 0x9E3779B97F4A7C15L;
            long z = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            s[i] = z ^ z >>> 31;
        }
    }

    public long next64() {
        long result = rotate(s[1] * 5, 7) * 9;
        long t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate(s[3], 45);
        return result;
    }

    /** The low bits of a fresh word. */
    public long bits(int count) {
        return next64() >>> 64 - count;
    }

    public void fill(byte[] to, int offset, int count) {
        for (int i = 0; i < count;) {
            long word = next64();
            for (int b = 0; b < 8 && i < count; b++, i++) {
                to[offset + i] = (byte) (word >>> b * 8);
            }
        }
    }

    /**
     * The word that places programs and libraries, one for all of them: decoded and compiled code of a file belongs to its
     * address, so it serves the next process as well (docs/adr/0009). Stacks and heaps are placed anew for each.
     */
    public long image() {
        while (image == 0) {
            image = next64();
        }
        return image;
    }

    /** Mixes in what somebody wrote to /dev/urandom. */
    public void mix(long word) {
        s[0] ^= word;
        next64();
        image = 0;
    }

    private static long rotate(long x, int k) {
        return x << k | x >>> 64 - k;
    }

    @Override
    public void state(StateFields f) {
        s[0] = f.i64("s0", s[0]);
        s[1] = f.i64("s1", s[1]);
        s[2] = f.i64("s2", s[2]);
        s[3] = f.i64("s3", s[3]);
        image = f.i64("image", image);
    }
}
