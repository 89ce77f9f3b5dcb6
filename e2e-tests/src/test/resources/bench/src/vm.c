// SPDX-License-Identifier: Apache-2.0
// A bytecode VM: the branchy interpreter loop. -DGOTO picks computed goto
// (one indirect jump per handler), otherwise one switch in a loop.
#include "bench.h"
#ifdef GOTO
#define NAME "vm_goto"
#else
#define NAME "vm_switch"
#endif

enum { LDI, MOV, ADD, SUB, MUL, AND, XOR, SHR, ADDI, LD, ST, JMP, JZ, JNZ, JLT, MOD, HALT };
typedef struct { uint8_t op, a, b, c; int32_t imm; } ins;

static uint32_t mem[1 << 16];

static NOINLINE uint32_t run(const ins *code, uint64_t *steps)
{
    uint32_t r[16] = {0};
    const ins *p = code;
    uint64_t n = 0;
#ifdef GOTO
    static void *const lab[] = { &&LDI_, &&MOV_, &&ADD_, &&SUB_, &&MUL_, &&AND_, &&XOR_, &&SHR_, &&ADDI_, &&LD_, &&ST_, &&JMP_, &&JZ_, &&JNZ_, &&JLT_, &&MOD_, &&HALT_ };
#define NEXT do { n++; goto *lab[p->op]; } while (0)
#define OP(x) x##_:
    NEXT;
#else
#define NEXT break
#define OP(x) case x:
    for (;;) { n++; switch (p->op) {
#endif
    OP(LDI) r[p->a] = p->imm; p++; NEXT;
    OP(MOV) r[p->a] = r[p->b]; p++; NEXT;
    OP(ADD) r[p->a] = r[p->b] + r[p->c]; p++; NEXT;
    OP(SUB) r[p->a] = r[p->b] - r[p->c]; p++; NEXT;
    OP(MUL) r[p->a] = r[p->b] * r[p->c]; p++; NEXT;
    OP(AND) r[p->a] = r[p->b] & r[p->c]; p++; NEXT;
    OP(XOR) r[p->a] = r[p->b] ^ r[p->c]; p++; NEXT;
    OP(SHR) r[p->a] = r[p->b] >> (p->imm & 31); p++; NEXT;
    OP(ADDI) r[p->a] = r[p->b] + p->imm; p++; NEXT;
    OP(LD) r[p->a] = mem[(r[p->b] + p->imm) & 0xffff]; p++; NEXT;
    OP(ST) mem[(r[p->b] + p->imm) & 0xffff] = r[p->a]; p++; NEXT;
    OP(JMP) p = code + p->imm; NEXT;
    OP(JZ) p = r[p->a] ? p + 1 : code + p->imm; NEXT;
    OP(JNZ) p = r[p->a] ? code + p->imm : p + 1; NEXT;
    OP(JLT) p = r[p->a] < r[p->b] ? code + p->imm : p + 1; NEXT;
    OP(MOD) r[p->a] = r[p->b] % r[p->c]; p++; NEXT;
    OP(HALT) *steps = n; return r[15];
#ifndef GOTO
    default: __builtin_unreachable();
    } }
#endif
}

int main(int argc, char **argv)
{
    uint32_t n = bench_arg(argc, argv, 1, 1000);
    // for r0 = n downto 1: sieve of 1..4096 in mem, then a Collatz walk, then gcds
    ins prog[] = {
        /* 0*/ {LDI, 0, 0, 0, (int32_t)n}, {LDI, 1, 0, 0, 4096}, {LDI, 14, 0, 0, 1},
        /* 3*/ {LDI, 2, 0, 0, 2},
        /* 4*/ {ST, 14, 2, 0, 0}, {ADDI, 2, 2, 0, 1}, {JLT, 2, 1, 0, 4},
        /* 7*/ {LDI, 2, 0, 0, 2},
        /* 8*/ {LD, 3, 2, 0, 0}, {JZ, 3, 0, 0, 15}, {ADD, 4, 2, 2, 0},
        /*11*/ {JLT, 1, 4, 0, 15}, {ST, 13, 4, 0, 0}, {ADD, 4, 4, 2, 0}, {JMP, 0, 0, 0, 11},
        /*15*/ {ADD, 15, 15, 3, 0}, {ADDI, 2, 2, 0, 1}, {JLT, 2, 1, 0, 8},
        /*18*/ {LDI, 5, 0, 0, 1}, {LDI, 8, 0, 0, 700},
        /*20*/ {ADDI, 5, 5, 0, 1}, {MOV, 6, 5, 0, 0},
        /*22*/ {AND, 7, 6, 14, 0}, {JNZ, 7, 0, 0, 26}, {SHR, 6, 6, 0, 1}, {JMP, 0, 0, 0, 29},
        /*26*/ {ADD, 7, 6, 6, 0}, {ADD, 6, 7, 6, 0}, {ADDI, 6, 6, 0, 1},
        /*29*/ {ADDI, 15, 15, 0, 3}, {JLT, 14, 6, 0, 22}, {JLT, 5, 8, 0, 20},
        /*32*/ {LDI, 9, 0, 0, 900}, {LDI, 10, 0, 0, 360360},
        /*34*/ {MOV, 11, 10, 0, 0}, {MOV, 12, 9, 0, 0},
        /*36*/ {JZ, 12, 0, 0, 41}, {MOD, 7, 11, 12, 0}, {MOV, 11, 12, 0, 0}, {MOV, 12, 7, 0, 0}, {JMP, 0, 0, 0, 36},
        /*41*/ {MUL, 15, 15, 11, 0}, {XOR, 15, 15, 9, 0}, {ADDI, 9, 9, 0, -1}, {JNZ, 9, 0, 0, 34},
        /*45*/ {SUB, 0, 0, 14, 0}, {JNZ, 0, 0, 0, 3}, {HALT, 0, 0, 0, 0},
    };
    uint64_t steps = 0;
    bench_begin(NAME);
    uint32_t r = run(prog, &steps);
    bench_end(NAME, (uint64_t)r << 32 ^ steps);
    return 0;
}
