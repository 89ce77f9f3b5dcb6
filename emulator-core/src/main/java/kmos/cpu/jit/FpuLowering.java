// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.Map;
import kmos.cpu.CpuState;
import kmos.cpu.fpu.X87Calls;
import kmos.isa.Helper;
import kmos.isa.Operand;
import kmos.isa.Value;

/**
 * x87 instructions. The usual ones work on the values of an {@link FpuStack}, with {@link FpuFunctions} for arithmetic; where operands are of another
 * kind than those know, the interpreter does the instruction. The seldom ones, and all while the control word has other modes than the default
 * ones, are calls of {@link X87Calls}, which work on memory and cannot leave the region.
 */
final class FpuLowering {
    private static final int EQUAL = 0, UNORDERED = 2;
    private static final int BIAS = 0x3FFF, SIGN = 0x8000, EXPONENT = 0x7FFF;
    /** Arithmetic as ModRM.reg has it. */
    private static final int ADD = 0, MUL = 1, SUB = 4, SUBR = 5, DIV = 6, DIVR = 7;
    /** FLDCW: bits that can be written, the one that is always set, and the flags that masks are for. */
    private static final int WRITABLE = 0x1F7F, ALWAYS = 0x40, MASKS = 0x3F;

    /** Codes of helpers without a memory operand, or with one that is read. */
    private static final Map<String, Integer> CALLS = Map.ofEntries(
        Map.entry("X87Arithmetic.real32", X87Calls.REAL_32), Map.entry("X87Arithmetic.real64", X87Calls.REAL_64),
        Map.entry("X87Arithmetic.integer16", X87Calls.INTEGER_16), Map.entry("X87Arithmetic.integer32", X87Calls.INTEGER_32),
        Map.entry("X87Arithmetic.toTop", X87Calls.TO_TOP), Map.entry("X87Transfer.fld32", X87Calls.FLD_32), Map.entry("X87Transfer.fld64", X87Calls.FLD_64),
        Map.entry("X87Transfer.fldSt", X87Calls.FLD_ST), Map.entry("X87Transfer.fild16", X87Calls.FILD_16), Map.entry("X87Transfer.fild32", X87Calls.FILD_32),
        Map.entry("X87Transfer.fild64", X87Calls.FILD_64), Map.entry("X87Transfer.fldConstant", X87Calls.FLD_CONSTANT),
        Map.entry("X87Transfer.fstSt", X87Calls.FST_ST), Map.entry("X87Transfer.fstpSt", X87Calls.FSTP_ST), Map.entry("X87Transfer.fxch", X87Calls.FXCH),
        Map.entry("X87Arithmetic.fchs", X87Calls.FCHS), Map.entry("X87Arithmetic.fabs", X87Calls.FABS), Map.entry("X87Arithmetic.fsqrt", X87Calls.FSQRT),
        Map.entry("X87Arithmetic.frndint", X87Calls.FRNDINT), Map.entry("X87Arithmetic.ftst", X87Calls.FTST), Map.entry("X87Arithmetic.fxam", X87Calls.FXAM));

    private final BlockBuilder e;
    private final NodeFactory f;
    private final FpuTracking x87;
    private FpuStack stack;

    FpuLowering(BlockBuilder e, FpuTracking x87, NodeFactory f) {
        this.e = e;
        this.x87 = x87;
        this.f = f;
    }

    static boolean knows(Helper helper) {
        return helper.method().startsWith("X87");
    }

    /** The helper's call; throws Unsupported for one that is not known here. */
    Node call(Helper helper, Value[] v) {
        switch (helper.method()) {
            case "X87.begin":
                stack = x87.change();
                return null;
            case "X87.note":
                stack.note(e.instructionAddress(), e.displacement());
                return null;
            case "X87.noteMemory":
                stack.note(e.instructionAddress(), (int) e.immediateValue());
                stack.noteData(f.zeroExtend(e.memoryOffset(), 64), e.memorySegment());
                return null;
            case "X87.status": return x87.status();
            case "X87.control": return e.stateLoad(32, CpuState.FCW);
            case "X87.fldcw":
                loadControl((Node) v[0]);
                return null;
            default: return x87.isDefaultNow() ? operation(helper, v) : operationInMemory(helper, v);
        }
    }

    /** Whether a store's bytes have gone to the operand with its helper's call. */
    static boolean isStored(Value condition, Operand memory) {
        Node n = (Node) condition;
        return (n.isConst(1) || n.op == Node.X87 && n.imm != X87Calls.POP_IF) && memory.bits() <= 64;
    }

    private static int constant(Value v) {
        return (int) ((Node) v).imm;
    }

    private Node c32(int v) {
        return f.constant(32, v);
    }

    private Node c64(long v) {
        return f.constant(64, v);
    }

    private void loadControl(Node v) {
        Node control = f.or(f.and(v, c32(WRITABLE)), c32(ALWAYS));
        e.check(f.isZero(f.and(f.and(x87.status(), f.xor(control, c32(-1))), c32(MASKS))));
        x87.store();
        e.stateStore(CpuState.FCW, control);
    }

    // On values

    private Node operation(Helper helper, Value[] v) {
        switch (helper.method()) {
            case "X87Arithmetic.toTop":
                arithmetic(constant(v[0]), 0, constant(v[1]), 0);
                return null;
            case "X87Arithmetic.toRegister":
                arithmetic(constant(v[0]), constant(v[1]), 0, constant(v[1]));
                if (constant(v[2]) != 0) {
                    stack.pop();
                }
                return null;
            case "X87Arithmetic.real64": return withMemory(helper, v, 64);
            case "X87Arithmetic.real32": return withMemory(helper, v, 32);
            case "X87Transfer.fld64":
                push(real((Node) e.load(v[0], 0, 64)));
                return null;
            case "X87Transfer.fld32":
                push(real((Node) e.load(v[0], 0, 32)));
                return null;
            case "X87Transfer.fild16":
                push(integer(f.signExtend((Node) e.load(v[0], 0, 16), 64)));
                return null;
            case "X87Transfer.fild32":
                push(integer(f.signExtend((Node) e.load(v[0], 0, 32), 64)));
                return null;
            case "X87Transfer.fild64":
                push(integer((Node) e.load(v[0], 0, 64)));
                return null;
            case "X87Transfer.fldSt":
                stack.require(x87, constant(v[0]));
                push(new Node[] {stack.significand(constant(v[0])), stack.exponent(constant(v[0]))});
                return null;
            case "X87Transfer.fldConstant": return constantOrCall(helper, v);
            case "X87Transfer.fstSt":
                copy(constant(v[0]));
                return null;
            case "X87Transfer.fstpSt":
                copy(constant(v[0]));
                stack.pop();
                return null;
            case "X87Transfer.fxch":
                stack.require(x87, 0);
                stack.require(x87, constant(v[0]));
                stack.exchange(constant(v[0]));
                return null;
            case "X87Arithmetic.fchs":
                changeSign(f.xor(top(), c32(SIGN)));
                return null;
            case "X87Arithmetic.fabs":
                changeSign(f.and(top(), c32(SIGN - 1)));
                return null;
            case "X87Arithmetic.fcom":
                compare(constant(v[0]), constant(v[1]));
                return null;
            case "X87Arithmetic.fcomi":
                compareToFlags(constant(v[0]), constant(v[1]));
                return null;
            case "X87Transfer.fst64": return store(FpuFunctions.TO_DOUBLE, 64);
            case "X87Transfer.fst32": return store(FpuFunctions.TO_SINGLE, 32);
            case "X87Transfer.popIf":
                if (((Node) v[0]).isConst(1)) {
                    stack.pop();
                    return null;
                }
                return operationInMemory(helper, v);
            default: return operationInMemory(helper, v);
        }
    }

    private void push(Node[] value) {
        stack.push(value[0], value[1]);
    }

    private Node top() {
        stack.require(x87, 0);
        return stack.exponent(0);
    }

    private void changeSign(Node exponent) {
        stack.set(0, stack.significand(0), exponent);
        stack.clearC1();
    }

    private void copy(int to) {
        stack.require(x87, 0);
        stack.set(to, stack.significand(0), stack.exponent(0));
        stack.clearC1();
    }

    /** A float or a double, normal or zero, as significand and exponent. */
    private Node[] real(Node bits) {
        boolean isDouble = bits.bits() == 64;
        int fraction = isDouble ? 52 : 23, exponentMask = isDouble ? 0x7FF : 0xFF, bias = isDouble ? 1023 : 127;
        Node wide = f.zeroExtend(bits, 64);
        Node exponent = f.and(f.truncate(f.shr(wide, c64(fraction)), 32), c32(exponentMask));
        Node isZero = f.isZero(f.shl(bits, f.constant(bits.bits(), 1)));
        e.checkEither(f.lessUnsigned(f.sub(exponent, c32(1)), c32(exponentMask - 1)), isZero);
        Node sign = f.and(f.truncate(f.shr(wide, c64(bits.bits() - 16)), 32), c32(SIGN));
        Node significand = f.select(isZero, c64(0), f.or(f.shl(wide, c64(63 - fraction)), c64(Long.MIN_VALUE)));
        Node biased = f.select(isZero, c32(0), f.add(exponent, c32(BIAS - bias)));
        return new Node[] {significand, f.or(biased, sign)};
    }

    private Node[] integer(Node v) {
        Node sign = f.sar(v, c64(63));
        Node magnitude = f.sub(f.xor(v, sign), sign);
        Node places = f.pure(64, Wasm.I64_CLZ, magnitude, null);
        Node exponent = f.or(f.sub(c32(BIAS + 63), f.truncate(places, 32)), f.and(f.truncate(sign, 32), c32(SIGN)));
        return new Node[] {f.shl(magnitude, places), f.select(f.isZero(v), c32(0), exponent)};
    }

    private Node constantOrCall(Helper helper, Value[] v) {
        int which = constant(v[0]);
        if (which != 0 && which != 6) {
            return operationInMemory(helper, v);
        }
        stack.push(c64(which == 0 ? Long.MIN_VALUE : 0), c32(which == 0 ? BIAS : 0));
        return null;
    }

    private Node withMemory(Helper helper, Value[] v, int bits) {
        int op = constant(v[0]);
        if (op != ADD && op != MUL && op < SUB) {
            return operationInMemory(helper, v);
        }
        stack.require(x87, 0);
        Node[] b = real((Node) e.load(v[1], 0, bits));
        arithmetic(op, stack.significand(0), stack.exponent(0), b[0], b[1], 0);
        return null;
    }

    private void arithmetic(int op, int first, int second, int to) {
        stack.require(x87, first);
        stack.require(x87, second);
        arithmetic(op, stack.significand(first), stack.exponent(first), stack.significand(second), stack.exponent(second), to);
    }

    private void arithmetic(int op, Node a, Node sa, Node b, Node sb, int to) {
        stack.entry.expectDefaultModes();
        boolean isSame = a.source() == b.source() && sa.source() == sb.source();
        if (op == ADD && isSame) {
            twice(a, sa, to);
            return;
        }
        Node r;
        switch (op) {
            case ADD: r = x87.call(FpuFunctions.ADD, a, sa, b, sb); break;
            case SUB: r = x87.call(FpuFunctions.ADD, a, sa, b, f.xor(sb, c32(SIGN))); break;
            case SUBR: r = x87.call(FpuFunctions.ADD, a, f.xor(sa, c32(SIGN)), b, sb); break;
            case MUL: r = isSame ? x87.call(FpuFunctions.SQUARE, a, sa, null, null) : x87.call(FpuFunctions.MULTIPLY, a, sa, b, sb); break;
            case DIV: r = x87.call(FpuFunctions.DIVIDE, a, sa, b, sb); break;
            case DIVR: r = x87.call(FpuFunctions.DIVIDE, b, sb, a, sa); break;
            default: throw new Unsupported();
        }
        checkFlags(r.second);
        stack.set(to, r, r.second);
        stack.flags(f, r.second);
    }

    /** A normal number plus itself, or a zero: exact. */
    private void twice(Node a, Node sa, int to) {
        Node exponent = f.and(sa, c32(EXPONENT));
        Node isKnown = f.and(f.compare(Wasm.I32_LT_S, a, c64(0)), f.lessUnsigned(f.sub(exponent, c32(1)), c32(EXPONENT - 2)));
        e.checkEither(isKnown, f.isZero(f.or(a, f.zeroExtend(exponent, 64))));
        stack.set(to, a, f.add(sa, f.truncate(f.shr(a, c64(63)), 32)));
        stack.clearC1();
    }

    private void checkFlags(Node second) {
        e.check(f.compare(Wasm.I32_GE_S, second, c32(0)));
    }

    private Node store(int function, int bits) {
        stack.entry.expectDefaultModes();
        stack.require(x87, 0);
        Node value = x87.call(function, stack.significand(0), stack.exponent(0), null, null);
        checkFlags(value.second);
        stack.flags(f, value.second);
        e.store(e.preparedHost(), 0, f.truncate(value, bits));
        return c32(1);
    }

    /** ST(0) and ST(i), normal or zero: -1, 0 or 1; the interpreter does the others. */
    private Node order(int i) {
        stack.require(x87, 0);
        stack.require(x87, i);
        Node order = x87.call(FpuFunctions.COMPARE, stack.significand(0), stack.exponent(0), stack.significand(i), stack.exponent(i));
        e.check(f.not(f.equal(order, c32(UNORDERED))));
        return order;
    }

    /** C3 when they are equal, C0 when ST(0) is less. */
    private void compare(int i, int pops) {
        Node order = order(i);
        Node isEqual = f.shl(f.zeroExtend(f.equal(order, c32(EQUAL)), 32), c32(14));
        stack.codes(f.or(isEqual, f.shl(f.shr(order, c32(31)), c32(8))));
        stack.clearC1();
        for (int n = 0; n < pops; n++) {
            stack.pop();
        }
    }

    private void compareToFlags(int i, int pops) {
        flags(order(i));
        if (pops != 0) {
            stack.pop();
        }
    }

    private void flags(Node order) {
        Node none = f.constant(1, 0);
        Node isLess = f.isNotZero(f.and(order, c32(0x80000000)));
        e.explicitFlags(isLess, f.equal(order, c32(EQUAL)), none, none, none, none);
    }

    // In memory

    private Node operationInMemory(Helper helper, Value[] v) {
        switch (helper.method()) {
            case "X87Arithmetic.toRegister": return x87.inMemory(constant(v[2]) != 0 ? X87Calls.TO_REGISTER_POP : X87Calls.TO_REGISTER, (Node) v[0], (Node) v[1]);
            case "X87Arithmetic.fcom":
                return x87.inMemory(X87Calls.FCOM, (Node) v[0], c32(constant(v[1]) | constant(v[2]) << 2));
            case "X87Arithmetic.fcomi": return compareInMemory((Node) v[0], constant(v[1]));
            case "X87Transfer.fst32": return x87.inMemory(X87Calls.FST_32, e.preparedHost(), null);
            case "X87Transfer.fst64": return x87.inMemory(X87Calls.FST_64, e.preparedHost(), null);
            case "X87Transfer.fist": return x87.inMemory(X87Calls.FIST, e.preparedHost(), c32(constant(v[0]) | constant(v[1]) << 8));
            case "X87Transfer.popIf": return x87.inMemory(X87Calls.POP_IF, (Node) v[0], null);
            default:
                Integer code = CALLS.get(helper.method());
                if (code == null || v.length > 2) {
                    throw new Unsupported();
                }
                return x87.inMemory(code, v.length > 0 ? (Node) v[0] : null, v.length > 1 ? (Node) v[1] : null);
        }
    }

    /** FCOMI of normal numbers and zeros; the interpreter does the others. */
    private Node compareInMemory(Node register, int pops) {
        Node order = x87.inMemory(X87Calls.COMPARE, register, null);
        e.check(f.not(f.equal(order, c32(UNORDERED))));
        if (pops != 0) {
            x87.inMemory(X87Calls.POP_IF, c32(1), null);
        }
        flags(order);
        return null;
    }
}
