// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.Cpu;
import kmos.cpu.CpuModel;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;
import kmos.isa.Features;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;

/** Runs the vectors of one file, line by line, and counts. */
public final class Replay {
    private static final int RAM_SIZE = 8 << 20, TABLES = 0x600000, LDT = 0x5FF000;
    private static final int[] DATA = {0x200000, 0x8000};
    private static final int DATA_SIZE = 0x2000, READ_ONLY = 0x203000;

    /** One failed test, for a person. */
    public record Failure(String instruction, String test, String difference) { }

    private final int mode;
    private final Machine machine;
    private final Cpu cpu;
    private final int flagsAddress;
    private final VectorState baseState = new VectorState(), expected = new VectorState();
    private final byte[][] memory = {new byte[DATA_SIZE], new byte[DATA_SIZE]};
    private final byte[] actual = new byte[DATA_SIZE];
    private final List<Failure> failures = new ArrayList<>();
    private final Map<String, int[]> byForm = new LinkedHashMap<>();
    private final Set<String> skip;
    private String instruction = "";
    private String form = "";
    private byte[] code = new byte[0];
    private boolean isSkipped;
    private int tolerance;
    private int lastVector = -1;
    private int sample = 1;
    private boolean isPrecisionSet;
    /** The instructions bring MXCSR to memory or from there. */
    private boolean showsMxcsr;
    private int tests;
    private int run, passed, notImplemented, skipped;
    /** By row of x86.isa of a test's first instruction. */
    private final int[] passedByRow, failedByRow;
    private int row;

    /** The vCPU that runs the vectors, to be set up before the first line. */
    public Cpu cpu() {
        return cpu;
    }

    /** mode 16, 32 or 64; skip: forms (mnemonics) not to count as failures; instructions beyond the model are left out. */
    public Replay(MemoryArena arena, int mode, Set<String> skip, CpuModel model) {
        this.mode = mode;
        this.skip = skip;
        int flags = arena.allocate(RAM_SIZE >>> 12);
        flagsAddress = flags;
        machine = new Machine(new VirtualClock(), new PhysicalMemory(arena.allocate(RAM_SIZE), RAM_SIZE, flags));
        cpu = new Cpu(machine, arena, 1 << 20, model);
        machine.setCpu(cpu);
        passedByRow = new int[cpu.rowCount()];
        failedByRow = new int[cpu.rowCount()];
        buildTables();
    }

    /** Runs only the first and every n-th test of each instruction. */
    public void setSample(int n) {
        sample = n;
    }

    public void close(MemoryArena arena) {
        cpu.close();
        if (cpu.jit() != null) {
            arena.free(cpu.jit().area());
        }
        arena.free(cpu.base());
        arena.free(machine.memory().linear(0));
        arena.free(flagsAddress);
    }

    public int run() {
        return run;
    }

    public int passed() {
        return passed;
    }

    public int failed() {
        return run - passed - notImplemented - skipped;
    }

    public int notImplemented() {
        return notImplemented;
    }

    public int skipped() {
        return skipped;
    }

    /** Exception vector of the last test, or a negative number. */
    public int lastVector() {
        return lastVector;
    }

    /** Where the last page fault was. */
    public long faultAddress() {
        return cpu.exitAddress();
    }

    public List<Failure> failures() {
        return failures;
    }

    /** Failed tests by form, and those not implemented (second number). */
    public Map<String, int[]> byForm() {
        return byForm;
    }

    int[] passedByRow() {
        return passedByRow;
    }

    int[] failedByRow() {
        return failedByRow;
    }

    private void buildTables() {
        PhysicalMemory m = machine.memory();
        long user = 7;
        int pml4 = TABLES, pdpt = TABLES + 0x1000, pd = TABLES + 0x2000, pt = TABLES + 0x3000, pt1 = TABLES + 0x4000;
        m.write64(pml4, pdpt | user);
        m.write64(pdpt, pd | (mode == 64 ? user : 1));
        m.write64(pd, pt | user);
        m.write64(pd + 8, pt1 | user);
        int codePage = mode == 16 ? 0x7000 : 0x100000;
        map(pt, pt1, codePage, 5);
        for (int d : DATA) {
            map(pt, pt1, d, 7);
            map(pt, pt1, d + 0x1000, 7);
        }
        map(pt, pt1, READ_ONLY, 5);
        cpu.setPageTable(mode == 64 ? pml4 : pdpt, mode == 64 ? CpuContext.PAGING_4LEVEL : CpuContext.PAGING_PAE);
        m.fill(codePage, 0x1000, 0xCC);
        // Descriptors 1 and 2: 16-bit code at 7000 and data at 0, limit FFFF, DPL 3.
        m.write64(LDT + 8, 0x0000FB007000FFFFL);
        m.write64(LDT + 16, 0x0000F3000000FFFFL);
    }

    private void map(int pt, int pt1, int page, long bits) {
        machine.memory().write64((page < 0x200000 ? pt : pt1) + (page >>> 12 & 0x1FF) * 8, page | bits);
    }

    public void line(String line) {
        if (line.isEmpty() || line.charAt(0) == '#') {
            return;
        }
        switch (line.charAt(0)) {
            case 'B':
                for (String t : line.substring(2).split(" ")) {
                    int eq = t.indexOf('=');
                    baseState.apply(t.substring(0, eq), t.substring(eq + 1));
                }
                break;
            case 'I':
                instruction(line);
                break;
            case 'T':
                if (!isSkipped && tests++ % sample == 0) {
                    test(line);
                }
                break;
            default:
                throw new IllegalArgumentException("not a vector line: " + line);
        }
    }

    private void instruction(String line) {
        String[] parts = line.split(" ", 4);
        code = new byte[parts[1].length() / 2];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) Integer.parseInt(parts[1].substring(i * 2, i * 2 + 2), 16);
        }
        PhysicalMemory ram = machine.memory();
        int at = mode == 16 ? 0x7800 : 0x100800;
        ram.fill(at, 64, 0xCC);
        ram.write(at, code, 0, code.length);
        instruction = line;
        form = parts[3].split(" ")[0];
        showsMxcsr = parts[3].contains("mxcsr") || parts[3].contains("fxsave") || parts[3].contains("fxrstor") || parts[3].contains("xsave")
            || parts[3].contains("xrstor");
        isSkipped = false;
        tests = 0;
        tolerance = 0;
        for (String a : parts[2].split(",")) {
            if (a.startsWith("feat=")) {
                isSkipped |= !hasFeatures(a.substring(5));
            } else if (a.startsWith("tol=")) {
                tolerance = Integer.parseInt(a.substring(4));
            }
        }
    }

    private boolean hasFeatures(String names) {
        for (String name : names.split("\\+")) {
            int bit = Features.bit(name);
            if (bit < 0 || !cpu.model().has(bit)) {
                return false;
            }
        }
        return true;
    }

    private int entry() {
        return mode == 16 ? 0x800 : 0x100800;
    }

    private void putToken(String name, String value) {
        int address = (int) Long.parseLong(name.substring(1), 16);
        for (int i = 0; i < value.length() / 2; i++) {
            putByte(address + i, Integer.parseInt(value.substring(i * 2, i * 2 + 2), 16));
        }
    }

    private void putByte(int address, int v) {
        for (int d = 0; d < 2; d++) {
            int at = address - DATA[d];
            if (at >= 0 && at < DATA_SIZE) {
                memory[d][at] = (byte) v;
            }
        }
    }

    private void test(String line) {
        run++;
        int arrow = line.indexOf('>');
        String in = line.substring(1, arrow).trim(), out = line.substring(arrow + 1).trim();
        for (byte[] m : memory) {
            java.util.Arrays.fill(m, (byte) 0);
        }
        expected.set(baseState);
        applyInputs(in);
        // Compiled floating point is native only where the precision flag is set already: it must not make a difference.
        isPrecisionSet = cpu.jit() != null && (expected.mxcsr & 0x1F80) == 0x1F80 && !showsMxcsr;
        expected.mxcsr |= isPrecisionSet ? 0x20 : 0;
        load(expected);
        PhysicalMemory ram = machine.memory();
        for (int d = 0; d < 2; d++) {
            ram.write(DATA[d], memory[d], 0, DATA_SIZE);
        }
        row = cpu.rowAt(mode == 16 ? 0x7800 : 0x100800);
        int exit = cpu.run(machine.clock().cycles() + 100_000);
        compare(line, out, exit);
    }

    private void applyInputs(String in) {
        if (in.isEmpty()) {
            return;
        }
        for (String t : in.split(" ")) {
            int eq = t.indexOf('=');
            String name = t.substring(0, eq), value = t.substring(eq + 1);
            if (!expected.apply(name, value)) {
                if (name.charAt(0) != 'm') {
                    throw new IllegalArgumentException("vector token " + t);
                }
                putToken(name, value);
            }
        }
    }

    private void load(VectorState v) {
        int c = cpu.base();
        if (mode == 16) {
            cpu.resetUser(32, 0x1B, 0x23);
            // The selectors of the recording host, which may be pushed: entries 1 and 2 of the local table.
            cpu.setLdt(new int[] {LDT}, 0x27);
            cpu.loadSegment(CpuContext.CS, 0x0F);
            cpu.loadSegment(CpuContext.SS, 0x17);
            cpu.loadSegment(CpuContext.DS, 0x17);
            cpu.loadSegment(CpuContext.ES, 0x17);
        } else {
            cpu.resetUser(mode, mode == 64 ? 0x33 : 0x23, 0x2B);
        }
        for (int i = 0; i < (mode == 64 ? 16 : 8); i++) {
            Memory.put64(c + i * 8, v.gpr[i]);
        }
        for (int i = 0; i < 16; i++) {
            Memory.put64(c + CpuState.XMM + i * 32, v.xmmLow[i]);
            Memory.put64(c + CpuState.XMM + i * 32 + 8, v.xmmHigh[i]);
            Memory.put64(c + CpuState.XMM + i * 32 + 16, v.ymmLow[i]);
            Memory.put64(c + CpuState.XMM + i * 32 + 24, v.ymmHigh[i]);
        }
        for (int i = 0; i < 8; i++) {
            Memory.put64(c + CpuState.ST + i * 16, v.stLow[i]);
            Memory.put64(c + CpuState.ST + i * 16 + 8, v.stHigh[i]);
        }
        Memory.put32(c + CpuState.FCW, v.fcw);
        Memory.put32(c + CpuState.FSW, v.fsw);
        Memory.put32(c + CpuState.FTW, v.ftw);
        Memory.put32(c + CpuState.MXCSR, v.mxcsr);
        cpu.setFlags(v.flags);
        cpu.setInstructionPointer(entry());
    }

    private void compare(String line, String out, int exit) {
        int undefinedFlags = 0x10000, undefinedFsw = 0;
        int exception = -1, error = 0;
        long cr2 = 0;
        long ip = entry() + code.length;
        List<int[]> ignored = new ArrayList<>();
        if (!out.isEmpty()) {
            for (String t : out.split(" ")) {
                int eq = t.indexOf('=');
                String name = t.substring(0, eq), value = t.substring(eq + 1);
                if (expected.apply(name, value)) {
                    continue;
                }
                if (name.startsWith("mi")) {
                    ignored.add(new int[] {(int) Long.parseLong(name.substring(2), 16), Integer.parseInt(value, 16)});
                } else if (name.equals("u")) {
                    undefinedFlags |= Integer.parseInt(value, 16);
                } else if (name.equals("fm")) {
                    undefinedFsw = Integer.parseInt(value, 16);
                } else if (name.equals("exc")) {
                    exception = Integer.parseInt(value);
                    // INTO is a trap: the instruction pointer is behind it.
                    ip = exception == 4 ? ip : entry();
                } else if (name.equals("err")) {
                    error = Integer.parseInt(value, 16);
                } else if (name.equals("cr2")) {
                    cr2 = VectorState.hex(value);
                } else if (name.equals("ip")) {
                    ip = VectorState.hex(value);
                } else if (name.charAt(0) == 'm') {
                    putToken(name, value);
                } else {
                    throw new IllegalArgumentException("vector token " + t);
                }
            }
        }
        StringBuilder diff = new StringBuilder();
        long actualIp = cpu.instructionPointer();
        int vector = exit == CpuExit.FAULT ? cpu.exitVector() : exit == CpuExit.SLICE_END ? -2 : -3;
        lastVector = vector;
        if (vector == 3) {
            vector = -1;
            actualIp--;
        }
        if (vector == 6 && exception != 6 && skip.contains(form)) {
            skipped++;
            return;
        }
        if (vector == 6 && exception != 6) {
            notImplemented++;
            byForm.computeIfAbsent(form, f -> new int[2])[1]++;
            return;
        }
        number(diff, "exception", exception, vector);
        if (exception >= 10 && exception <= 14 || exception == 17) {
            // In the upper half the recording host had pages of its kernel: there bit 0 (protection) is the host's.
            int hostBits = exception == 14 && cr2 < 0 ? 1 : 0;
            number(diff, "err", error & ~hostBits, cpu.exitErrorCode() & ~hostBits);
        }
        if (exception == 14) {
            number(diff, "cr2", cr2, cpu.exitAddress());
        }
        number(diff, "ip", ip, actualIp);
        compareRegisters(diff, undefinedFlags, undefinedFsw);
        compareMemory(diff, ignored);
        if (row >= 0) {
            (diff.length() == 0 ? passedByRow : failedByRow)[row]++;
        }
        if (diff.length() == 0) {
            passed++;
        } else if (skip.contains(form)) {
            skipped++;
        } else {
            byForm.computeIfAbsent(form, f -> new int[2])[0]++;
            if (failures.size() < 2000) {
                failures.add(new Failure(instruction, line, diff.toString()));
            }
        }
    }

    private void compareRegisters(StringBuilder diff, int undefinedFlags, int undefinedFsw) {
        int c = cpu.base();
        for (int i = 0; i < (mode == 64 ? 16 : 8); i++) {
            number(diff, "r" + i, expected.gpr[i], Memory.get64(c + i * 8));
        }
        number(diff, "fl", expected.flags & ~undefinedFlags, Flags.get(c) & ~undefinedFlags);
        for (int i = 0; i < (mode == 64 ? 16 : 8); i++) {
            number(diff, "y" + i, expected.ymmLow[i], Memory.get64(c + CpuState.XMM + i * 32 + 16));
            number(diff, "y" + i + "h", expected.ymmHigh[i], Memory.get64(c + CpuState.XMM + i * 32 + 24));
            long low = Memory.get64(c + CpuState.XMM + i * 32), high = Memory.get64(c + CpuState.XMM + i * 32 + 8);
            if (tolerance == 12 && (low != expected.xmmLow[i] || high != expected.xmmHigh[i])) {
                boolean isNear = near12(low, expected.xmmLow[i]) && near12(high, expected.xmmHigh[i]);
                if (isNear) {
                    continue;
                }
            }
            number(diff, "x" + i, expected.xmmLow[i], low);
            number(diff, "x" + i + "h", expected.xmmHigh[i], high);
        }
        int ignoredFsw = undefinedFsw | (tolerance == 1 ? 0x30 : 0);
        for (int i = 0; i < 8; i++) {
            long low = Memory.get64(c + CpuState.ST + i * 16);
            boolean isNear = tolerance == 1 && Math.abs(low - expected.stLow[i]) <= 1;
            if (!isNear) {
                number(diff, "p" + i, expected.stLow[i], low);
            }
            number(diff, "p" + i + "h", expected.stHigh[i], Memory.get16(c + CpuState.ST + i * 16 + 8));
        }
        number(diff, "fcw", expected.fcw, Memory.get32(c + CpuState.FCW));
        number(diff, "fsw", expected.fsw & ~ignoredFsw, Memory.get32(c + CpuState.FSW) & ~ignoredFsw);
        number(diff, "ftw", expected.ftw, Memory.get32(c + CpuState.FTW));
        number(diff, "mx", expected.mxcsr | (isPrecisionSet ? 0x20 : 0), Memory.get32(c + CpuState.MXCSR));
    }

    /** Both 32-bit lanes within a relative error of 1.5 * 2^-12 (RCPPS, RSQRTPS), or equal. */
    private static boolean near12(long a, long b) {
        return near12((int) a, (int) b) && near12((int) (a >>> 32), (int) (b >>> 32));
    }

    private static boolean near12(int a, int b) {
        if (a == b) {
            return true;
        }
        double x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
        return Math.abs(x - y) <= Math.abs(y) * 1.5 / 4096;
    }

    private void compareMemory(StringBuilder diff, List<int[]> ignored) {
        for (int d = 0; d < 2; d++) {
            machine.memory().read(DATA[d], actual, 0, DATA_SIZE);
            for (int[] range : ignored) {
                int from = range[0] - DATA[d];
                for (int i = Math.max(0, from); i < Math.min(DATA_SIZE, from + range[1]); i++) {
                    memory[d][i] = actual[i];
                }
            }
            if (!java.util.Arrays.equals(actual, memory[d])) {
                for (int i = 0; i < DATA_SIZE; i++) {
                    if (actual[i] != memory[d][i]) {
                        number(diff, "m" + Integer.toHexString(DATA[d] + i), memory[d][i] & 0xFF, actual[i] & 0xFF);
                        if (diff.length() > 400) {
                            return;
                        }
                    }
                }
            }
        }
    }

    private static void number(StringBuilder diff, String name, long want, long got) {
        if (want != got) {
            diff.append(' ').append(name).append(" expected ").append(Long.toHexString(want)).append(" got ").append(Long.toHexString(got));
        }
    }
}
