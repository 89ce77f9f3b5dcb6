// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Flags, system calls, identification, privileged instructions. */
final class SystemOps {
    private SystemOps() { }

    static void clc(Emit e) {
        e.flagCarry(e.constant(1, 0));
    }

    static void stc(Emit e) {
        e.flagCarry(e.constant(1, 1));
    }

    static void cmc(Emit e) {
        e.flagCarry(e.xor(e.carry(), e.constant(1, 1)));
    }

    static void cld(Emit e) {
        e.call(Helper.of("FlagOps.setDirection"), e.constant(32, 0));
    }

    static void std(Emit e) {
        e.call(Helper.of("FlagOps.setDirection"), e.constant(32, 1));
    }

    static void cpuid(Emit e) {
        e.call(Helper.of("Cpuid.cpuid"));
    }

    static void rdtsc(Emit e) {
        e.call(Helper.of("SystemHelpers.rdtsc"), e.record());
        e.leave();
    }

    static void rdtscp(Emit e) {
        e.call(Helper.of("SystemHelpers.rdtscp"), e.record());
        e.leave();
    }

    /** INT n: 0x80 is the kernel's door, anything else lacks a gate for user mode: #GP. */
    static void intN(Emit e, Operand vector) {
        e.call(Helper.of("SystemHelpers.softwareInterrupt"), e.record(), e.zeroExtend(e.read(vector), 32));
        e.leave();
    }

    static void int3(Emit e) {
        e.call(Helper.of("SystemHelpers.trap"), e.record(), e.constant(32, 3));
        e.leave();
    }

    static void int1(Emit e) {
        e.call(Helper.of("SystemHelpers.trap"), e.record(), e.constant(32, 1));
        e.leave();
    }

    static void into(Emit e) {
        e.call(Helper.of("SystemHelpers.into"), e.record(), e.condition(Emit.O));
        e.leave();
    }

    static void bound(Emit e, Operand index, Operand memory) {
        e.call(Helper.of("SystemHelpers.bound" + index.bits()), e.read(index), e.linearAddress(memory, index.bits() / 4, false));
    }

    static void syscall(Emit e) {
        e.call(Helper.of("SystemHelpers.syscall"), e.record());
        e.leave();
    }

    static void sysenter(Emit e) {
        e.call(Helper.of("SystemHelpers.sysenter"), e.record());
        e.leave();
    }

    static void ud2(Emit e) {
        e.call(Helper.of("SystemHelpers.undefined"));
    }

    /** UD0, UD1 with a ModRM operand. */
    static void udE(Emit e, Operand any) {
        e.call(Helper.of("SystemHelpers.undefined"));
    }

    static void privileged(Emit e) {
        e.call(Helper.of("SystemHelpers.privileged"));
    }

    static void privilegedE(Emit e, Operand any) {
        e.call(Helper.of("SystemHelpers.privileged"));
    }

    static void privilegedI(Emit e, Operand port) {
        e.call(Helper.of("SystemHelpers.privilegedIo"));
    }

    /** CLI, STI, IN, OUT, INS, OUTS: allowed where IOPL permits, which it does not in user mode here. */
    static void privilegedIo(Emit e) {
        e.call(Helper.of("SystemHelpers.privilegedIo"));
    }

    /** SLDT, STR, SGDT, SIDT, SMSW: #GP in user mode with CR4.UMIP set. */
    static void umip(Emit e, Operand dst) {
        e.call(Helper.of("SystemHelpers.privileged"));
    }

    static void lar(Emit e, Operand dst, Operand selector) {
        Value r = e.call(Helper.of("SegmentOps.lar", 32), e.zeroExtend(e.truncate(e.read(selector), 16), 32), e.zeroExtend(e.truncate(e.read(dst), 16), 32));
        e.write(dst, dst.bits() == 64 ? e.zeroExtend(r, 64) : e.truncate(r, dst.bits()));
    }

    static void lsl(Emit e, Operand dst, Operand selector) {
        Value r = e.call(Helper.of("SegmentOps.lsl", 32), e.zeroExtend(e.truncate(e.read(selector), 16), 32), e.zeroExtend(e.truncate(e.read(dst), 16), 32));
        e.write(dst, dst.bits() == 64 ? e.zeroExtend(r, 64) : e.truncate(r, dst.bits()));
    }

    static void verr(Emit e, Operand selector) {
        e.flagZero(e.call(Helper.of("SegmentOps.verr", 1), e.zeroExtend(e.read(selector), 32)));
    }

    static void verw(Emit e, Operand selector) {
        e.flagZero(e.call(Helper.of("SegmentOps.verw", 1), e.zeroExtend(e.read(selector), 32)));
    }

    static void arpl(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value three = e.constant(16, 3);
        Value lower = e.lessUnsigned(e.and(a, three), e.and(b, three));
        e.flagZero(lower);
        e.write(dst, e.select(lower, e.or(e.and(a, e.not(three)), e.and(b, three)), a));
    }

    /** LES, LDS, LSS, LFS, LGS: number of the segment is implied. */
    static void loadFarPointer(Emit e, Operand dst, Operand memory, Operand segment) {
        Value offset = e.call(Helper.of("SegmentOps.loadFarPointer" + dst.bits(), dst.bits()), e.record(), e.linearAddress(memory, dst.bits() / 8 + 2, false),
            e.constant(32, segment.number()));
        e.write(dst, offset);
        e.leave();
    }

    static void fence(Emit e) {
    }
}
