// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.cpu.CodeReader;
import kmos.cpu.CpuState;

/**
 * Finds the table that a region's computed jumps go through. Values that are not known from the code (the table's address in a
 * register, say) are guessed from the registers with which the region was entered once; compiled code tests the guesses.
 */
final class JumpTables {
    private static final int MAX_ENTRIES = 256;
    /** How far a jump's targets lie from it at most. */
    private static final int DISTANCE = 16384;

    /** What compiled code must find: a value of the block, and what it was guessed to be. */
    record Guess(Node node, long value) { }

    /**
     * A jump through a table: the index (any width), whether it can lie outside, and what must hold besides. Belongs to the load
     * of the entry.
     */
    record Use(JumpTable table, Node index, boolean isChecked, List<Guess> guesses) { }

    /** An address as a sum. */
    private static final class Sum {
        long constant;
        Node index;
        final List<Node> others = new ArrayList<>();
    }

    private final int cpu;
    private final boolean is64;
    private final long[] registers;
    private final RecordStore records;
    private final int stackBase;
    private JumpTable table;

    /** registers: with which the region was entered once; stackBase: the local that holds RSP at its start. */
    JumpTables(int cpu, boolean is64, long[] registers, RecordStore records, int stackBase) {
        this.registers = registers;
        this.cpu = cpu;
        this.is64 = is64;
        this.records = records;
        this.stackBase = stackBase;
    }

    /** The region's table, or null. */
    JumpTable table() {
        return table;
    }

    /** Notes at the load of a jump's target that it reads the table, if it does. */
    void find(RegionBlock b) {
        b.jump = null;
        Node target = b.terminator.operand().source();
        Node load = target, added = null;
        if (isSum(target)) {
            boolean isFirst = loadOf(target.a) != null;
            load = loadOf(isFirst ? target.a : target.b);
            added = (isFirst ? target.b : target.a).source();
        }
        int entryBytes = load == null || load.op != Node.LOAD ? 0 : load.bits() / 8;
        if (entryBytes != (is64 && added == null ? 8 : 4)) {
            return;
        }
        Sum sum = new Sum();
        flatten(load.a, entryBytes, sum);
        List<Guess> guesses = new ArrayList<>();
        long address = sum.constant;
        boolean isKnown = sum.index != null;
        for (Node n : sum.others) {
            Long value = guess(n, guesses);
            isKnown &= value != null;
            address += value == null ? 0 : value;
        }
        // What is added comes before the load, or is there all along.
        boolean isEarly = added == null || added.op == Node.CONST || added.op == Node.REG || sum.others.contains(added);
        Long base = added == null ? (Long) 0L : guess(added, guesses);
        if (!isKnown || !isEarly || base == null) {
            return;
        }
        JumpTable t = tableAt(is64 ? address : address & 0xFFFFFFFFL, entryBytes, base, bound(sum.index), b.target.targets);
        if (t != null) {
            load.jump = new Use(t, sum.index, bound(sum.index) > t.count, guesses);
            b.jump = load.jump;
        }
    }

    private boolean isSum(Node n) {
        return n.op == (is64 ? Wasm.I64_ADD : Wasm.I32_ADD);
    }

    /** The 32-bit load, perhaps sign-extended, that a value is; else null. */
    private Node loadOf(Node value) {
        Node n = value.source();
        n = is64 && n.op == Wasm.I64_EXTEND_I32_S ? n.a.source() : n;
        return n.op == Node.LOAD && n.bits() == 32 ? n : null;
    }

    private void flatten(Node node, int entryBytes, Sum sum) {
        Node n = node.source();
        if (n.isConst()) {
            sum.constant += n.imm;
        } else if (isSum(n)) {
            flatten(n.a, entryBytes, sum);
            flatten(n.b, entryBytes, sum);
        } else if (sum.index == null && n.op == (is64 ? Wasm.I64_SHL : Wasm.I32_SHL) && n.b.source().isConst() && 1 << n.b.source().imm == entryBytes) {
            sum.index = n.a.source();
        } else {
            sum.others.add(n);
        }
    }

    /** What a value probably is; joins the guesses unless it is known. Null: nobody can say. */
    private Long guess(Node n, List<Guess> guesses) {
        Long value = evaluate(n);
        if (value != null && !n.isConst() && guesses.stream().noneMatch(g -> g.node() == n)) {
            guesses.add(new Guess(n, value));
        }
        return value;
    }

    private Long evaluate(Node node) {
        Node n = node.source();
        if (n.isConst()) {
            return n.imm;
        }
        if (n.op == Node.REG) {
            return register((int) n.imm);
        }
        if (n.op == Node.LOCAL && n.imm == stackBase) {
            return register(StackTracking.RSP);
        }
        if (isSum(n)) {
            Long a = evaluate(n.a), b = evaluate(n.b);
            return a == null || b == null ? null : (Long) (a + b);
        }
        if (n.op == Node.LOAD && n.bits() == (is64 ? 64 : 32)) {
            Long at = evaluate(n.a);
            int host = at == null || (at & 0xFFF) > 0xFF8 ? 0 : CodeReader.data(cpu, is64 ? at : at & 0xFFFFFFFFL);
            return host == 0 ? null : (Long) (is64 ? Memory.get64(host) : Memory.get32(host));
        }
        return null;
    }

    private long register(int number) {
        return is64 ? registers[number] : (int) registers[number];
    }

    /** A number that a value is always less than. */
    private static long bound(Node node) {
        Node n = node.source();
        if (n.op == Wasm.I64_EXTEND_I32_U) {
            return bound(n.a);
        }
        boolean isMasked = (n.op == Wasm.I32_AND || n.op == Wasm.I64_AND) && n.b.source().isConst() && n.b.source().imm >= 0;
        long least = n.bits() < 32 ? 1L << n.bits() : 1L << 32;
        return isMasked ? Math.min(least, n.b.source().imm + 1) : least;
    }

    /** The table at an address, if it can be one: as long as the index is bounded, else as long as its entries lead to near the targets. */
    private JumpTable tableAt(long address, int entryBytes, long base, long bound, List<RegionBlock> targets) {
        if (table != null) {
            boolean isSame = table.address == address && table.entryBytes == entryBytes && table.base == base && (bound <= table.count || bound > MAX_ENTRIES);
            return isSame ? table : null;
        }
        if ((address & entryBytes - 1) != 0) {
            return null;
        }
        int count = 0, known = 0;
        while (count < Math.min(bound, MAX_ENTRIES)) {
            int host = CodeReader.constant(cpu, address + (long) count * entryBytes);
            if (host == 0) {
                break;
            }
            long target = JumpTable.targetAt(host, is64, entryBytes, base);
            boolean isKnown = targets.stream().anyMatch(t -> t.pc == target);
            if (bound > MAX_ENTRIES && !isKnown && Math.abs(target - targets.get(0).pc) > DISTANCE) {
                break;
            }
            known += isKnown ? 1 : 0;
            count++;
        }
        if (known < Math.min(2, targets.size()) || bound <= MAX_ENTRIES && count < bound) {
            return null;
        }
        table = new JumpTable(cpu, is64, address, entryBytes, count, base, records.bytes(count * entryBytes));
        return table;
    }
}
