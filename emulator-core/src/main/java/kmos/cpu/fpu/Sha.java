// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;

/** SHA-NI (FIPS 180-4). d destination and first source, s second source, four words each in linear memory; word 3 is the uppermost. */
public final class Sha {
    private Sha() { }

    private static int word(int a, int i) {
        return Memory.get32(a + i * 4);
    }

    private static void put(int d, int w0, int w1, int w2, int w3) {
        Memory.put32(d, w0);
        Memory.put32(d + 4, w1);
        Memory.put32(d + 8, w2);
        Memory.put32(d + 12, w3);
    }

    private static int rotateLeft(int v, int n) {
        return v << n | v >>> 32 - n;
    }

    private static int rotateRight(int v, int n) {
        return v >>> n | v << 32 - n;
    }

    /** Four rounds; imm chooses function and constant. */
    public static void sha1rnds4(int cpu, int d, int s, int imm) {
        int a = word(d, 3), b = word(d, 2), c = word(d, 1), x = word(d, 0), e = 0;
        int kind = imm & 3;
        int k = kind == 0 ? 0x5A827999 : kind == 1 ? 0x6ED9EBA1 : kind == 2 ? 0x8F1BBCDC : 0xCA62C1D6;
        for (int i = 0; i < 4; i++) {
            int f = kind == 0 ? b & c ^ ~b & x : kind == 2 ? b & c ^ b & x ^ c & x : b ^ c ^ x;
            int next = f + rotateLeft(a, 5) + word(s, 3 - i) + e + k;
            e = x;
            x = c;
            c = rotateLeft(b, 30);
            b = a;
            a = next;
        }
        put(d, x, c, b, a);
    }

    public static void sha1nexte(int cpu, int d, int s) {
        put(d, word(s, 0), word(s, 1), word(s, 2), word(s, 3) + rotateLeft(word(d, 3), 30));
    }

    public static void sha1msg1(int cpu, int d, int s) {
        put(d, word(s, 2) ^ word(d, 0), word(s, 3) ^ word(d, 1), word(d, 0) ^ word(d, 2), word(d, 1) ^ word(d, 3));
    }

    public static void sha1msg2(int cpu, int d, int s) {
        int w16 = rotateLeft(word(d, 3) ^ word(s, 2), 1), w17 = rotateLeft(word(d, 2) ^ word(s, 1), 1);
        int w18 = rotateLeft(word(d, 1) ^ word(s, 0), 1), w19 = rotateLeft(word(d, 0) ^ w16, 1);
        put(d, w19, w18, w17, w16);
    }

    /** Two rounds; XMM0 holds the message words with their constants added. */
    public static void sha256rnds2(int cpu, int d, int s) {
        int a = word(s, 3), b = word(s, 2), c = word(d, 3), x = word(d, 2), e = word(s, 1), f = word(s, 0), g = word(d, 1), h = word(d, 0);
        for (int i = 0; i < 2; i++) {
            int t = (e & f ^ ~e & g) + (rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)) + word(cpu + CpuState.XMM, i) + h;
            int next = t + (a & b ^ a & c ^ b & c) + (rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22));
            h = g;
            g = f;
            f = e;
            e = t + x;
            x = c;
            c = b;
            b = a;
            a = next;
        }
        put(d, f, e, b, a);
    }

    private static int sigma0(int v) {
        return rotateRight(v, 7) ^ rotateRight(v, 18) ^ v >>> 3;
    }

    private static int sigma1(int v) {
        return rotateRight(v, 17) ^ rotateRight(v, 19) ^ v >>> 10;
    }

    public static void sha256msg1(int cpu, int d, int s) {
        put(d, word(d, 0) + sigma0(word(d, 1)), word(d, 1) + sigma0(word(d, 2)), word(d, 2) + sigma0(word(d, 3)), word(d, 3) + sigma0(word(s, 0)));
    }

    public static void sha256msg2(int cpu, int d, int s) {
        int w16 = word(d, 0) + sigma1(word(s, 2)), w17 = word(d, 1) + sigma1(word(s, 3));
        put(d, w16, w17, word(d, 2) + sigma1(w16), word(d, 3) + sigma1(w17));
    }
}
