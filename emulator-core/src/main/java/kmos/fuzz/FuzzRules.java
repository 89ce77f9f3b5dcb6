// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import java.util.Map;
import java.util.Set;

/** What the fuzzer must know of instructions: which it cannot judge, and what the manuals leave undefined. */
final class FuzzRules {
    private static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, OF = 0x800;
    /** C0, C2, C3 of the x87 status word. */
    private static final int CODES = 0x4500, C1 = 0x200;

    /**
     * Not run: what enters the kernel or changes segments, what asks for the processor's identity, time or layout, and
     * what differs between real processors (approximations, pointers of the last x87 instruction, MASKMOV with an empty
     * mask, the x87 tags after a store of an MMX register, INT1 under a hypervisor,
     * MXCSR bit 17, which AMD has).
     */
    private static final Set<String> EXCLUDED = Set.of("Moves.movToSegment", "SystemOps.loadFarPointer", "Stack.popSegment", "Stack.popf", "Control.jmpFarImm",
        "Control.callFarImm", "Control.jmpFar", "Control.callFar", "Control.retFar", "Control.retFarImm", "Control.iret", "SystemOps.cpuid", "SystemOps.rdtsc",
        "SystemOps.rdtscp", "SystemOps.intN", "SystemOps.syscall", "SystemOps.sysenter", "SystemOps.umip", "SystemOps.verr", "SystemOps.verw", "SystemOps.lar",
        "SystemOps.lsl", "SystemOps.arpl", "SimdMoves.fxsave", "SimdMoves.fxrstor", "SimdMoves.extended", "SimdMoves.xgetbv", "Fpu.fnstenv", "Fpu.fnsave", "Fpu.fldenv",
        "Fpu.frstor", "SimdMoves.maskMove", "SimdMoves.storeMmx", "SimdMoves.toGeneral", "SystemOps.int1", "SimdMoves.ldmxcsr", "Moves.movFromSegment", "Stack.pushSegment", "SystemOps.privilegedI", "SystemOps.privilegedIo",
        "X87Transcendental.f2xm1", "X87Transcendental.fcos", "X87Transcendental.fsin", "X87Transcendental.fsincos", "X87Transcendental.fptan",
        "X87Transcendental.fpatan", "X87Transcendental.fyl2x", "X87Transcendental.fyl2xp1", "SseFloat.rcpps", "SseFloat.rcpss", "SseFloat.rsqrtps", "SseFloat.rsqrtss");

    private static final Map<String, Integer> UNDEFINED_FLAGS = Map.ofEntries(Map.entry("Alu.or", AF), Map.entry("Alu.and", AF), Map.entry("Alu.xor", AF),
        Map.entry("Alu.test", AF), Map.entry("MulDiv.mul", SF | ZF | AF | PF), Map.entry("MulDiv.imul1", SF | ZF | AF | PF), Map.entry("MulDiv.imul2", SF | ZF | AF | PF),
        Map.entry("MulDiv.imul3", SF | ZF | AF | PF), Map.entry("MulDiv.div", CF | PF | AF | ZF | SF | OF), Map.entry("MulDiv.idiv", CF | PF | AF | ZF | SF | OF),
        Map.entry("MulDiv.daa", OF), Map.entry("MulDiv.das", OF), Map.entry("MulDiv.aaa", OF | SF | ZF | PF), Map.entry("MulDiv.aas", OF | SF | ZF | PF),
        Map.entry("MulDiv.aam", OF | AF | CF), Map.entry("MulDiv.aad", OF | AF | CF), Map.entry("Shift.rol", OF), Map.entry("Shift.ror", OF), Map.entry("Shift.rcl", OF),
        Map.entry("Shift.rcr", OF), Map.entry("Shift.shl", OF | AF | CF), Map.entry("Shift.shr", OF | AF | CF), Map.entry("Shift.sar", OF | AF | CF),
        Map.entry("Shift.shld", CF | PF | AF | ZF | SF | OF), Map.entry("Shift.shrd", CF | PF | AF | ZF | SF | OF), Map.entry("BitOps.bt", OF | SF | AF | PF),
        Map.entry("BitOps.bts", OF | SF | AF | PF), Map.entry("BitOps.btr", OF | SF | AF | PF), Map.entry("BitOps.btc", OF | SF | AF | PF),
        Map.entry("BitOps.bsf", CF | OF | SF | AF | PF), Map.entry("BitOps.bsr", CF | OF | SF | AF | PF), Map.entry("Bmi.lzcnt", OF | SF | PF | AF),
        Map.entry("Bmi.tzcnt", OF | SF | PF | AF), Map.entry("Bmi.andn", AF | PF), Map.entry("Bmi.blsr", AF | PF), Map.entry("Bmi.blsmsk", AF | PF),
        Map.entry("Bmi.blsi", AF | PF), Map.entry("Bmi.bextr", AF | SF | PF), Map.entry("Bmi.bzhi", AF | PF));

    private FuzzRules() { }

    /** Whether rows with this body, or with this argument of a body, are run. */
    static boolean isFuzzed(String bodyOrArgument) {
        return !EXCLUDED.contains(bodyOrArgument);
    }

    /** RFLAGS bits whose value after the instruction no manual defines. */
    static int undefinedFlags(String body) {
        return UNDEFINED_FLAGS.getOrDefault(body, 0);
    }

    /** Bits of the x87 status word that are undefined after the instruction. */
    static int undefinedStatus(String body, String argument) {
        if (!body.startsWith("Fpu.")) {
            return 0;
        }
        String what = argument == null ? body : argument;
        boolean definesCodes = body.startsWith("Fpu.fcom") || body.equals("Fpu.control") || body.startsWith("Fpu.fnst") || body.equals("Fpu.fnop") || body.equals("Fpu.fwait")
            || what.endsWith("ftst") || what.endsWith("fxam") || what.contains("fprem") || body.equals("Fpu.fldcw") || isComparison(body, argument);
        // The carry-like C1 says which way a result was rounded, or which side of the stack was left.
        return definesCodes && !body.startsWith("Fpu.fcomi") ? 0 : CODES | (body.startsWith("Fpu.fcomi") ? 0 : what.contains("fprem") || what.contains("ffree") ? C1 : 0);
    }

    /** With invalid operations unmasked, whether a comparison still gives "unordered" differs between processors. */
    static boolean isX87Comparison(String body, String argument) {
        return body.startsWith("Fpu.fcom") || isComparison(body, argument) || "X87Arithmetic.ftst".equals(argument);
    }

    /** FADD .. FDIVR have numbers; 2 and 3 are FCOM and FCOMP. */
    private static boolean isComparison(String body, String argument) {
        return (body.equals("Fpu.real") || body.equals("Fpu.integer")) && ("2".equals(argument) || "3".equals(argument));
    }
}
