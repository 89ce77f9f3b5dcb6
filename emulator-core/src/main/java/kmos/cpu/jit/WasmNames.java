// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Names of WebAssembly's instructions by opcode (WebAssembly Core Specification 2.0, appendix A.8; vectors: the prefix FD). */
final class WasmNames {
    /** From 0x28: accesses. */
    private static final String MEMORY = "i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u "
        + "i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32";
    /** From 0x45: without immediates. */
    private static final String PLAIN = integers("eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u") + floats("eq ne lt gt le ge")
        + integers("clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr")
        + floats("abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign")
        + "i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u "
        + "i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s "
        + "f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 "
        + "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s";
    /** From 0 behind the prefix FC. */
    private static final String SATURATING = "i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u "
        + "i64.trunc_sat_f64_s i64.trunc_sat_f64_u";
    /** From 0 behind the prefix FD; a dash where there is no instruction. */
    private static final String VECTOR = shaped("v128", "load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat load32_splat load64_splat store const")
        + "i8x16.shuffle i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat "
        + shaped("i8x16", "extract_lane_s extract_lane_u replace_lane") + shaped("i16x8", "extract_lane_s extract_lane_u replace_lane")
        + shaped("i32x4", "extract_lane replace_lane") + shaped("i64x2", "extract_lane replace_lane") + shaped("f32x4", "extract_lane replace_lane")
        + shaped("f64x2", "extract_lane replace_lane") + shaped("i8x16", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u")
        + shaped("i16x8", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u") + shaped("i32x4", "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u")
        + shaped("f32x4", "eq ne lt gt le ge") + shaped("f64x2", "eq ne lt gt le ge")
        + shaped("v128", "not and andnot or xor bitselect any_true load8_lane load16_lane load32_lane load64_lane store8_lane store16_lane store32_lane store64_lane load32_zero load64_zero")
        + "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 " + shaped("i8x16", "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u")
        + shaped("f32x4", "ceil floor trunc nearest") + shaped("i8x16", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u") + "f64x2.ceil f64x2.floor "
        + shaped("i8x16", "min_s min_u max_s max_u") + "f64x2.trunc i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u "
        + "i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u "
        + shaped("i16x8", "abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u "
            + "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u") + "f64x2.nearest "
        + shaped("i16x8", "mul min_s min_u max_s max_u - avgr_u extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u")
        + shaped("i32x4", "abs neg - all_true bitmask - - extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u shl shr_s shr_u add - - sub - - - "
            + "mul min_s min_u max_s max_u dot_i16x8_s - extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u")
        + shaped("i64x2", "abs neg - all_true bitmask - - extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u shl shr_s shr_u add - - sub - - - "
            + "mul eq ne lt_s gt_s le_s ge_s extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u")
        + shaped("f32x4", "abs neg - sqrt add sub mul div min max pmin pmax") + shaped("f64x2", "abs neg - sqrt add sub mul div min max pmin pmax")
        + "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero "
        + "f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u";
    static final int FIRST_MEMORY = 0x28, FIRST_PLAIN = 0x45;

    private final String[] memory = MEMORY.split(" ");
    private final String[] plain = PLAIN.split(" ");
    private final String[] saturating = SATURATING.split(" ");
    private final String[] vector = VECTOR.split(" ");

    private static String integers(String names) {
        return shaped("i32", names) + shaped("i64", names);
    }

    private static String floats(String names) {
        return shaped("f32", names) + shaped("f64", names);
    }

    private static String shaped(String type, String names) {
        StringBuilder s = new StringBuilder();
        for (String name : names.split(" ")) {
            s.append(type).append('.').append(name).append(' ');
        }
        return s.toString();
    }

    private static String at(String[] names, int i) {
        return i >= 0 && i < names.length && !names[i].endsWith("-") ? names[i] : null;
    }

    /** A load or store, or null. */
    String memory(int opcode) {
        return at(memory, opcode - FIRST_MEMORY);
    }

    /** An instruction of one byte on the stack's values only, or null. */
    String plain(int opcode) {
        return at(plain, opcode - FIRST_PLAIN);
    }

    /** Behind the prefix FC, or null. */
    String saturating(int opcode) {
        return at(saturating, opcode);
    }

    /** Behind the prefix FD, or null. */
    String vector(int opcode) {
        return at(vector, opcode);
    }

    static String type(int code) {
        return switch (code) {
            case Wasm.I32 -> "i32";
            case Wasm.I64 -> "i64";
            case Wasm.F32 -> "f32";
            case Wasm.F64 -> "f64";
            case Wasm.V128 -> "v128";
            default -> "type_" + Integer.toHexString(code);
        };
    }
}
