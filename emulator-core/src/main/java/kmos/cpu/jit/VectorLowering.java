// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.isa.Operand;

/**
 * SSE moves and packed integer instructions on XMM registers as vector instructions of WebAssembly, by the name of their
 * body and its helper, where the bodies would work on halves. Everything else goes the bodies' way, on lanes of the registers.
 */
final class VectorLowering {
    private final VectorOps ops;
    private final BlockBuilder e;
    private final FloatLowering floats;

    VectorLowering(BlockBuilder e, VectorOps ops) {
        this.e = e;
        this.ops = ops;
        floats = new FloatLowering(e);
    }

    /** Starts a block. */
    void begin(FloatFacts known) {
        floats.begin(known);
    }

    FloatFacts floatFacts(Node[] registers, boolean isDefaultMode) {
        return floats.facts(registers, isDefaultMode);
    }

    /** Emits the instruction if it has a form here; false: nothing was emitted. */
    boolean emit(String name, Operand[] o) {
        if (o.length < 2 || o.length > 3 || o[0].kind() != Operand.Kind.XMM && o[1].kind() != Operand.Kind.XMM) {
            return false;
        }
        int colon = name.indexOf(':');
        String body = colon < 0 ? name : name.substring(0, colon);
        String argument = colon < 0 ? "" : name.substring(colon + 1);
        if (o.length == 2 && floats.emit(body, argument, o)) {
            return true;
        }
        if (!isVector(o[0]) && !isVector(o[1])) {
            return false;
        }
        switch (body) {
            case "SimdMoves.load": return load(o, Integer.parseInt(argument));
            case "SimdMoves.store": return store(o, Integer.parseInt(argument));
            case "Simd.packed":
            case "Simd.pack": return o.length == 2 && isVector(o[0]) && packed(argument, o);
            case "Simd.op": return o.length == 2 && isVector(o[0]) && unaryOrShuffle(argument, o);
            case "Simd.shiftImm": return o.length == 2 && isVector(o[0]) && shift(argument, o);
            case "Simd.shiftBytes": return o.length == 2 && isVector(o[0]) && shiftBytes(argument, o);
            case "Simd.unpackLow":
            case "Simd.unpackHigh": return o.length == 2 && isVector(o[0]) && unpack(argument, o, body.equals("Simd.unpackHigh"));
            case "Simd.unpackHalves": return o.length == 2 && isVector(o[0]) && shuffle(o, VectorOps.interleave(8, argument.equals("1")));
            case "Simd.opImm": return isVector(o[0]) && shuffleImm(argument, o);
            case "Simd.compareStrings": return argument.equals("Sse42.pcmpistri") && o.length == 3 && isVector(o[0]) && isWhole(o[1]) && compareEach(o);
            case "Simd.compare": return o.length == 3 && isVector(o[0]) && floats.compareMask(argument, o);
            case "Simd.ptest": return isVector(o[0]) && isWhole(o[1]) && test(o);
            case "Simd.moveMask": return isVector(o[1]) && moveMask(argument, o);
            default: return false;
        }
    }

    private static boolean isVector(Operand o) {
        return o.kind() == Operand.Kind.XMM && o.bits() == 128;
    }

    private Node register(Operand o) {
        return e.vectorRegister(o);
    }

    private void setRegister(Operand o, Node v) {
        e.setVectorRegister(o, v);
    }

    /** A register, or 16 bytes of memory. */
    private Node source(Operand o, int alignment) {
        return isVector(o) ? register(o) : e.vectorMemory(alignment);
    }

    private static boolean isWhole(Operand o) {
        return isVector(o) || o.kind() == Operand.Kind.MEMORY && o.bits() == 128;
    }

    private boolean load(Operand[] o, int alignment) {
        if (!isVector(o[0]) || !isWhole(o[1])) {
            return false;
        }
        setRegister(o[0], source(o[1], alignment));
        return true;
    }

    private boolean store(Operand[] o, int alignment) {
        if (!isVector(o[1]) || !isWhole(o[0])) {
            return false;
        }
        if (isVector(o[0])) {
            setRegister(o[0], register(o[1]));
        } else {
            Node to = e.vectorAddress(alignment, true);
            e.vectorStore(to, register(o[1]));
        }
        return true;
    }

    /** PTEST: ZF is set when no bit is common, CF when the first has all of the second's. */
    private boolean test(Operand[] o) {
        NodeFactory f = e.factory();
        Node b = source(o[1], 16), a = register(o[0]), none = f.constant(1, 0);
        Node common = e.vector(VectorOps.AND, b, a, null), missing = e.vector(VectorOps.ANDNOT, b, a, null);
        e.explicitFlags(f.isZero(e.vectorMask(VectorOps.ANY_TRUE, missing)), f.isZero(e.vectorMask(VectorOps.ANY_TRUE, common)), none, none, none, none);
        return true;
    }

    private boolean packed(String helper, Operand[] o) {
        Integer op = ops.binary(helper);
        Integer unary = ops.unary(helper);
        boolean isSpecial = helper.equals("Packed.pandn") || helper.equals("Packed.pmuludq") || helper.equals("Packed.pmulhw") || helper.equals("Packed.pmulhuw");
        if (!isWhole(o[1]) || op == null && unary == null && !isSpecial) {
            return false;
        }
        Node b = source(o[1], 16), a = register(o[0]);
        if (unary != null) {
            setRegister(o[0], e.vector(unary, b, null, null));
        } else if (a == b && helper.equals("Packed.pxor")) {
            setRegister(o[0], e.vector(VectorOps.CONST, null, null, new byte[16]));
        } else if (op != null) {
            setRegister(o[0], e.vector(op, a, b, null));
        } else if (helper.equals("Packed.pandn")) {
            setRegister(o[0], e.vector(VectorOps.ANDNOT, b, a, null));
        } else if (helper.equals("Packed.pmuludq")) {
            byte[] even = {0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11};
            Node x = e.vector(VectorOps.SHUFFLE, a, a, even), y = e.vector(VectorOps.SHUFFLE, b, b, even);
            setRegister(o[0], e.vector(VectorOps.EXTMUL_LOW_32_U, x, y, null));
        } else {
            boolean isSigned = helper.equals("Packed.pmulhw");
            byte[] upper = {2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31};
            Node low = e.vector(isSigned ? VectorOps.EXTMUL_LOW_16_S : VectorOps.EXTMUL_LOW_16_U, a, b, null);
            Node high = e.vector(isSigned ? VectorOps.EXTMUL_HIGH_16_S : VectorOps.EXTMUL_HIGH_16_U, a, b, null);
            setRegister(o[0], e.vector(VectorOps.SHUFFLE, low, high, upper));
        }
        return true;
    }

    private boolean unaryOrShuffle(String helper, Operand[] o) {
        if (helper.equals("Ssse3.pshufb") && isWhole(o[1])) {
            Node b = source(o[1], 16);
            byte[] mask = new byte[16];
            java.util.Arrays.fill(mask, (byte) 0x8F);
            // A set top bit gives zero, as any index beyond 15 does there.
            Node index = e.vector(VectorOps.AND, b, e.vector(VectorOps.CONST, null, null, mask), null);
            setRegister(o[0], e.vector(VectorOps.SWIZZLE, register(o[0]), index, null));
            return true;
        }
        Integer unary = ops.unary(helper);
        if (unary == null || o[1].kind() != Operand.Kind.XMM) {
            return false;
        }
        setRegister(o[0], e.vector(unary, register(o[1]), null, null));
        return true;
    }

    private boolean shift(String helper, Operand[] o) {
        int count = (int) e.immediateValue() & 0xFF;
        int width = helper.endsWith("w") ? 16 : helper.endsWith("d") ? 32 : 64;
        boolean isArithmetic = helper.startsWith("Packed.psra"), isLeft = helper.startsWith("Packed.psll");
        if (count >= width && !isArithmetic) {
            setRegister(o[0], e.vector(VectorOps.CONST, null, null, new byte[16]));
            return true;
        }
        int op = width == 16 ? isLeft ? VectorOps.I16_SHL : isArithmetic ? VectorOps.I16_SHR_S : VectorOps.I16_SHR_U
            : width == 32 ? isLeft ? VectorOps.I32_SHL : isArithmetic ? VectorOps.I32_SHR_S : VectorOps.I32_SHR_U
            : isLeft ? VectorOps.I64_SHL : VectorOps.I64_SHR_U;
        setRegister(o[0], e.vector(op, register(o[0]), e.factory().constant(32, Math.min(count, width - 1)), null));
        return true;
    }

    private boolean shiftBytes(String helper, Operand[] o) {
        int count = Math.min((int) e.immediateValue() & 0xFF, 16);
        Node zero = e.vector(VectorOps.CONST, null, null, new byte[16]);
        setRegister(o[0], e.vector(VectorOps.SHUFFLE, register(o[0]), zero, VectorOps.shiftBytes(helper.endsWith("pslldq") ? count : -count)));
        return true;
    }

    private boolean unpack(String helper, Operand[] o, boolean isUpper) {
        int size = helper.endsWith("bw") ? 1 : helper.endsWith("wd") ? 2 : 4;
        return shuffle(o, VectorOps.interleave(size, isUpper));
    }

    private boolean shuffle(Operand[] o, byte[] lanes) {
        if (!isWhole(o[1])) {
            return false;
        }
        Node b = source(o[1], 16);
        setRegister(o[0], e.vector(VectorOps.SHUFFLE, register(o[0]), b, lanes));
        return true;
    }

    private boolean shuffleImm(String helper, Operand[] o) {
        if (o.length != 3 || !isWhole(o[1])) {
            return false;
        }
        int imm = (int) e.immediateValue() & 0xFF;
        switch (helper) {
            case "SseMove.pshufd": return permute(o, VectorOps.select4(4, imm, 0, 0));
            case "SseMove.pshuflw": return permute(o, VectorOps.select4(2, imm, 0, 0));
            case "SseMove.pshufhw": return permute(o, VectorOps.select4(2, imm, 8, 0));
            case "SseMove.shufps": return shuffle(o, VectorOps.select4(4, imm, 0, 16));
            default: return false;
        }
    }

    /** The source's lanes in another order. */
    private boolean permute(Operand[] o, byte[] lanes) {
        Node b = source(o[1], 16);
        setRegister(o[0], e.vector(VectorOps.SHUFFLE, b, b, lanes));
        return true;
    }

    private boolean moveMask(String helper, Operand[] o) {
        int op = helper.equals("SseMove.pmovmskb") ? VectorOps.I8_BITMASK : helper.equals("SseMove.movmskps") ? VectorOps.I32_BITMASK
            : helper.equals("SseMove.movmskpd") ? VectorOps.I64_BITMASK : -1;
        if (op < 0) {
            return false;
        }
        Node mask = e.vectorMask(op, register(o[1]));
        e.write(o[0], e.factory().zeroExtend(mask, o[0].bits()));
        return true;
    }

    /** PCMPISTRI where it compares each element with its counterpart, as string functions do (Intel SDM vol. 2, PCMPISTRI). */
    private boolean compareEach(Operand[] o) {
        int imm = (int) e.immediateValue() & 0xFF;
        if ((imm & 0x0C) != 0x08) {
            return false;
        }
        NodeFactory f = e.factory();
        boolean isWords = (imm & 1) != 0;
        int elements = isWords ? 8 : 16;
        Node all = f.constant(32, (1 << elements) - 1);
        Node b = source(o[1], 0), a = register(o[0]), zero = e.vector(VectorOps.CONST, null, null, new byte[16]);
        Node equal = equalElements(a, b, isWords), endOfA = equalElements(a, zero, isWords), endOfB = equalElements(b, zero, isWords);
        Node validA = f.and(beforeFirst(endOfA), all), validB = f.and(beforeFirst(endOfB), all);
        Node result = f.or(f.and(f.and(equal, validA), validB), f.xor(f.or(validA, validB), all));
        if ((imm & 0x10) != 0) {
            result = f.xor(result, (imm & 0x20) != 0 ? validB : all);
        }
        Node isNone = f.isZero(result);
        Node first = f.pure(32, Wasm.I32_CTZ, f.or(result, f.constant(32, 1 << elements)), null);
        Node last = f.select(isNone, f.constant(32, elements), f.sub(f.constant(32, 31), f.pure(32, Wasm.I32_CLZ, result, null)));
        e.setRegisterAt(8, (imm & 0x40) != 0 ? last : first);
        Node none = f.constant(1, 0);
        e.explicitFlags(f.not(isNone), f.isNotZero(endOfB), f.isNotZero(endOfA), f.truncate(result, 1), none, none);
        return true;
    }

    /** A bit for each pair of equal elements. */
    private Node equalElements(Node a, Node b, boolean isWords) {
        return e.vectorMask(isWords ? VectorOps.I16_BITMASK : VectorOps.I8_BITMASK, e.vector(isWords ? VectorOps.I16_EQ : VectorOps.I8_EQ, a, b, null));
    }

    /** The bits below the lowest one; all if there is none. */
    private Node beforeFirst(Node bits) {
        NodeFactory f = e.factory();
        Node lowest = f.and(bits, f.sub(f.constant(32, 0), bits));
        return f.sub(lowest, f.constant(32, 1));
    }
}
