// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** WebAssembly numbers: value types and opcodes (WebAssembly Core Specification 2.0, chapter 5). */
final class Wasm {
    static final int I32 = 0x7F, I64 = 0x7E, F32 = 0x7D, F64 = 0x7C, V128 = 0x7B, VOID = 0x40;

    static final int BLOCK = 0x02, LOOP = 0x03, IF = 0x04, ELSE = 0x05, END = 0x0B, BR = 0x0C, BR_IF = 0x0D, BR_TABLE = 0x0E, RETURN = 0x0F,
        CALL = 0x10, CALL_INDIRECT = 0x11, RETURN_CALL_INDIRECT = 0x13, DROP = 0x1A, SELECT = 0x1B,
        LOCAL_GET = 0x20, LOCAL_SET = 0x21, LOCAL_TEE = 0x22, I32_CONST = 0x41, I64_CONST = 0x42, REF_FUNC = 0xD2;

    static final int I32_LOAD = 0x28, I64_LOAD = 0x29, I32_LOAD8_U = 0x2D, I32_LOAD16_U = 0x2F,
        I32_STORE = 0x36, I64_STORE = 0x37, I32_STORE8 = 0x3A, I32_STORE16 = 0x3B, I64_STORE32 = 0x3E;

    static final int I32_EQZ = 0x45, I32_EQ = 0x46, I32_NE = 0x47, I32_LT_S = 0x48, I32_LT_U = 0x49, I32_GT_S = 0x4A, I32_GT_U = 0x4B, I32_LE_S = 0x4C,
        I32_LE_U = 0x4D, I32_GE_S = 0x4E, I32_GE_U = 0x4F, I64_EQZ = 0x50, I64_EQ = 0x51, I64_NE = 0x52, I64_LT_S = 0x53, I64_LT_U = 0x54,
        I64_GT_S = 0x55, I64_GT_U = 0x56, I64_LE_S = 0x57, I64_LE_U = 0x58, I64_GE_S = 0x59, I64_GE_U = 0x5A;

    static final int I32_CLZ = 0x67, I32_CTZ = 0x68, I32_POPCNT = 0x69, I32_ADD = 0x6A, I32_SUB = 0x6B, I32_MUL = 0x6C, I32_DIV_S = 0x6D, I32_DIV_U = 0x6E,
        I32_REM_S = 0x6F, I32_REM_U = 0x70, I32_AND = 0x71, I32_OR = 0x72, I32_XOR = 0x73, I32_SHL = 0x74, I32_SHR_S = 0x75, I32_SHR_U = 0x76, I32_ROTL = 0x77;
    /** The 64-bit twin of an I32 arithmetic opcode is this much higher. */
    static final int I64_ARITHMETIC = 0x79 - 0x67;
    static final int I64_CLZ = 0x79, I64_CTZ = 0x7A, I64_POPCNT = 0x7B, I64_ADD = 0x7C, I64_SUB = 0x7D, I64_MUL = 0x7E, I64_DIV_S = 0x7F, I64_DIV_U = 0x80,
        I64_REM_S = 0x81, I64_REM_U = 0x82, I64_AND = 0x83, I64_OR = 0x84, I64_XOR = 0x85, I64_SHL = 0x86, I64_SHR_S = 0x87, I64_SHR_U = 0x88, I64_ROTL = 0x89;

    static final int I32_WRAP_I64 = 0xA7, I64_EXTEND_I32_S = 0xAC, I64_EXTEND_I32_U = 0xAD, I32_EXTEND8_S = 0xC0, I32_EXTEND16_S = 0xC1;

    static final int F32_EQ = 0x5B, F64_EQ = 0x61, F64_LT = 0x63, F64_LE = 0x65, F64_GT = 0x64;
    static final int F32_NEAREST = 0x90, F32_SQRT = 0x91, F32_ADD = 0x92, F32_SUB = 0x93, F32_MUL = 0x94, F32_DIV = 0x95,
        F64_NEAREST = 0x9E, F64_SQRT = 0x9F, F64_ADD = 0xA0, F64_SUB = 0xA1, F64_MUL = 0xA2, F64_DIV = 0xA3;
    static final int F32_CONVERT_I32 = 0xB2, F32_CONVERT_I64 = 0xB4, F32_DEMOTE = 0xB6, F64_CONVERT_I32 = 0xB7, F64_CONVERT_I64 = 0xB9, F64_PROMOTE = 0xBB,
        I32_REINTERPRET = 0xBC, I64_REINTERPRET = 0xBD, F32_REINTERPRET = 0xBE, F64_REINTERPRET = 0xBF;
    /** Behind the prefix FC: i32 or i64 (+4) from f32 or f64 (+2). */
    static final int SATURATING = 0xFC;

    private Wasm() { }
}
