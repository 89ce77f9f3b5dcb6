// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.isa.Operand;

/**
 * SSE and SSE2 floating point as WebAssembly's, where both do the same: default modes, all exceptions masked, PE's sticky flag set
 * already, operands and result zero or normal numbers. Otherwise the region leaves at the instruction, and the interpreter
 * computes it with all its flags (Intel SDM vol. 1 chapter 11.5).
 */
final class FloatLowering {
    /** Flags of MXCSR. */
    private static final int INVALID = 1, BY_ZERO = 4, OVERFLOW = 8;

    private final BlockBuilder e;
    private FloatFacts facts = FloatFacts.NONE;

    FloatLowering(BlockBuilder e) {
        this.e = e;
    }

    /** Starts a block with what is known of the vector registers as it begins. */
    void begin(FloatFacts known) {
        facts = new FloatFacts(known);
    }

    /** What is known of vector registers at the block's end. */
    FloatFacts facts(Node[] registers, boolean isDefaultMode) {
        return facts.of(registers, isDefaultMode);
    }

    /** Emits the instruction if it has a form here; false: nothing was emitted. */
    boolean emit(String body, String helper, Operand[] o) {
        switch (body) {
            case "Simd.fp": return e.isDefaultModeNow() && arithmetic(helper, o);
            case "Simd.compareScalar": return compare(o);
            case "Simd.fromInteger": return e.isDefaultModeNow() && fromInteger(helper, o);
            case "Simd.toInteger": return e.isDefaultModeNow() && toInteger(helper, o);
            default: return false;
        }
    }

    private boolean arithmetic(String helper, Operand[] o) {
        if (o[0].kind() != Operand.Kind.XMM) {
            return false;
        }
        switch (helper) {
            case "SseFloat.addsd": return scalar(o, 64, Wasm.F64_ADD);
            case "SseFloat.subsd": return scalar(o, 64, Wasm.F64_SUB);
            case "SseFloat.mulsd": return scalar(o, 64, Wasm.F64_MUL);
            case "SseFloat.divsd": return scalar(o, 64, Wasm.F64_DIV);
            case "SseFloat.sqrtsd": return scalar(o, 64, Wasm.F64_SQRT);
            case "SseFloat.addss": return scalar(o, 32, Wasm.F32_ADD);
            case "SseFloat.subss": return scalar(o, 32, Wasm.F32_SUB);
            case "SseFloat.mulss": return scalar(o, 32, Wasm.F32_MUL);
            case "SseFloat.divss": return scalar(o, 32, Wasm.F32_DIV);
            case "SseFloat.sqrtss": return scalar(o, 32, Wasm.F32_SQRT);
            case "SseFloat.addpd": return packed(o, 64, VectorOps.F64_ADD);
            case "SseFloat.subpd": return packed(o, 64, VectorOps.F64_ADD + 1);
            case "SseFloat.mulpd": return packed(o, 64, VectorOps.F64_ADD + 2);
            case "SseFloat.divpd": return packed(o, 64, VectorOps.F64_ADD + 3);
            case "SseFloat.addps": return packed(o, 32, VectorOps.F32_ADD);
            case "SseFloat.subps": return packed(o, 32, VectorOps.F32_ADD + 1);
            case "SseFloat.mulps": return packed(o, 32, VectorOps.F32_ADD + 2);
            case "SseFloat.divps": return packed(o, 32, VectorOps.F32_ADD + 3);
            case "SseFloat.minsd": return extreme(o, 64, Wasm.F64_LT);
            case "SseFloat.maxsd": return extreme(o, 64, Wasm.F64_GT);
            case "SseFloat.minss": return extreme(o, 32, Wasm.F64_LT);
            case "SseFloat.maxss": return extreme(o, 32, Wasm.F64_GT);
            case "SseConvert.cvtss2sd": return convert(o, 32, Wasm.F64_PROMOTE);
            case "SseConvert.cvtsd2ss": return convert(o, 64, Wasm.F32_DEMOTE);
            default: return false;
        }
    }

    /** The lowest lane of a register, or memory. */
    private Node source(Operand o, int bits) {
        NodeFactory f = e.factory();
        if (o.kind() == Operand.Kind.XMM) {
            return lane(o, bits);
        }
        return f.floatOf((Node) e.read(o));
    }

    private Node lane(Operand o, int bits) {
        Node v = e.factory().floatLane(e.vectorRegister(o), bits);
        v.isOrdinary |= facts.isOrdinary(v);
        return v;
    }

    /** From here on. */
    private void setOrdinary(Node v) {
        v.isOrdinary = true;
        facts.setOrdinary(v);
    }

    private boolean scalar(Operand[] o, int bits, int op) {
        NodeFactory f = e.factory();
        boolean isRoot = op == Wasm.F64_SQRT || op == Wasm.F32_SQRT;
        Node b = source(o[1], bits);
        e.requireDefaultMode();
        Node a = isRoot ? b : lane(o[0], bits);
        Node r = f.floating(bits, op, isRoot ? b : a, isRoot ? null : b);
        Node bitsOfResult = f.shl(f.bitsOf(r), f.constant(bits, 1));
        Node isZero = f.isZero(bitsOfResult);
        boolean isProduct = op == Wasm.F64_MUL || op == Wasm.F32_MUL || op == Wasm.F64_DIV || op == Wasm.F32_DIV;
        if (isProduct) {
            // An exact zero, not what was too small.
            boolean isDivision = op == Wasm.F64_DIV || op == Wasm.F32_DIV;
            Node fromZero = isZero(a);
            isZero = f.and(isZero, isDivision ? fromZero : f.or(fromZero, isZero(b)));
        }
        Node isOrdinary = f.or(isNormal(bitsOfResult), isZero);
        if (!a.isOrdinary) {
            isOrdinary = f.and(isOrdinary, isNotDenormal(a));
        }
        if (!isRoot && !b.isOrdinary && a != b) {
            isOrdinary = f.and(isOrdinary, isNotDenormal(b));
        }
        Node usual = exponent(r, true);
        // A denormal's square is none that is normal.
        boolean isSquare = a == b && (op == Wasm.F64_MUL || op == Wasm.F32_MUL);
        if (!a.isOrdinary && !isSquare) {
            usual = f.mul(usual, exponent(a, false));
        }
        if (!isRoot && !b.isOrdinary && a != b) {
            usual = f.mul(usual, exponent(b, false));
        }
        e.checkEither(usual, isOrdinary);
        // An operand that is not would show in the result.
        setOrdinary(a);
        setOrdinary(b);
        r.isOrdinary = true;
        e.setVectorRegister(o[0], f.withFloatLane(e.vectorRegister(o[0]), r));
        return true;
    }

    /**
     * Zero for zeros and denormals; isNormal: for infinities and NaNs as well, and of at most ten bits; else of at most eleven, so that the
     * product of one of the first and two of the second kind is zero only if one of them is.
     */
    private Node exponent(Node v, boolean isNormal) {
        NodeFactory f = e.factory();
        boolean isDouble = v.bits() == 64;
        Node high = f.truncate(f.shr(f.bitsOf(v), f.constant(v.bits(), isDouble ? 52 : 23)), 32);
        int mask = isDouble ? 0x7FF : 0xFF;
        if (!isNormal) {
            return f.and(high, f.constant(32, mask));
        }
        // One more wraps infinity's to zero in the bits above the lowest.
        return f.and(f.shr(f.add(high, f.constant(32, 1)), f.constant(32, 1)), f.constant(32, mask >> 1));
    }

    /** Of bits without the sign, moved up by one. */
    private Node isNormal(Node shifted) {
        NodeFactory f = e.factory();
        boolean isDouble = shifted.bits() == 64;
        Node fromSmallest = f.sub(shifted, f.constant(shifted.bits(), isDouble ? 0x0020000000000000L : 0x01000000));
        return f.lessUnsigned(fromSmallest, f.constant(shifted.bits(), isDouble ? 0xFFC0000000000000L : 0xFE000000));
    }

    private Node isZero(Node v) {
        NodeFactory f = e.factory();
        return f.isZero(f.shl(f.bitsOf(v), f.constant(v.bits(), 1)));
    }

    private Node isNotDenormal(Node v) {
        NodeFactory f = e.factory();
        int bits = v.bits();
        Node less = f.sub(f.shl(f.bitsOf(v), f.constant(bits, 1)), f.constant(bits, 1));
        return f.not(f.lessUnsigned(less, f.constant(bits, bits == 64 ? 0x001FFFFFFFFFFFFFL : 0x00FFFFFF)));
    }

    /** All lanes at once; only normal results, or zeros of sums. */
    private boolean packed(Operand[] o, int bits, int op) {
        Node b = o[1].kind() == Operand.Kind.XMM ? e.vectorRegister(o[1]) : e.vectorMemory(16);
        e.requireDefaultMode();
        Node a = e.vectorRegister(o[0]);
        Node r = e.vector(op, a, b, null);
        boolean isProduct = op >= VectorOps.F64_ADD + 2 || op < VectorOps.F64_ADD && op >= VectorOps.F32_ADD + 2;
        // Infinities and NaNs of operands show in the result.
        Node seldom = and(and(allOrdinary(r, bits, !isProduct), isNormalized(a, bits) ? null : allComparable(a, bits)),
            a == b || isNormalized(b, bits) ? null : allComparable(b, bits));
        Node usual = magnitudes(r, bits);
        boolean isSquare = a == b && (op == VectorOps.F64_ADD + 2 || op == VectorOps.F32_ADD + 2);
        usual = isNormalized(a, bits) || isSquare ? usual : e.vector(VectorOps.I32_MAX_U, usual, magnitudes(a, bits), null);
        usual = isNormalized(b, bits) || a == b ? usual : e.vector(VectorOps.I32_MAX_U, usual, magnitudes(b, bits), null);
        boolean isQuotient = op == VectorOps.F64_ADD + 3 || op == VectorOps.F32_ADD + 3;
        Node isKnown = e.areRaised(isQuotient ? INVALID | OVERFLOW | BY_ZERO : INVALID | OVERFLOW);
        Node isSmall = without(small(r, bits), isProduct ? e.vector(VectorOps.OR, zeros(a, bits), zeros(b, bits), null) : zeros(r, bits));
        isSmall = isNormalized(a, bits) ? isSmall : e.vector(VectorOps.OR, isSmall, denormals(a, bits), null);
        isSmall = isNormalized(b, bits) || a == b ? isSmall : e.vector(VectorOps.OR, isSmall, denormals(b, bits), null);
        NodeFactory f = e.factory();
        Node special = f.and(isKnown, f.isZero(e.vectorMask(VectorOps.ANY_TRUE, isSmall)));
        Node v = e.repaired(r, areNormal(bits, usual), allTrue(bits, seldom), special, withNans(a, b, r, bits));
        setNormalized(a, bits);
        setNormalized(b, bits);
        v.normalizedLanes = bits;
        e.setVectorRegister(o[0], v);
        return true;
    }

    private boolean isNormalized(Node v, int bits) {
        return v.normalizedLanes == bits || facts.isNormalized(v, bits);
    }

    private void setNormalized(Node v, int bits) {
        v.normalizedLanes = v.op == Node.XREG ? 0 : bits;
        facts.setNormalized(v, bits);
    }

    /** Where lanes are NaNs: the first operand's, the second's, or the default one, with the quiet bit (Intel SDM vol. 1 table 4-7). */
    private Node withNans(Node a, Node b, Node r, int bits) {
        NodeFactory f = e.factory();
        Node quiet = splat(bits, bits == 64 ? 1L << 51 : 1 << 22), indefinite = splat(bits, bits == 64 ? 0xFFF8L << 48 : 0xFFC00000);
        Node v = f.vectorSelect(nans(r, bits), indefinite, r);
        v = f.vectorSelect(nans(b, bits), e.vector(VectorOps.OR, b, quiet, null), v);
        return f.vectorSelect(nans(a, bits), e.vector(VectorOps.OR, a, quiet, null), v);
    }

    private Node nans(Node v, int bits) {
        return e.vector((bits == 64 ? VectorOps.F64_EQ : VectorOps.F32_EQ) + 1, v, v, null);
    }

    private Node zeros(Node v, int bits) {
        return e.vector(bits == 64 ? VectorOps.F64_EQ : VectorOps.F32_EQ, v, splat(bits, 0), null);
    }

    /** Ones in the lanes below the smallest normal number. */
    private Node small(Node v, int bits) {
        Node magnitude = e.vector(bits == 64 ? VectorOps.F64_ABS : VectorOps.F32_ABS, v, null, null);
        return e.vector((bits == 64 ? VectorOps.F64_EQ : VectorOps.F32_EQ) + 2, magnitude, splat(bits, bits == 64 ? 0x0010000000000000L : 0x00800000), null);
    }

    private Node denormals(Node v, int bits) {
        return without(small(v, bits), zeros(v, bits));
    }

    private Node without(Node lanes, Node others) {
        return e.vector(VectorOps.ANDNOT, lanes, others, null);
    }

    /** Of masks; null: nothing to ask. */
    private Node and(Node x, Node y) {
        return x == null ? y : y == null ? x : e.vector(VectorOps.AND, x, y, null);
    }

    private Node allTrue(int bits, Node lanes) {
        return e.factory().isNotZero(e.vectorMask(bits == 64 ? VectorOps.I64_ALL_TRUE : VectorOps.I32_ALL_TRUE, lanes));
    }

    /** Of every lane twice the magnitude, less that of the smallest normal number: what is none is as large, unsigned, as if it were beyond all of them. */
    private Node magnitudes(Node v, int bits) {
        int add = bits == 64 ? VectorOps.I64_ADD : VectorOps.I32_ADD;
        return e.vector(add, e.vector(add, v, v, null), splat(bits, bits == 64 ? 0xFFE0000000000000L : 0xFF000000), null);
    }

    /** Whether all lanes are normal numbers, by their {@link #magnitudes} or the largest of several; the upper half of a double's tells. */
    private Node areNormal(int bits, Node magnitudes) {
        NodeFactory f = e.factory();
        Node limit = splat(bits, bits == 64 ? 0xFFC0000000000000L : 0xFE000000);
        Node others = e.vectorMask(VectorOps.I32_BITMASK, e.vector(VectorOps.I32_EQ, e.vector(VectorOps.I32_MAX_U, magnitudes, limit, null), magnitudes, null));
        return f.isZero(bits == 64 ? f.and(others, f.constant(32, 0b1010)) : others);
    }

    /** Ones in the lanes that hold normal numbers, or zeros where those are welcome. */
    private Node allOrdinary(Node v, int bits, boolean orZero) {
        boolean isDouble = bits == 64;
        Node magnitude = e.vector(isDouble ? VectorOps.F64_ABS : VectorOps.F32_ABS, v, null, null);
        Node smallest = splat(bits, isDouble ? 0x0010000000000000L : 0x00800000), largest = splat(bits, isDouble ? 0x7FEFFFFFFFFFFFFFL : 0x7F7FFFFF);
        Node normal = e.vector(VectorOps.AND, e.vector(isDouble ? VectorOps.F64_GE : VectorOps.F32_GE, magnitude, smallest, null),
            e.vector(isDouble ? VectorOps.F64_LE : VectorOps.F32_LE, magnitude, largest, null), null);
        if (!orZero) {
            return normal;
        }
        return e.vector(VectorOps.OR, normal, zeros(v, bits), null);
    }

    private Node splat(int bits, long v) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < 16; i++) {
            lanes[i] = (byte) (v >>> i * 8 % bits);
        }
        return e.vector(VectorOps.CONST, null, null, lanes);
    }

    /** MINSD and so on: the second operand unless the first is less (greater). */
    private boolean extreme(Operand[] o, int bits, int compare) {
        NodeFactory f = e.factory();
        Node b = source(o[1], bits), a = lane(o[0], bits);
        requireComparable(a, b);
        Node r = f.select(f.compareFloats(compare, a, b), a, b);
        r.isFloat = true;
        r.isOrdinary = a.isOrdinary && b.isOrdinary;
        e.setVectorRegister(o[0], f.withFloatLane(e.vectorRegister(o[0]), r));
        return true;
    }

    /** Neither a NaN (IE) nor a denormal (DE). */
    private void requireComparable(Node a, Node b) {
        requireComparable(a);
        if (a != b) {
            requireComparable(b);
        }
    }

    private void requireComparable(Node v) {
        NodeFactory f = e.factory();
        if (!v.isOrdinary) {
            e.checkEither(exponent(v, true), f.and(f.compareFloats(Wasm.F64_EQ, v, v), isNotDenormal(v)));
        }
    }

    private boolean convert(Operand[] o, int from, int op) {
        NodeFactory f = e.factory();
        Node a = source(o[1], from);
        e.requireDefaultMode();
        Node r = f.floating(96 - from, op, a, null);
        Node shifted = f.shl(f.bitsOf(r), f.constant(r.bits(), 1));
        e.checkEither(f.mul(exponent(r, true), exponent(a, false)), f.and(f.or(isNormal(shifted), f.and(f.isZero(shifted), isZero(a))), isNotDenormal(a)));
        r.isOrdinary = true;
        e.setVectorRegister(o[0], f.withFloatLane(e.vectorRegister(o[0]), r));
        return true;
    }

    /** Flags of [U]COMISS, [U]COMISD of ordered operands: less is CF, equal ZF. */
    private boolean compare(Operand[] o) {
        NodeFactory f = e.factory();
        if (o[0].kind() != Operand.Kind.XMM) {
            return false;
        }
        int bits = o[1].bits();
        Node b = source(o[1], bits), a = lane(o[0], bits);
        requireComparable(a, b);
        e.compareFlags(a, b);
        return true;
    }

    /**
     * CMPPS, CMPPD, CMPSS, CMPSD: ones where the predicate holds. Of ordered operands without denormals, which raise nothing.
     * False for other instructions.
     */
    boolean compareMask(String helper, Operand[] o) {
        switch (helper) {
            case "SseFloat.cmpps": return compareLanes(o, 32);
            case "SseFloat.cmppd": return compareLanes(o, 64);
            case "SseFloat.cmpss": return compareLowest(o, 32);
            case "SseFloat.cmpsd": return compareLowest(o, 64);
            default: return false;
        }
    }

    /** Where the comparison for a predicate stands behind that for equality, in WebAssembly's order eq ne lt gt le ge; -1: never holds, -2: always. */
    private int comparison() {
        switch ((int) e.immediateValue() & 7) {
            case 0: return 0;
            case 1: return 2;
            case 2: return 4;
            case 3: return -1;
            case 4: return 1;
            case 5: return 5;
            case 6: return 3;
            default: return -2;
        }
    }

    private boolean compareLanes(Operand[] o, int bits) {
        boolean isDouble = bits == 64;
        int comparison = comparison();
        Node b = o[1].kind() == Operand.Kind.XMM ? e.vectorRegister(o[1]) : e.vectorMemory(16);
        Node a = e.vectorRegister(o[0]);
        Node seldom = and(allComparable(a, bits), a == b ? null : allComparable(b, bits));
        Node x = magnitudes(a, bits);
        Node isOrdered = allTrue(bits, seldom);
        if (comparison == 0 || comparison == 1 || comparison == 2 || comparison == 4) {
            // WebAssembly's predicate is the same one for NaNs as well.
            NodeFactory f = e.factory();
            Node denormals = e.vector(VectorOps.OR, denormals(a, bits), denormals(b, bits), null);
            isOrdered = f.or(isOrdered, f.and(e.areRaised(INVALID), f.isZero(e.vectorMask(VectorOps.ANY_TRUE, denormals))));
        }
        e.checkEither(areNormal(bits, a == b ? x : e.vector(VectorOps.I32_MAX_U, x, magnitudes(b, bits), null)), isOrdered);
        setNormalized(a, bits);
        setNormalized(b, bits);
        e.setVectorRegister(o[0], comparison < 0 ? splat(64, comparison == -1 ? 0 : -1) : e.vector((isDouble ? VectorOps.F64_EQ : VectorOps.F32_EQ) + comparison, a, b, null));
        return true;
    }

    /** Ones in the lanes that hold neither NaNs nor denormals. */
    private Node allComparable(Node v, int bits) {
        boolean isDouble = bits == 64;
        Node magnitude = e.vector(isDouble ? VectorOps.F64_ABS : VectorOps.F32_ABS, v, null, null);
        Node smallest = isDouble ? splat(64, 0x0010000000000000L) : splat(32, 0x00800000);
        return e.vector(VectorOps.OR, e.vector(isDouble ? VectorOps.F64_GE : VectorOps.F32_GE, magnitude, smallest, null),
            zeros(v, bits), null);
    }

    private boolean compareLowest(Operand[] o, int bits) {
        NodeFactory f = e.factory();
        Node b = source(o[1], bits), a = lane(o[0], bits);
        requireComparable(a, b);
        int comparison = comparison();
        Node holds = comparison < 0 ? f.constant(1, comparison == -1 ? 0 : 1) : f.compareFloats(Wasm.F64_EQ + comparison, a, b);
        Node mask = f.sub(f.constant(bits, 0), f.zeroExtend(holds, bits));
        e.setVectorRegister(o[0], f.withFloatLane(e.vectorRegister(o[0]), f.floatOf(mask)));
        return true;
    }

    private boolean fromInteger(String helper, Operand[] o) {
        NodeFactory f = e.factory();
        boolean isDouble = helper.equals("SseConvert.cvtsi2sd");
        if (!isDouble && !helper.equals("SseConvert.cvtsi2ss") || o[0].kind() != Operand.Kind.XMM) {
            return false;
        }
        Node v = (Node) e.read(o[1]);
        boolean isExact = isDouble && v.bits() == 32;
        if (!isExact) {
            e.requireDefaultMode();
        }
        int op = isDouble ? v.bits() == 64 ? Wasm.F64_CONVERT_I64 : Wasm.F64_CONVERT_I32 : v.bits() == 64 ? Wasm.F32_CONVERT_I64 : Wasm.F32_CONVERT_I32;
        Node r = f.floating(isDouble ? 64 : 32, op, v, null);
        r.isOrdinary = true;
        e.setVectorRegister(o[0], f.withFloatLane(e.vectorRegister(o[0]), r));
        return true;
    }

    private boolean toInteger(String helper, Operand[] o) {
        NodeFactory f = e.factory();
        boolean isDouble = helper.endsWith("sd2si");
        if (!helper.startsWith("SseConvert.cvt") || !isDouble && !helper.endsWith("ss2si")) {
            return false;
        }
        Node a = source(o[1], isDouble ? 64 : 32);
        e.requireDefaultMode();
        int bits = o[0].bits();
        // The limits are powers of two: both formats have them, and nothing between them and the next integer.
        long limit = bits == 64 ? isDouble ? 0x43E0000000000000L : 0x5F000000 : isDouble ? 0x41E0000000000000L : 0x4F000000;
        Node magnitude = f.and(f.bitsOf(a), f.constant(a.bits(), isDouble ? Long.MAX_VALUE : Integer.MAX_VALUE));
        // Half away from the limit, so that rounding cannot reach it.
        e.check(f.and(f.lessUnsigned(magnitude, f.constant(a.bits(), limit - (isDouble ? 1L << 52 : 1 << 23))), isNotDenormal(a)));
        Node rounded = helper.startsWith("SseConvert.cvtt") ? a : f.floating(a.bits(), isDouble ? Wasm.F64_NEAREST : Wasm.F32_NEAREST, a, null);
        int op = Node.SATURATE + (bits == 64 ? 4 : 0) + (isDouble ? 2 : 0);
        e.write(o[0], f.pure(bits, op, rounded, null));
        return true;
    }
}
