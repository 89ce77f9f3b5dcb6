// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.util.Locale;

/** A C program of many distinct functions, each called a few times: code that a translator has to translate and that never runs for long. */
final class ColdSource {
    private static final int FUNCTIONS = 3000, CALLS = 300;
    private final StringBuilder out = new StringBuilder();
    private long seed = 20261;

    private ColdSource() { }

    static String text() {
        ColdSource source = new ColdSource();
        source.write();
        return source.out.toString();
    }

    private int random(int below) {
        seed = seed * 16807 % 2147483647;
        return (int) (seed % below);
    }

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void write() {
        line("#include \"bench.h\"");
        for (int i = 0; i < FUNCTIONS; i++) {
            line("static NOINLINE uint32_t f%d(uint32_t a, uint32_t b) { uint32_t t[4] = { a, b, a ^ b, %du };", i, random(1_000_000));
            for (int n = 8 + random(10); n > 0; n--) {
                statement(random(8), random(4), random(4), random(4), 1 + random(30));
            }
            line("return t[0] ^ t[1] ^ t[2] ^ t[3]; }");
        }
        line("static uint32_t (*const tab[])(uint32_t, uint32_t) = {");
        for (int i = 0; i < FUNCTIONS; i++) {
            line("f%d,", i);
        }
        line("};");
        line("int main(int argc, char **argv) { uint32_t calls = bench_arg(argc, argv, 1, %d), x = 1; bench_begin(\"cold_code\");", CALLS);
        line("for (uint32_t c = 0; c < calls; c++) for (uint32_t i = 0; i < %d; i++) x = tab[i](x, i + c);", FUNCTIONS);
        line("bench_end(\"cold_code\", x); return 0; }");
    }

    private void statement(int kind, int d, int x, int y, int c) {
        switch (kind) {
            case 0: line("t[%d] = t[%d] + t[%d] * %du;", d, x, y, 3 + random(1000)); break;
            case 1: line("if (t[%d] & %du) t[%d] ^= t[%d]; else t[%d] -= %du;", x, 1 + random(255), d, y, d, random(5000)); break;
            case 2: line("t[%d] = (t[%d] << %d | t[%d] >> %d) ^ t[%d];", d, x, c, x, 32 - c, y); break;
            case 3: line("for (uint32_t i = t[%d] & 3; i; i--) t[%d] += t[%d] >> i;", x, d, y); break;
            case 4: line("if (t[%d] > t[%d]) t[%d] = ~t[%d];", x, y, d, y); break;
            case 5: line("t[%d] = (uint32_t) (uint16_t) t[%d] * (uint8_t) t[%d];", d, x, y); break;
            case 6: line("t[%d] ^= (uint32_t) ((int32_t) t[%d] >> %d);", d, x, c); break;
            default: line("switch (t[%d] & 3) { case 0: t[%d]++; break; case 1: t[%d] ^= t[%d]; break; case 2: t[%d] += %d; }", x, d, d, y, d, c); break;
        }
    }
}
