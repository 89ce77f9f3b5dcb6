// SPDX-License-Identifier: Apache-2.0
// Systems-programming mix in the spirit of a 1980s synthetic: small procedures with
// in/out parameters, records assigned whole, enums and switches, string copy/compare.
#include "bench.h"

typedef enum { ONE, TWO, THREE, FOUR, FIVE } tag;
typedef struct rec {
    struct rec *link;
    tag kind;
    union { struct { tag e; int32_t n; char s[31]; } a; struct { char c1, c2; } b; } u;
} rec;

static rec *head, *other;
static int32_t g_int, g_flag;
static char g_c1, g_c2;
static int32_t arr1[50], arr2[50][50];

static NOINLINE tag f_class(char a, char b)
{
    char l = a;
    if (l != b) return ONE;
    g_c1 = l;
    return TWO;
}
static NOINLINE int f_strings(const char *a, const char *b)
{
    int i = 2;
    char c = 0;
    while (i <= 2)
        if (f_class(a[i], b[i + 1]) == ONE) { c = 'A'; i++; } else break;
    if (c >= 'W' && c < 'Z') i = 7;
    if (c == 'R') return 1;
    if (strcmp(a, b) > 0) { g_int = i + 7; return 1; }
    return 0;
}
static NOINLINE int f_is_three(tag t) { return t == THREE; }
static NOINLINE void p_next(rec **p) { if (head) *p = head->link; g_int = 10 + g_int % 97; }
static NOINLINE void p_tag(tag in, tag *out)
{
    *out = in;
    if (!f_is_three(in)) *out = FOUR;
    switch (in) {
    case ONE: *out = ONE; break;
    case TWO: *out = g_int > 100 ? ONE : FOUR; break;
    case THREE: *out = TWO; break;
    case FOUR: break;
    case FIVE: *out = THREE; break;
    }
}
static NOINLINE void p_add(int32_t a, int32_t b, int32_t *r) { *r = b + a + 2; }
static NOINLINE void p_rec(rec *p)
{
    rec *n = p->link;
    *p->link = *head;
    p->u.a.n = 5;
    n->u.a.n = p->u.a.n;
    n->link = p->link;
    p_next(&n->link);
    if (n->kind == ONE) {
        n->u.a.n = 6;
        p_tag(p->u.a.e, &n->u.a.e);
        n->link = head->link;
        p_add(n->u.a.n, 10, &n->u.a.n);
    } else *p = *p->link;
}
static NOINLINE void p_arrays(int32_t *x, int32_t y[50][50], int32_t a, int32_t b)
{
    int k = a + 5;
    x[k] = b;
    x[k + 1] = x[k];
    x[k + 30] = k;
    for (int i = k; i <= k + 1; i++) y[k][i] = k;
    y[k][k - 1] += 1;
    y[k + 20][k] = x[k];
    g_int = 5;
}
static NOINLINE void p_flags(void) { int l = g_c1 == 'A'; g_flag = l | g_flag; g_c2 = 'B'; }

int main(int argc, char **argv)
{
    int n = bench_arg(argc, argv, 1, 5000000);
    static rec r1, r2;
    char s1[31], s2[31];
    uint64_t sum = 0;
    head = &r1;
    other = &r2;
    head->link = other;
    head->kind = ONE;
    head->u.a.e = THREE;
    head->u.a.n = 40;
    strcpy(head->u.a.s, "A STRING IN A RECORD, 30 CHARS");
    strcpy(s1, "A STRING TO COMPARE, NUMBER 1.");
    arr2[8][7] = 10;
    bench_begin("dhry");
    for (int i = 1; i <= n; i++) {
        int32_t a = 2, b = 3, c = 0;
        tag t = TWO;
        p_flags();
        g_c1 = 'A';
        strcpy(s2, i & 1 ? "A STRING TO COMPARE, NUMBER 2." : "A STRING TO COMPARE, NUMBER 1!");
        int eq = !f_strings(s1, s2);
        while (a < b) { c = 5 * a - b; p_add(a, b, &c); a++; }
        p_arrays(arr1, arr2, a, c);
        p_rec(head);
        for (char ch = 'A'; ch <= g_c2; ch++)
            if (t == f_class(ch, 'C')) p_tag(ONE, &t);
        b = b * a;
        a = b / (c | 1);
        b = 7 * (b - c) - a;
        sum += (uint32_t)(a + b + c + eq + t + g_int + r2.u.a.n + s2[i % 30]);
    }
    bench_end("dhry", sum);
    return 0;
}
