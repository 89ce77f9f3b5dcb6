// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Jumps, calls, returns, loops. */
final class Control {
    private Control() { }

    static void jmp(Emit e, Operand target) {
        if (target.kind() == Operand.Kind.RELATIVE) {
            e.jump();
        } else {
            Value address = e.read(target);
            e.checkTarget(address);
            e.jumpTo(address);
        }
    }

    static void jcc(Emit e, int code, Operand target) {
        e.jumpIf(e.condition(code));
    }

    static void call(Emit e, Operand target) {
        if (target.kind() == Operand.Kind.RELATIVE) {
            e.checkRelativeCall();
            e.push(e.nextIp(e.size()));
            e.jump();
        } else {
            Value address = e.read(target);
            e.checkCallTarget(address);
            e.push(e.nextIp(e.size()));
            e.jumpTo(address);
        }
    }

    static void ret(Emit e) {
        Value address = e.top(e.size());
        e.checkTarget(address);
        e.addToStackPointer(e.size() / 8);
        e.jumpTo(address);
    }

    static void retImm(Emit e, Operand bytes) {
        Value address = e.top(e.size());
        e.checkTarget(address);
        e.addToStackPointer(e.size() / 8);
        e.addToStackPointer(e.zeroExtend(e.read(bytes), 32));
        e.jumpTo(address);
    }

    /** JCXZ, JECXZ, JRCXZ: the counter is as wide as addresses are. */
    static void jcxz(Emit e, Operand target) {
        e.jumpIf(e.call(Helper.of("Loops.isCounterZero", 1), e.record()));
    }

    static void loop(Emit e, Operand target) {
        e.jumpIf(e.call(Helper.of("Loops.decrement", 1), e.record()));
    }

    static void loope(Emit e, Operand target) {
        e.jumpIf(e.and(e.call(Helper.of("Loops.decrement", 1), e.record()), e.condition(Emit.Z)));
    }

    static void loopne(Emit e, Operand target) {
        e.jumpIf(e.and(e.call(Helper.of("Loops.decrement", 1), e.record()), e.condition(Emit.Z + 1)));
    }

    static void jmpFarImm(Emit e, Operand far) {
        e.call(Helper.of("SegmentOps.jumpFar"), e.record());
        e.leave();
    }

    static void callFarImm(Emit e, Operand far) {
        e.call(Helper.of("SegmentOps.callFar"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void jmpFar(Emit e, Operand memory) {
        e.call(Helper.of("SegmentOps.jumpFarMemory"), e.record(), e.linearAddress(memory, e.size() / 8 + 2, false), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void callFar(Emit e, Operand memory) {
        e.call(Helper.of("SegmentOps.callFarMemory"), e.record(), e.linearAddress(memory, e.size() / 8 + 2, false), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void retFar(Emit e) {
        e.call(Helper.of("SegmentOps.returnFar"), e.record(), e.constant(32, 0), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void retFarImm(Emit e, Operand bytes) {
        e.call(Helper.of("SegmentOps.returnFar"), e.record(), e.zeroExtend(e.read(bytes), 32), e.constant(32, e.size() / 8));
        e.leave();
    }

    static void iret(Emit e) {
        e.call(Helper.of("SegmentOps.interruptReturn"), e.record(), e.constant(32, e.size() / 8));
        e.leave();
    }
}
