// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.HashMap;
import java.util.Map;
import kmos.cpu.CpuState;
import kmos.cpu.Disassembler;

/**
 * Names of places in a vCPU's state, in the compiler's area of linear memory and of a region's locals, so that listings do not
 * depend on where those lie.
 */
final class StateNames {
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
    private static final Object[] FIELDS = {CpuState.RIP, "rip", CpuState.FK, "flags.kind", CpuState.FX, "flags.explicit", CpuState.FA, "flags.operand",
        CpuState.FR, "flags.result", CpuState.FLAGS, "rflags", CpuState.MXCSR, "mxcsr", CpuState.FCW, "fcw", CpuState.FSW, "fsw", CpuState.FTW, "ftw",
        CpuState.MODE, "mode", CpuState.TLB, "tlb", CpuState.JUMP_GENERATION, "jumpGeneration", CpuState.BUDGET, "budget", CpuState.EXIT_CODE, "exitCode",
        CpuState.TWIN_WANTED, "twinWanted", CpuState.CODE_EPOCH, "codeEpoch", CpuState.JUMP_CACHE, "jumpCache"};

    private final int cpu;
    private final int area;
    private final int areaSize;
    private final Map<Integer, String> locals = new HashMap<>();

    /** cpu: the vCPU's base; area: the compiler's records and cells. */
    StateNames(int cpu, int area, int areaSize, boolean is64) {
        this.cpu = cpu;
        this.area = area;
        this.areaSize = areaSize;
        RegionLocals fixed = new RegionLocals(new Locals(1), is64);
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            locals.put(fixed.registers[i], Disassembler.general(i * 8, is64 ? 64 : 32));
        }
        locals.putAll(Map.of(RegionLocals.DEPTH, "depth", fixed.stackBase, "stackBase", fixed.stackHost, "stackHost", fixed.budget, "budget"));
        locals.putAll(Map.of(fixed.fk, "flagKind", fixed.fx, "flagsExplicit", fixed.fa, "flagOperand", fixed.fr, "flagResult", fixed.status, "status"));
    }

    /** "$rax", "$budget", or the number of a local without a fixed role. */
    String local(int number) {
        return "$" + locals.getOrDefault(number, Integer.toString(number));
    }

    /** "cpu.rax", "jit+0x40", or the number itself. */
    String address(int address) {
        if (address >= area && address < area + areaSize) {
            return "jit+0x" + Integer.toHexString(address - area);
        }
        return address >= cpu && address < cpu + CpuState.FRAME_HEADS ? "cpu." + field(address - cpu) : Integer.toString(address);
    }

    /** A field of the vCPU's state by its offset. */
    static String field(int offset) {
        if (offset < CpuState.ZERO) {
            return Disassembler.general(offset & ~7, 64) + rest(offset & 7);
        }
        if (offset >= CpuState.XMM && offset < CpuState.XMM + 16 * 32) {
            return "ymm" + (offset - CpuState.XMM) / 32 + rest((offset - CpuState.XMM) % 32);
        }
        if (offset >= CpuState.BASE && offset < CpuState.BASE + 48) {
            return SEGMENTS[(offset - CpuState.BASE) / 8] + ".base" + rest((offset - CpuState.BASE) % 8);
        }
        if (offset >= CpuState.LIMIT && offset < CpuState.BASE) {
            int i = (offset - CpuState.LIMIT) / 4;
            return SEGMENTS[i % 6] + (i < 6 ? ".limit" : ".attributes");
        }
        for (int i = 0; i < FIELDS.length; i += 2) {
            if ((Integer) FIELDS[i] == offset) {
                return (String) FIELDS[i + 1];
            }
        }
        return "0x" + Integer.toHexString(offset);
    }

    private static String rest(int offset) {
        return offset == 0 ? "" : "+" + offset;
    }
}
