// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.isa.Emit;
import kmos.isa.Helper;
import kmos.isa.Value;

/** Helpers of kmos.cpu that have a form in IR, by name. The others make their instruction a call of its handler. */
final class NativeHelpers {
    private NativeHelpers() { }

    static Node call(BlockBuilder e, NodeFactory f, Helper helper, Value[] v) {
        switch (helper.method()) {
            case "Bits.swap32": return swap32(f, node(v[0]));
            case "Bits.swap64": return swap64(f, node(v[0]));
            case "Bits.bsf32":
            case "Bits.bsf64": return bitScan(e, f, node(v[1]), Wasm.I32_CTZ);
            case "Bits.bsr32":
            case "Bits.bsr64": return bitScan(e, f, node(v[1]), Wasm.I32_CLZ);
            case "Bits.popcnt16":
            case "Bits.popcnt32":
            case "Bits.popcnt64": return popcnt(e, f, node(v[0]));
            case "Multiply.highUnsigned": return f.call(64, Imports.HIGH_UNSIGNED, -1, node(v[0]), node(v[1]), null, null);
            case "Multiply.highSigned": return f.call(64, Imports.HIGH_SIGNED, -1, node(v[0]), node(v[1]), null, null);
            case "Divide.div32": return divide32(e, f, node(v[0]), false);
            case "Divide.idiv32": return divide32(e, f, node(v[0]), true);
            case "Divide.div64": return divide64(e, f, node(v[0]), false);
            case "Divide.idiv64": return divide64(e, f, node(v[0]), true);
            case "Exchange.accumulator8":
            case "Exchange.accumulator16":
            case "Exchange.accumulator32":
            case "Exchange.accumulator64": return accumulator(e, f, node(v[0]), node(v[1]));
            case "Exchange.register8":
            case "Exchange.register16":
            case "Exchange.register32":
            case "Exchange.register64": return register(e, f, node(v[1]), node(v[2]));
            case "StackOps.leave32": return leave(e, f, 32);
            case "StackOps.leave64": return leave(e, f, 64);
            default: throw new Unsupported();
        }
    }

    private static Node node(Value v) {
        return (Node) v;
    }

    private static Node swap32(NodeFactory f, Node a) {
        Node odd = f.and(f.rotl(a, f.constant(32, 8)), f.constant(32, 0x00FF00FF));
        Node even = f.and(f.rotl(a, f.constant(32, 24)), f.constant(32, 0xFF00FF00));
        return f.or(odd, even);
    }

    private static Node swap64(NodeFactory f, Node a) {
        Node low = swap32(f, f.truncate(a, 32)), high = swap32(f, f.truncate(f.shr(a, f.constant(64, 32)), 32));
        return f.or(f.shl(f.zeroExtend(low, 64), f.constant(64, 32)), f.zeroExtend(high, 64));
    }

    /** BSF, BSR: a zero source leaves the whole register alone; only ZF is written. */
    private static Node bitScan(BlockBuilder e, NodeFactory f, Node source, int op) {
        int at = e.firstField();
        Node isZero = f.isZero(source);
        e.flagZero(isZero);
        Node before = e.registerAt(at, e.addressBits());
        Node count = f.pure(source.bits(), source.bits() == 64 ? op + Wasm.I64_ARITHMETIC : op, source, null);
        e.setRegisterAt(at, op == Wasm.I32_CLZ ? f.xor(count, f.constant(source.bits(), source.bits() - 1)) : count);
        e.setRegisterAt(at, f.select(isZero, before, e.registerAt(at, e.addressBits())));
        return null;
    }

    private static Node popcnt(BlockBuilder e, NodeFactory f, Node source) {
        Node none = f.constant(1, 0);
        e.explicitFlags(none, f.isZero(source), none, none, none, none);
        return f.pure(source.bits(), source.bits() == 64 ? Wasm.I64_POPCNT : Wasm.I32_POPCNT, source, null);
    }

    private static Node divide32(BlockBuilder e, NodeFactory f, Node divisor, boolean isSigned) {
        Node high = e.registerAt(Emit.RDX * 8, 32), low = e.registerAt(Emit.RAX * 8, 32);
        e.check(f.isNotZero(divisor));
        Node n = f.or(f.shl(f.zeroExtend(high, 64), f.constant(64, 32)), f.zeroExtend(low, 64));
        Node d = isSigned ? f.signExtend(divisor, 64) : f.zeroExtend(divisor, 64);
        if (isSigned) {
            // The one quotient that would overflow 64 bits, where wasm traps.
            e.check(f.not(f.and(f.equal(n, f.constant(64, Long.MIN_VALUE)), f.equal(d, f.constant(64, -1)))));
        }
        Node q = e.divide(isSigned ? Wasm.I64_DIV_S : Wasm.I64_DIV_U, n, d);
        Node quotient = f.truncate(q, 32);
        e.check(f.equal(q, isSigned ? f.signExtend(quotient, 64) : f.zeroExtend(quotient, 64)));
        Node remainder = f.truncate(f.sub(n, f.mul(q, d)), 32);
        e.setRegisterAt(Emit.RAX * 8, quotient);
        e.setRegisterAt(Emit.RDX * 8, remainder);
        return null;
    }

    /** Only dividends that fit in 64 bits: compilers emit no others. */
    private static Node divide64(BlockBuilder e, NodeFactory f, Node divisor, boolean isSigned) {
        Node high = e.registerAt(Emit.RDX * 8, 64), low = e.registerAt(Emit.RAX * 8, 64);
        e.check(f.isNotZero(divisor));
        if (isSigned) {
            e.check(f.equal(high, f.sar(low, f.constant(64, 63))));
            e.check(f.not(f.and(f.equal(low, f.constant(64, Long.MIN_VALUE)), f.equal(divisor, f.constant(64, -1)))));
        } else {
            e.check(f.isZero(high));
        }
        Node q = e.divide(isSigned ? Wasm.I64_DIV_S : Wasm.I64_DIV_U, low, divisor);
        e.setRegisterAt(Emit.RAX * 8, q);
        e.setRegisterAt(Emit.RDX * 8, f.sub(low, f.mul(q, divisor)));
        return null;
    }

    private static Node accumulator(BlockBuilder e, NodeFactory f, Node same, Node old) {
        Node before = e.registerAt(Emit.RAX * 8, e.addressBits());
        e.setRegisterAt(Emit.RAX * 8, old);
        Node after = e.registerAt(Emit.RAX * 8, e.addressBits());
        e.setRegisterAt(Emit.RAX * 8, f.select(same, before, after));
        return null;
    }

    private static Node register(BlockBuilder e, NodeFactory f, Node same, Node b) {
        int at = e.firstField();
        Node before = e.registerAt(at & ~7, e.addressBits());
        e.setRegisterAt(at, b);
        Node after = e.registerAt(at & ~7, e.addressBits());
        e.setRegisterAt(at & ~7, f.select(same, after, before));
        return null;
    }

    private static Node leave(BlockBuilder e, NodeFactory f, int bits) {
        if (bits != e.addressBits()) {
            throw new Unsupported();
        }
        Node frame = e.registerAt(Emit.RBP * 8, bits);
        Node v = e.loadAt(frame, bits);
        e.setRegisterAt(Emit.RSP * 8, f.add(frame, f.constant(bits, bits / 8)));
        e.setRegisterAt(Emit.RBP * 8, v);
        return null;
    }
}
