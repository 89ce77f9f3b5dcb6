// SPDX-License-Identifier: Apache-2.0
// Integer mix in the spirit of an embedded-CPU score: linked list find / reverse /
// merge sort, small int16 matrices, a number-scanning state machine, bitwise CRC-16.
#include "bench.h"

typedef struct node { struct node *next; int16_t key, idx; } node;

static NOINLINE uint16_t crc16(uint16_t crc, uint16_t v)
{
    for (int i = 0; i < 16; i++) {
        int x = (crc ^ v) & 1;
        v >>= 1;
        crc >>= 1;
        if (x) crc ^= 0xA001;
    }
    return crc;
}

static node *list_reverse(node *l)
{
    node *r = 0;
    while (l) { node *n = l->next; l->next = r; r = l; l = n; }
    return r;
}

static NOINLINE node *list_find(node *l, int16_t key)
{
    while (l && l->key != key) l = l->next;
    return l;
}

static int by_key(const node *a, const node *b) { return a->key - b->key; }
static int by_idx(const node *a, const node *b) { return a->idx - b->idx; }

static NOINLINE node *list_sort(node *list, int (*cmp)(const node *, const node *))
{
    for (int width = 1;; width *= 2) {
        node *p = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (p) {
            node *q = p;
            int pn = 0, qn = width;
            merges++;
            while (q && pn < width) { q = q->next; pn++; }
            while (pn > 0 || (qn > 0 && q)) {
                node *e;
                if (pn == 0) { e = q; q = q->next; qn--; }
                else if (qn == 0 || !q || cmp(p, q) <= 0) { e = p; p = p->next; pn--; }
                else { e = q; q = q->next; qn--; }
                if (tail) tail->next = e; else list = e;
                tail = e;
            }
            p = q;
        }
        tail->next = 0;
        if (merges <= 1) return list;
    }
}

enum { NODES = 400, DIM = 24, TEXT = 2048 };
static node pool[NODES];
static int16_t A[DIM][DIM], B[DIM][DIM];
static int32_t C[DIM][DIM];
static char text[TEXT + 1];

static NOINLINE uint16_t run_list(uint16_t crc, int round)
{
    node *l = 0;
    uint32_t s = 0x1234567 + round;
    for (int i = 0; i < NODES; i++) {
        pool[i].key = bench_rnd(&s) & 0x3ff;
        pool[i].idx = i;
        pool[i].next = l;
        l = &pool[i];
    }
    int found = 0;
    for (int i = 0; i < 24; i++) {
        node *n = list_find(l, (i * 37 + round) & 0x3ff);
        if (n) found += n->idx;
        l = list_reverse(l);
    }
    crc = crc16(crc, found);
    l = list_sort(l, by_key);
    for (node *n = l; n; n = n->next) crc = crc16(crc, n->key ^ n->idx);
    l = list_sort(l, by_idx);
    for (node *n = l; n && n->next; n = n->next->next) crc = crc16(crc, n->key);
    return crc;
}

static NOINLINE uint16_t run_matrix(uint16_t crc, int round)
{
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) {
            A[i][j] = (i * 7 + j * 3 + round) & 0xff;
            B[i][j] = (i * 5 - j + round) & 0x7f;
        }
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) {
            int32_t s = 0;
            for (int k = 0; k < DIM; k++) s += A[i][k] * B[k][j];
            C[i][j] = s;
        }
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) {
            int32_t s = 0;
            for (int k = 0; k < DIM; k++) {
                int32_t t = A[i][k] * B[k][j];
                s += ((t >> 2) & 15) * ((t >> 5) & 127);
            }
            crc = crc16(crc, s ^ C[i][j]);
        }
    return crc;
}

enum state { START, SIGN, INT, DOT, FRAC, EXP, EXPSIGN, EXPNUM, HEX, BAD, NSTATES };

static NOINLINE uint16_t run_scan(uint16_t crc, int round)
{
    uint32_t seen[NSTATES] = {0}, ended[NSTATES] = {0};
    text[round % TEXT] ^= 1;
    enum state st = START;
    for (const char *p = text; *p; p++) {
        char c = *p;
        seen[st]++;
        if (c == ',') { ended[st]++; st = START; continue; }
        switch (st) {
        case START: st = c >= '0' && c <= '9' ? INT : c == '+' || c == '-' ? SIGN : c == '.' ? DOT : BAD; break;
        case SIGN: st = c >= '0' && c <= '9' ? INT : c == '.' ? DOT : BAD; break;
        case INT: st = c >= '0' && c <= '9' ? INT : c == '.' ? FRAC : c == 'e' || c == 'E' ? EXP : c == 'x' ? HEX : BAD; break;
        case DOT: st = c >= '0' && c <= '9' ? FRAC : BAD; break;
        case FRAC: st = c >= '0' && c <= '9' ? FRAC : c == 'e' || c == 'E' ? EXP : BAD; break;
        case EXP: st = c == '+' || c == '-' ? EXPSIGN : c >= '0' && c <= '9' ? EXPNUM : BAD; break;
        case EXPSIGN: case EXPNUM: st = c >= '0' && c <= '9' ? EXPNUM : BAD; break;
        case HEX: st = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? HEX : BAD; break;
        default: break;
        }
    }
    for (int i = 0; i < NSTATES; i++) crc = crc16(crc16(crc, seen[i]), ended[i]);
    return crc;
}

int main(int argc, char **argv)
{
    int n = bench_arg(argc, argv, 1, 900);
    static const char *const words[] = { "5012,", "-874.5,", "+1.2e-3,", "0x1fe,", ".75,", "12e+9,", "T0.3e-1F,", "--3,", "88," };
    uint32_t s = 99, len = 0;
    while (len < TEXT - 10) {
        const char *w = words[bench_rnd(&s) % 9];
        strcpy(text + len, w);
        len += strlen(w);
    }
    uint16_t crc = 0;
    bench_begin("core");
    for (int i = 0; i < n; i++) {
        crc = run_list(crc, i);
        crc = run_matrix(crc, i);
        crc = run_scan(crc, i);
    }
    bench_end("core", crc);
    return 0;
}
