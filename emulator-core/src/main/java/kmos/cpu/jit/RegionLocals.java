// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** The locals every region has: guest registers, flags, TLB base, instruction budget and scratch. */
final class RegionLocals {
    final int[] registers = new int[Locals.REGISTERS];
    final int fk;
    final int fx;
    final int fa;
    final int fr;
    final int tlb;
    final int budget;
    /** Scratch within one access. */
    final int entry;
    final int host;
    final int status;
    final int address64;
    final int stackPointer;
    private final FlagState flags;

    RegionLocals(Locals locals, boolean is64) {
        int type = is64 ? Wasm.I64 : Wasm.I32;
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            registers[i] = locals.persistent(type);
        }
        fk = locals.persistent(Wasm.I32);
        fx = locals.persistent(Wasm.I32);
        tlb = locals.persistent(Wasm.I32);
        budget = locals.persistent(Wasm.I32);
        entry = locals.persistent(Wasm.I32);
        host = locals.persistent(Wasm.I32);
        status = locals.persistent(Wasm.I32);
        fa = locals.persistent(Wasm.I64);
        fr = locals.persistent(Wasm.I64);
        address64 = locals.persistent(Wasm.I64);
        stackPointer = locals.persistent(type);
        flags = FlagState.unknown(leaf(32, fk), leaf(32, fx), leaf(64, fa), leaf(64, fr));
    }

    private static Node leaf(int bits, int local) {
        return new Node(bits, Node.LOCAL, null, null, null, local);
    }

    /** Flags of any kind, in their locals. */
    FlagState flags() {
        return flags;
    }
}
