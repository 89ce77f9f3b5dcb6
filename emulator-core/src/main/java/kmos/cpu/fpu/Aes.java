// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;

/** AES-NI (FIPS 197) and PCLMULQDQ. d destination and first source, s second source, in linear memory; a byte of the state a byte. */
public final class Aes {
    /** The S-box and its inverse, a character a byte: string constants need no static initialiser. */
    private static final String S_BOX = "c|w{\362ko\3050\001g+\376\327\253v\312\202\311}\372YG\360\255\324\242\257\234\244r\300"
        + "\267\375\223&6?\367\3144\245\345\361q\3301\025\004\307#\303\030\226\005\232\007\022\200\342\353'\262u"
        + "\011\203,\032\033nZ\240R;\326\263)\343/\204S\321\000\355 \374\261[j\313\2769JLX\317"
        + "\320\357\252\373CM3\205E\371\002\177P<\237\250Q\243@\217\222\2358\365\274\266\332!\020\377\363\322"
        + "\315\014\023\354_\227D\027\304\247~=d]\031s`\201O\334\042*\220\210F\356\270\024\336^\013\333"
        + "\3402:\012I\006$\134\302\323\254b\221\225\344y\347\3107m\215\325N\251lV\364\352ez\256\010"
        + "\272x%.\034\246\264\306\350\335t\037K\275\213\212p>\265fH\003\366\016a5W\271\206\301\035\236"
        + "\341\370\230\021i\331\216\224\233\036\207\351\316U(\337\214\241\211\015\277\346BhA\231-\017\260T\273\026";
    private static final String INVERSE_S_BOX = "R\011j\32506\2458\277@\243\236\201\363\327\373|\3439\202\233/\377\2074\216CD\304\336\351\313"
        + "T{\2242\246\302#=\356L\225\013B\372\303N\010.\241f(\331$\262v[\242Im\213\321%"
        + "r\370\366d\206h\230\026\324\244\134\314]e\266\222lpHP\375\355\271\332^\025FW\247\215\235\204"
        + "\220\330\253\000\214\274\323\012\367\344X\005\270\263E\006\320,\036\217\312?\017\002\301\257\275\003\001\023\212k"
        + ":\221\021AOg\334\352\227\362\317\316\360\264\346s\226\254t\042\347\2555\205\342\3717\350\034u\337n"
        + "G\361\032q\035)\305\211o\267b\016\252\030\276\033\374V>K\306\322y \232\333\300\376x\315Z\364"
        + "\037\335\2503\210\007\3071\261\022\020Y'\200\354_`Q\177\251\031\265J\015-\345z\237\223\311\234\357"
        + "\240\340;M\256*\365\260\310\353\273<\203S\231a\027+\004~\272w\326&\341i\024cU!\014}";

    private Aes() { }

    /** One column of the state after ShiftRows and SubBytes; step is 5 for encryption, 13 for decryption. */
    private static int column(int state, int c, int step, String box) {
        int r = 0;
        for (int i = 0; i < 4; i++) {
            r |= box.charAt(Memory.get8(state + (c * 4 + i * step & 15))) << i * 8;
        }
        return r;
    }

    /** Four bytes doubled in GF(2^8). */
    private static int doubled(int v) {
        return (v & 0x7F7F7F7F) << 1 ^ (v >>> 7 & 0x01010101) * 0x1B;
    }

    private static int rotate(int v, int bits) {
        return v >>> bits | v << 32 - bits;
    }

    private static int mixColumn(int v) {
        int x = v ^ rotate(v, 8);
        return doubled(x) ^ rotate(v, 8) ^ rotate(v ^ rotate(v, 8), 16);
    }

    /** Multiplies by 14, 11, 13, 9: a factor of the ordinary MixColumns. */
    private static int inverseMixColumn(int v) {
        int quadruple = doubled(doubled(v));
        return mixColumn(v ^ quadruple ^ rotate(quadruple, 16));
    }

    private static void put(int d, int c0, int c1, int c2, int c3) {
        Memory.put32(d, c0);
        Memory.put32(d + 4, c1);
        Memory.put32(d + 8, c2);
        Memory.put32(d + 12, c3);
    }

    private static void xor(int d, int s, int c0, int c1, int c2, int c3) {
        put(d, c0 ^ Memory.get32(s), c1 ^ Memory.get32(s + 4), c2 ^ Memory.get32(s + 8), c3 ^ Memory.get32(s + 12));
    }

    public static void aesenc(int cpu, int d, int s) {
        xor(d, s, mixColumn(column(d, 0, 5, S_BOX)), mixColumn(column(d, 1, 5, S_BOX)), mixColumn(column(d, 2, 5, S_BOX)), mixColumn(column(d, 3, 5, S_BOX)));
    }

    public static void aesenclast(int cpu, int d, int s) {
        xor(d, s, column(d, 0, 5, S_BOX), column(d, 1, 5, S_BOX), column(d, 2, 5, S_BOX), column(d, 3, 5, S_BOX));
    }

    public static void aesdec(int cpu, int d, int s) {
        xor(d, s, inverseMixColumn(column(d, 0, 13, INVERSE_S_BOX)), inverseMixColumn(column(d, 1, 13, INVERSE_S_BOX)),
            inverseMixColumn(column(d, 2, 13, INVERSE_S_BOX)), inverseMixColumn(column(d, 3, 13, INVERSE_S_BOX)));
    }

    public static void aesdeclast(int cpu, int d, int s) {
        xor(d, s, column(d, 0, 13, INVERSE_S_BOX), column(d, 1, 13, INVERSE_S_BOX), column(d, 2, 13, INVERSE_S_BOX), column(d, 3, 13, INVERSE_S_BOX));
    }

    public static void aesimc(int cpu, int d, int s) {
        put(d, inverseMixColumn(Memory.get32(s)), inverseMixColumn(Memory.get32(s + 4)), inverseMixColumn(Memory.get32(s + 8)),
            inverseMixColumn(Memory.get32(s + 12)));
    }

    private static int substitute(int v) {
        return S_BOX.charAt(v & 0xFF) | S_BOX.charAt(v >>> 8 & 0xFF) << 8 | S_BOX.charAt(v >>> 16 & 0xFF) << 16 | S_BOX.charAt(v >>> 24) << 24;
    }

    public static void aeskeygenassist(int cpu, int d, int s, int imm) {
        int x1 = substitute(Memory.get32(s + 4)), x3 = substitute(Memory.get32(s + 12));
        put(d, x1, rotate(x1, 8) ^ imm, x3, rotate(x3, 8) ^ imm);
    }

    /** PCLMULQDQ: product without carries of one half of each operand (bit 0 of imm for d, bit 4 for s). */
    public static void pclmulqdq(int cpu, int d, int s, int imm) {
        long a = Memory.get64(d + (imm & 1) * 8), b = Memory.get64(s + (imm >>> 4 & 1) * 8);
        long low = 0, high = 0;
        for (int i = 0; i < 64; i++) {
            if ((b >>> i & 1) != 0) {
                low ^= a << i;
                high ^= i == 0 ? 0 : a >>> 64 - i;
            }
        }
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }
}
