// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;
import kmos.cpu.DecodedInstruction;
import kmos.cpu.Disassembler;
import kmos.isa.InstructionBodies;

/**
 * One region in its three forms: the guest's instructions by blocks, the IR that the compiler made of them, and the WebAssembly
 * function. bytes: size of the module.
 */
public record RegionText(long pc, boolean is64, int instructions, int bytes, String x86, String ir, String wasm) {
    static RegionText of(int cpu, long pc, boolean is64, InstructionBodies bodies, StateNames names, List<RegionBlock> order, ByteWriter module) {
        Disassembler disassembler = new Disassembler(bodies, is64);
        StringBuilder x86 = new StringBuilder();
        int instructions = 0;
        for (RegionBlock b : order) {
            x86.append(IrText.label(b)).append(":\n");
            for (DecodedInstruction d : b.instructions) {
                byte[] bytes = Disassembler.bytes(cpu, d);
                x86.append("  ").append(Long.toHexString(d.pc)).append("  ");
                hex(x86, bytes);
                x86.append(disassembler.text(d, bytes)).append('\n');
                instructions++;
            }
        }
        byte[] moduleBytes = java.util.Arrays.copyOf(module.bytes(), module.size());
        return new RegionText(pc, is64, instructions, moduleBytes.length, x86.toString(), new IrText(order, is64, names).print(), new WasmText(moduleBytes, names).print());
    }

    private static void hex(StringBuilder s, byte[] bytes) {
        for (byte b : bytes) {
            s.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        for (int i = bytes.length; i < 8; i++) {
            s.append("  ");
        }
        s.append("  ");
    }

    /** All three, one behind the other, as a file. */
    public String file() {
        return "region 0x" + Long.toHexString(pc) + ", " + (is64 ? 64 : 32) + "-bit, " + instructions + " instructions, module of " + bytes + " bytes\n\n"
            + "== x86\n" + x86 + "\n== IR\n" + ir + "\n== WebAssembly\n" + wasm;
    }
}
