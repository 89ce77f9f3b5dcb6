// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Push, pop and frames. */
final class Stack {
    private Stack() { }

    static void push(Emit e, Operand src) {
        Value v = e.read(src);
        e.push(v.bits() < e.size() ? e.signExtend(v, e.size()) : v);
    }

    /** POP: the stack pointer moves before the destination is written, so POP ESP loads what was on the stack. */
    static void pop(Emit e, Operand dst) {
        Value v = e.top(e.size());
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.writePopped(dst, v, e.size() / 8);
            e.addToStackPointer(e.size() / 8);
        } else {
            e.addToStackPointer(e.size() / 8);
            e.write(dst, v);
        }
    }

    static void pushSegment(Emit e, Operand segment) {
        e.push(e.zeroExtend(e.read(segment), e.size()));
    }

    static void popSegment(Emit e, Operand segment) {
        Value selector = e.truncate(e.top(e.size()), 16);
        e.call(Helper.of("SegmentOps.loadData"), e.constant(32, segment.number() + 1), e.record(), e.zeroExtend(selector, 32));
        e.addToStackPointer(e.size() / 8);
        e.leave();
    }

    static void leave(Emit e) {
        e.call(Helper.of("StackOps.leave" + e.size()));
    }

    static void enter(Emit e, Operand imm) {
        e.call(Helper.of("StackOps.enter"), e.record(), e.constant(32, e.size()));
    }

    static void pusha(Emit e) {
        e.call(Helper.of("StackOps.pusha"), e.constant(32, e.size()));
    }

    static void popa(Emit e) {
        e.call(Helper.of("StackOps.popa"), e.constant(32, e.size()));
    }

    static void pushf(Emit e) {
        Value flags = e.call(Helper.of("FlagOps.pushf", 64));
        e.push(e.truncate(flags, e.size()));
    }

    static void popf(Emit e) {
        Value v = e.top(e.size());
        e.call(Helper.of("FlagOps.popf" + e.size()), e.record(), v);
        e.addToStackPointer(e.size() / 8);
        e.leave();
    }
}
