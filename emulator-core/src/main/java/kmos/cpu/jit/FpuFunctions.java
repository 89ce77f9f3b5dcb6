// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;

/**
 * x87 operations on values as functions that a module brings along: normal numbers and zeros, rounded to nearest with 64 bits. Operands are pairs of
 * significand (i64) and sign with exponent (low 16 bits of an i32); so are results, whose second part also has {@link FpuStack}'s flags.
 */
final class FpuFunctions {
    /** Two operands, two results. */
    static final int ADD = 0, MULTIPLY = 1, DIVIDE = 2;
    /** One operand; bits of a double or a float, and flags. */
    static final int TO_DOUBLE = 3, TO_SINGLE = 4;
    /** Two operands; -1, 0, 1, or 2 where one is neither normal nor zero. */
    static final int COMPARE = 5;
    /** What ADD calls where an operand is not normal, or too small to change the other one's digits but perhaps not for rounding. */
    static final int ADD_OTHER = 6;
    /** One operand, two results: multiplied by itself. */
    static final int SQUARE = 7;
    static final int COUNT = 8;

    private static final String[] NAMES = {"x87Add", "x87Multiply", "x87Divide", "x87ToDouble", "x87ToSingle", "x87Compare", "x87AddOther", "x87Square"};
    private static final int LOCALS = 20;
    private static final int BIAS = 0x3FFF, SIGN = 0x8000, EXPONENT = 0x7FFF;
    private static final long HALF = 0xFFFFFFFFL;
    /** Distance of exponents up to which ADD keeps all bits. */
    private static final int FAR = 62;

    private final NodeFactory f = new NodeFactory();
    private final List<Node> nodes = new ArrayList<>();
    private final Locals locals;
    private final CodeWriter w;

    private FpuFunctions(int parameters) {
        locals = new Locals(parameters);
        w = new CodeWriter(0, true, locals, null, 0);
        f.begin(nodes);
        // Declared together they take less room.
        for (int type : new int[] {Wasm.I64, Wasm.I32}) {
            for (int i = 0; i < LOCALS; i++) {
                locals.temporary(type);
            }
        }
        locals.releaseTemporaries();
    }

    static String name(int function) {
        return NAMES[function];
    }

    /** Of the module's function types. */
    static int type(int function) {
        return function == COMPARE ? ModuleWriter.COMPARE_TYPE : isUnary(function) ? ModuleWriter.CONVERT_TYPE : ModuleWriter.ARITHMETIC_TYPE;
    }

    private static boolean isUnary(int function) {
        return function == TO_DOUBLE || function == TO_SINGLE || function == SQUARE;
    }

    static boolean hasFlags(int function) {
        return function != COMPARE;
    }

    /** Locals and code; first: number of the first of these functions in their module. */
    static ByteWriter body(int function, int first) {
        FpuFunctions x = new FpuFunctions(isUnary(function) ? 2 : 4);
        switch (function) {
            case ADD: x.add(first + ADD_OTHER); break;
            case ADD_OTHER: x.addOther(); break;
            case MULTIPLY: x.multiply(); break;
            case SQUARE: x.square(); break;
            case DIVIDE: x.divide(); break;
            case TO_DOUBLE: x.convert(64, 1023, 11); break;
            case TO_SINGLE: x.convert(32, 127, 8); break;
            default: x.compare(); break;
        }
        ByteWriter body = new ByteWriter();
        x.locals.declare(body);
        return body.append(x.w.out).u8(Wasm.END);
    }

    // Values

    private Node parameter(int i) {
        return f.leaf(i % 2 == 0 ? 64 : 32, Node.LOCAL, i);
    }

    private Node c32(int v) {
        return f.constant(32, v);
    }

    private Node c64(long v) {
        return f.constant(64, v);
    }

    private Node exponent(Node signExponent) {
        return f.and(signExponent, c32(EXPONENT));
    }

    private Node isNegative(Node significand) {
        return f.compare(Wasm.I32_LT_S, significand, c64(0));
    }

    private Node isZero(Node significand, Node exponent) {
        return f.isZero(f.or(significand, f.zeroExtend(exponent, 64)));
    }

    private Node isNormal(Node significand, Node exponent) {
        return f.and(isNegative(significand), isExponentNormal(exponent));
    }

    private Node isExponentNormal(Node e) {
        return f.lessUnsigned(f.sub(e, c32(1)), c32(EXPONENT - 1));
    }

    private Node or(Node... conditions) {
        Node r = bit32(conditions[0]);
        for (int i = 1; i < conditions.length; i++) {
            r = f.or(r, bit32(conditions[i]));
        }
        return r;
    }

    private Node bit32(Node condition) {
        return f.zeroExtend(condition, 32);
    }

    private Node bit64(Node condition) {
        return f.zeroExtend(bit32(condition), 64);
    }

    private Node flag(Node condition, int shift) {
        return f.shl(bit32(condition), c32(shift));
    }

    // Code

    /** Computes what has been built so far and is used more than once into locals, so that all that follows has it. */
    private void compute(Node... used) {
        for (Node n : used) {
            n.source().uses += 2;
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node n = nodes.get(i);
            if (n.uses > 0 && n.op != Node.ALIAS) {
                for (Node operand : new Node[] {n.a, n.b, n.c, n.d}) {
                    if (operand != null) {
                        operand.source().uses++;
                    }
                }
            }
        }
        for (Node n : nodes) {
            boolean isLeaf = n.op == Node.CONST || n.op == Node.LOCAL || n.op == Node.ALIAS;
            if (!isLeaf && n.uses > 1) {
                w.values.put(n);
                n.local = locals.temporary(n.type());
                w.set(n.local);
            }
        }
        nodes.clear();
    }

    private void returns(Node... results) {
        compute(results);
        for (Node r : results) {
            w.values.put(r);
        }
    }

    /** Opens what happens where a condition, already computed, holds, which is seldom. */
    private void rare(Node condition) {
        w.values.put(condition);
        w.rareIf().u8(Wasm.VOID);
    }

    private void endRare() {
        w.op(Wasm.RETURN);
        w.op(Wasm.END);
    }

    // Operations

    /** Both operands of add, multiply and divide. */
    private final class Pair {
        final Node a = parameter(0);
        final Node sa = parameter(1);
        final Node b = parameter(2);
        final Node sb = parameter(3);
        final Node ea = exponent(sa);
        final Node eb = exponent(sb);

        Node sign() {
            return f.and(f.xor(sa, sb), c32(SIGN));
        }

        /** One of them is not normal: a significand's top bit is clear, or an exponent is out of its range. All of that is a sign bit here. */
        Node isOther(Node lower, Node higher) {
            Node exponents = f.or(f.sub(lower, c32(1)), f.sub(c32(EXPONENT - 1), higher));
            Node tops = f.truncate(f.shr(f.and(a, b), c64(32)), 32);
            return f.compare(Wasm.I32_LT_S, f.or(exponents, f.xor(tops, c32(-1))), c32(0));
        }

        Node isOther() {
            return f.or(isOther(ea, ea), isOther(eb, eb));
        }
    }

    private void add(int other) {
        Pair p = new Pair();
        // By masks: a branch could not be predicted.
        Node swap = f.sub(c32(0), bit32(f.lessUnsigned(p.ea, p.eb)));
        Node difference = f.and(f.xor(p.a, p.b), f.signExtend(swap, 64)), signDifference = f.and(f.xor(p.sa, p.sb), swap);
        Node big = f.xor(p.a, difference), small = f.xor(p.b, difference);
        Node signExponent = f.xor(p.sa, signDifference);
        Node sign = f.and(signExponent, c32(SIGN)), e = exponent(signExponent), smallExponent = exponent(f.xor(p.sb, signDifference));
        Node distance = f.sub(e, smallExponent);
        Node isOther = p.isOther(smallExponent, e);
        Node isDifference = f.shr(p.sign(), c32(15));
        Node isRare = f.or(isOther, f.compare(Wasm.I32_GT_U, distance, c32(FAR)));
        compute(big, small, sign, e, distance, isDifference, isRare);
        rare(isRare);
        // A function of its own: this one stays short.
        for (Node n : new Node[] {p.a, p.sa, p.b, p.sb}) {
            w.values.put(n);
        }
        w.out.u8(Wasm.CALL).u32(other);
        endRare();
        // 128 bits, two places lower for carry and sign.
        Node places = f.zeroExtend(distance, 64);
        Node mask = f.sub(c64(0), f.zeroExtend(isDifference, 64));
        Node smallLow = f.shl(small, f.sub(c64(62), places));
        Node smallHigh = f.shr(f.shr(small, c64(2)), places);
        Node bigLow = f.shl(big, c64(62));
        Node sumLow = f.add(bigLow, f.sub(f.xor(smallLow, mask), mask));
        Node borrow = f.and(mask, bit64(f.isZero(smallLow)));
        Node carry = bit64(f.lessUnsigned(sumLow, bigLow));
        Node sumHigh = f.add(f.add(f.add(f.shr(big, c64(2)), f.xor(smallHigh, mask)), borrow), carry);
        compute(sumLow, sumHigh, sign);
        rare(f.compare(Wasm.I32_LE_S, sumHigh, c64(0)));
        {
            // The other one was larger, by its significand; or nothing is left in the upper half.
            Node isNegative = f.sar(sumHigh, c64(63));
            Node low = f.sub(f.xor(sumLow, isNegative), isNegative);
            Node high = f.add(f.xor(sumHigh, isNegative), f.and(f.sub(c64(0), isNegative), bit64(f.isZero(sumLow))));
            Node opposite = f.xor(sign, f.and(f.truncate(isNegative, 32), c32(SIGN)));
            compute(low, high, opposite);
            assign(sumLow, low);
            assign(sumHigh, high);
            assign(sign, opposite);
            rare(f.isZero(sumHigh));
            returns(c64(0), f.shl(bit32(f.isNotZero(sumLow)), c32(31)));
            endRare();
        }
        w.op(Wasm.END);
        Node shift = f.pure(64, Wasm.I64_CLZ, sumHigh, null);
        normalize(sumHigh, sumLow, shift, f.add(e, c32(2)), sign);
    }

    /** x + 0 is x; 0 + 0 has the common sign, or is +0; and one far below the other does not change it. */
    private void addOther() {
        Pair p = new Pair();
        Node aIsZero = isZero(p.a, p.ea), bIsZero = isZero(p.b, p.eb), aIsNormal = isNormal(p.a, p.ea), bIsNormal = isNormal(p.b, p.eb);
        // A little nearer it may, where the big one is a power of two.
        int nearest = FAR + 3;
        Node aIsLarge = f.and(f.and(aIsNormal, bIsNormal), f.not(f.compare(Wasm.I32_LT_S, f.sub(p.ea, p.eb), c32(nearest + 1))));
        Node bIsLarge = f.and(f.and(aIsNormal, bIsNormal), f.not(f.compare(Wasm.I32_LT_S, f.sub(p.eb, p.ea), c32(nearest + 1))));
        Node isA = f.or(aIsLarge, f.and(bIsZero, aIsNormal)), isB = f.or(bIsLarge, f.and(aIsZero, bIsNormal));
        Node inexact = f.select(f.or(aIsLarge, bIsLarge), f.or(c32(FpuStack.INEXACT), f.shl(p.sign(), c32(1))), c32(0));
        compute(isA, isB, inexact);
        Node zero = f.select(f.and(aIsZero, bIsZero), f.and(f.and(p.sa, p.sb), c32(SIGN)), c32(FpuStack.FAILED));
        Node second = f.select(isA, f.and(p.sa, c32(0xFFFF)), f.select(isB, f.and(p.sb, c32(0xFFFF)), zero));
        returns(f.select(isA, p.a, f.select(isB, p.b, c64(0))), f.or(second, inexact));
    }

    /** Gives a computed value another one from here on. */
    private void assign(Node to, Node value) {
        w.values.put(value);
        w.set(to.local);
    }

    private void multiply() {
        Pair p = new Pair();
        Node isOther = p.isOther();
        compute(p.ea, p.eb, isOther);
        rare(isOther);
        {
            Node aIsZero = isZero(p.a, p.ea), bIsZero = isZero(p.b, p.eb);
            Node isZero = f.or(f.and(aIsZero, f.or(bIsZero, isNormal(p.b, p.eb))), f.and(bIsZero, isNormal(p.a, p.ea)));
            returns(c64(0), f.select(isZero, p.sign(), c32(FpuStack.FAILED)));
        }
        endRare();
        Node a1 = f.shr(p.a, c64(32)), a0 = f.and(p.a, c64(HALF)), b1 = f.shr(p.b, c64(32)), b0 = f.and(p.b, c64(HALF));
        product(f.mul(a0, b0), f.mul(a1, b0), f.mul(a0, b1), f.mul(a1, b1), f.add(p.ea, p.eb), p.sign());
    }

    private void square() {
        Node a = parameter(0), e = exponent(parameter(1));
        Node isOther = f.not(isNormal(a, e));
        compute(e, isOther);
        rare(isOther);
        returns(c64(0), f.select(isZero(a, e), c32(0), c32(FpuStack.FAILED)));
        endRare();
        Node a1 = f.shr(a, c64(32)), a0 = f.and(a, c64(HALF)), cross = f.mul(a1, a0);
        product(f.mul(a0, a0), cross, cross, f.mul(a1, a1), f.add(e, e), c32(0));
    }

    /** Returns the rounded product of two significands, given those of their halves; exponents: the sum of both. */
    private void product(Node low, Node cross, Node otherCross, Node top, Node exponents, Node sign) {
        Node middle = f.add(cross, f.shr(low, c64(32)));
        Node other = f.add(otherCross, f.and(middle, c64(HALF)));
        Node high = f.add(f.add(top, f.shr(middle, c64(32))), f.shr(other, c64(32)));
        Node bottom = f.or(f.shl(other, c64(32)), f.and(low, c64(HALF)));
        Node shift = f.xor(f.shr(high, c64(63)), c64(1));
        compute(high, bottom, shift);
        normalize(high, bottom, shift, f.sub(exponents, c32(BIAS - 1)), sign);
    }

    /** Long division by halves of 32 bits (Knuth, The Art of Computer Programming vol. 2, 4.3.1, algorithm D). */
    private void divide() {
        Pair p = new Pair();
        Node isOther = p.isOther();
        compute(p.ea, p.eb, isOther);
        rare(isOther);
        {
            Node isZero = f.and(isZero(p.a, p.ea), isNormal(p.b, p.eb));
            returns(c64(0), f.select(isZero, p.sign(), c32(FpuStack.FAILED)));
        }
        endRare();
        // The quotient has its top bit set when the dividend is the smaller one; else that is halved, its lowest bit going below.
        Node isHalved = f.not(f.lessUnsigned(p.a, p.b));
        Node shift = bit64(isHalved);
        Node n = f.shr(p.a, shift), below = f.shl(f.and(p.a, shift), c64(63));
        Node d1 = f.shr(p.b, c64(32)), d0 = f.and(p.b, c64(HALF));
        compute(n, below, d1, d0, shift);
        Node[] first = digit(n, f.shr(below, c64(32)), p.b, d1, d0);
        Node[] second = digit(first[1], c64(0), p.b, d1, d0);
        Node quotient = f.or(f.shl(first[0], c64(32)), second[0]);
        // Rounding wants the next bit and whether anything follows; the remainder is below the divisor.
        Node rest = second[1];
        Node isHalf = f.not(f.lessUnsigned(rest, f.sub(p.b, rest)));
        Node isExactHalf = f.equal(rest, f.sub(p.b, rest));
        Node low = f.or(f.shl(bit64(isHalf), c64(63)), f.and(f.sub(c64(0), bit64(f.and(f.isNotZero(rest), f.not(isExactHalf)))), c64(1)));
        Node e = f.add(f.add(f.sub(p.ea, p.eb), c32(BIAS - 1)), f.truncate(shift, 32));
        compute(quotient, low, e);
        round(quotient, low, e, p.sign());
    }

    /** The next 32 bits of the quotient, and the remainder: of n (below the divisor) and 32 bits more. */
    private Node[] digit(Node n, Node next, Node d, Node d1, Node d0) {
        Node guess = f.pure(64, Wasm.I64_DIV_U, n, d1);
        Node rest = f.sub(n, f.mul(guess, d1));
        compute(guess, rest);
        // At most two too large.
        for (int i = 0; i < 2; i++) {
            Node isLarge = f.and(f.isZero(f.shr(rest, c64(32))),
                f.or(f.isNotZero(f.shr(guess, c64(32))), f.lessUnsigned(f.or(f.shl(rest, c64(32)), next), f.mul(guess, d0))));
            Node less = bit64(isLarge);
            Node nextGuess = f.sub(guess, less), nextRest = f.add(rest, f.and(d1, f.sub(c64(0), less)));
            compute(nextGuess, nextRest);
            guess = nextGuess;
            rest = nextRest;
        }
        Node remainder = f.sub(f.or(f.shl(n, c64(32)), next), f.mul(guess, d));
        compute(guess, remainder);
        return new Node[] {guess, remainder};
    }

    /** Returns 128 bits, moved up by shift so that the top one is set, rounded. */
    private void normalize(Node high, Node low, Node shift, Node e, Node sign) {
        Node carried = f.shr(f.shr(low, c64(1)), f.sub(c64(63), shift));
        round(f.or(f.shl(high, shift), carried), f.shl(low, shift), f.sub(e, f.truncate(shift, 32)), sign);
    }

    /** Returns high, with the top bit set, and the 64 bits below it (the lowest may be sticky) rounded to nearest even. */
    private void round(Node high, Node low, Node e, Node sign) {
        compute(high, low, e, sign);
        // What is more than half, or half of an odd number, carries out of this.
        Node isUp = f.lessUnsigned(f.add(low, f.add(f.and(high, c64(1)), f.pure(64, Wasm.I64_SHR_U, c64(-1), c64(1)))), low);
        Node up = bit64(isUp);
        Node rounded = f.add(high, up);
        compute(up, rounded);
        rare(f.isZero(rounded));
        assign(rounded, f.pure(64, Wasm.I64_SHL, c64(1), c64(63)));
        assign(e, f.add(e, c32(1)));
        w.op(Wasm.END);
        rare(f.not(isExponentNormal(e)));
        returns(c64(0), c32(FpuStack.FAILED));
        endRare();
        Node flags = f.or(f.shl(f.truncate(up, 32), c32(16)), flag(f.isNotZero(low), 17));
        returns(rounded, f.or(f.or(e, sign), flags));
    }

    /** To a format of so many bits and exponent bits: what is normal there after rounding, or zero. */
    private void convert(int bits, int bias, int exponentBits) {
        Node a = parameter(0), sa = parameter(1);
        int fraction = bits - 1 - exponentBits;
        int dropped = 63 - fraction;
        Node ea = exponent(sa);
        Node e = f.sub(ea, c32(BIAS - bias));
        Node sign = f.shl(f.zeroExtend(f.and(sa, c32(SIGN)), 64), c64(bits - 16));
        Node isZero = isZero(a, ea);
        // Rounding up may carry into the exponent, at most once.
        Node isKnown = f.and(isNegative(a), f.lessUnsigned(f.sub(e, c32(1)), c32(2 * bias - 1)));
        Node rest = f.and(a, c64((1L << dropped) - 1));
        Node kept = f.and(f.shr(a, c64(dropped)), c64((1L << fraction) - 1));
        Node half = c64(1L << dropped - 1);
        compute(isZero, rest, kept);
        Node up = f.or(f.compare(Wasm.I32_GT_U, rest, half), f.and(f.equal(rest, half), f.truncate(f.and(kept, c64(1)), 1)));
        compute(up);
        Node value = f.add(f.or(f.shl(f.zeroExtend(e, 64), c64(fraction)), kept), bit64(up));
        Node flags = f.or(f.or(flag(up, 16), flag(f.isNotZero(rest), 17)), flag(f.not(isKnown), 31));
        returns(f.or(sign, f.select(isZero, c64(0), value)), f.select(isZero, c32(0), flags));
    }

    private void compare() {
        Node a = parameter(0), sa = parameter(1), b = parameter(2), sb = parameter(3);
        Node ea = exponent(sa), eb = exponent(sb);
        Node aIsZero = isZero(a, ea), bIsZero = isZero(b, eb);
        Node isKnown = f.and(f.or(aIsZero, isNormal(a, ea)), f.or(bIsZero, isNormal(b, eb)));
        Node isBelow = or(f.lessUnsigned(ea, eb), f.and(f.equal(ea, eb), f.lessUnsigned(a, b)));
        Node isAbove = or(f.lessUnsigned(eb, ea), f.and(f.equal(ea, eb), f.lessUnsigned(b, a)));
        Node negative = f.shr(f.and(sa, c32(SIGN)), c32(15));
        Node isOpposite = f.isNotZero(f.and(f.xor(sa, sb), c32(SIGN)));
        compute(aIsZero, bIsZero, isKnown, isBelow, isAbove, negative, isOpposite);
        Node direction = f.sub(c32(1), f.shl(negative, c32(1)));
        Node magnitudes = f.mul(f.sub(isAbove, isBelow), direction);
        Node signs = f.select(f.and(aIsZero, bIsZero), c32(0), direction);
        returns(f.select(isKnown, f.select(isOpposite, signs, magnitudes), c32(2)));
    }
}
