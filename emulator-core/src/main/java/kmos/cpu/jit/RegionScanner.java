// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kmos.cpu.CodeReader;
import kmos.cpu.DecodedInstruction;
import kmos.isa.InstructionBodies;

/** Finds the basic blocks reachable from a start address without following calls, within bounds on size and pages. */
final class RegionScanner {
    /** Bounds of a region; the larger one for loops around a jump table. */
    static final int MAX_INSTRUCTIONS = 150, MAX_DISPATCHED = 300;
    private static final int MAX_BLOCK = 48, MAX_PAGES = 8, MAX_TARGETS = 160, MANY_TARGETS = 6;

    private final int cpu;
    private final InstructionBodies bodies;
    private final boolean is64;
    private final Map<Long, DecodedInstruction> decoded = new HashMap<>();
    private final List<Long> pages = new ArrayList<>();
    private final List<Integer> frames = new ArrayList<>();
    private long[] indirectTargets;
    private int limit = MAX_INSTRUCTIONS;

    RegionScanner(int cpu, InstructionBodies bodies, boolean is64) {
        this.cpu = cpu;
        this.bodies = bodies;
        this.is64 = is64;
    }

    List<Long> pages() {
        return pages;
    }

    List<Integer> frames() {
        return frames;
    }

    /** The region's blocks, the one at start first; empty when nothing can be compiled there. */
    List<RegionBlock> scan(long start) {
        Map<Long, Boolean> leaders = new HashMap<>();
        List<Long> order = new ArrayList<>();
        ArrayDeque<Long> work = new ArrayDeque<>();
        work.add(start);
        leaders.put(start, true);
        while (!work.isEmpty() && decoded.size() < limit) {
            long pc = work.poll();
            order.add(pc);
            walk(pc, leaders, work);
        }
        Map<Long, RegionBlock> blocks = new HashMap<>();
        List<RegionBlock> list = new ArrayList<>();
        for (long pc : order) {
            if (decoded.get(pc) != null) {
                RegionBlock b = new RegionBlock(pc);
                blocks.put(pc, b);
                list.add(b);
            }
        }
        // Splitting a long block makes a new one; the list grows meanwhile.
        for (int i = 0; i < list.size(); i++) {
            fill(list.get(i), blocks, list);
        }
        for (RegionBlock b : list) {
            b.target = b.flow == RegionBlock.Flow.JUMP || b.flow == RegionBlock.Flow.CONDITIONAL ? blocks.get(b.targetPc) : null;
            b.next = b.flow == RegionBlock.Flow.CONDITIONAL || b.reloads() ? blocks.get(b.nextPc) : null;
        }
        addDispatch(blocks, list);
        return list;
    }

    /** All indirect jumps share one dispatch block, so that it dominates what only they reach. */
    private void addDispatch(Map<Long, RegionBlock> blocks, List<RegionBlock> list) {
        if (indirectTargets == null) {
            return;
        }
        RegionBlock dispatch = new RegionBlock(0);
        dispatch.flow = RegionBlock.Flow.DISPATCH;
        dispatch.targets = new ArrayList<>();
        for (long target : indirectTargets) {
            RegionBlock b = blocks.get(target);
            if (b != null && b != list.get(0)) {
                dispatch.targets.add(b);
            }
        }
        if (dispatch.targets.isEmpty()) {
            return;
        }
        for (RegionBlock b : list) {
            if (b.flow == RegionBlock.Flow.JUMP_INDIRECT) {
                b.target = dispatch;
            }
        }
        list.add(dispatch);
    }

    /** How many targets of indirect jumps the region knows. */
    int targetCount() {
        return indirectTargets == null ? 0 : indirectTargets.length;
    }

    /** Decodes from pc to the next transfer or known leader; new leaders join the work. */
    private void walk(long from, Map<Long, Boolean> leaders, ArrayDeque<Long> work) {
        long pc = from;
        while (decoded.size() < limit) {
            if (decoded.containsKey(pc)) {
                return;
            }
            DecodedInstruction d = usePages(pc, null) ? CodeReader.decode(cpu, pc) : null;
            if (d == null || !usePages(pc, d)) {
                return;
            }
            decoded.put(pc, d);
            RegionBlock.Flow flow = flowOf(d);
            if (flow == null) {
                pc = wrap(d.next());
                if (leaders.containsKey(pc)) {
                    return;
                }
                continue;
            }
            if (flow == RegionBlock.Flow.JUMP || flow == RegionBlock.Flow.CONDITIONAL) {
                lead(target(d), leaders, work);
            }
            if (flow == RegionBlock.Flow.CONDITIONAL || flow == RegionBlock.Flow.CALL || flow == RegionBlock.Flow.CALL_INDIRECT || flow == RegionBlock.Flow.REPEAT) {
                lead(wrap(d.next()), leaders, work);
            }
            if (flow == RegionBlock.Flow.JUMP_INDIRECT && indirectTargets == null) {
                indirectTargets = CodeReader.indirectTargets(cpu, pc, MAX_TARGETS);
                limit = indirectTargets.length >= MANY_TARGETS ? MAX_DISPATCHED : limit;
                for (long target : indirectTargets) {
                    lead(target, leaders, work);
                }
            }
            return;
        }
    }

    /** Code that never ran stays outside. */
    private void lead(long pc, Map<Long, Boolean> leaders, ArrayDeque<Long> work) {
        if (!leaders.containsKey(pc) && CodeReader.hasRun(cpu, pc)) {
            leaders.put(pc, true);
            work.add(pc);
        }
    }

    /** Whether the instruction's page (and, once decoded, its last byte's) belongs to the region or may join it. */
    private boolean usePages(long pc, DecodedInstruction d) {
        long page = (d == null ? pc : wrap(d.next() - 1)) >>> 12;
        if (pages.contains(page)) {
            return true;
        }
        int frame = pages.size() < MAX_PAGES ? CodeReader.frame(cpu, page << 12) : -1;
        if (frame < 0) {
            return false;
        }
        pages.add(page);
        frames.add(frame);
        return true;
    }

    private long wrap(long pc) {
        return is64 ? pc : pc & 0xFFFFFFFFL;
    }

    private long target(DecodedInstruction d) {
        return wrap(d.next() + d.relative);
    }

    /** Null for an instruction that goes on to the next. */
    private RegionBlock.Flow flowOf(DecodedInstruction d) {
        if ((d.attributes & DecodedInstruction.END) == 0) {
            return null;
        }
        String name = bodies.name(d.row);
        boolean isNatural = d.operandSize == (is64 ? 3 : 2);
        if (isNatural && name.startsWith("Control.jcc")) {
            return RegionBlock.Flow.CONDITIONAL;
        }
        if (name.startsWith("Strings.rep")) {
            return RegionBlock.Flow.REPEAT;
        }
        switch (isNatural ? name : "") {
            case "Control.jmp": return d.isRelative ? RegionBlock.Flow.JUMP : RegionBlock.Flow.JUMP_INDIRECT;
            case "Control.call": return d.isRelative ? RegionBlock.Flow.CALL : RegionBlock.Flow.CALL_INDIRECT;
            case "Control.ret":
            case "Control.retImm": return RegionBlock.Flow.RETURN;
            default: return RegionBlock.Flow.LEAVE;
        }
    }

    private void fill(RegionBlock b, Map<Long, RegionBlock> blocks, List<RegionBlock> list) {
        long pc = b.pc;
        for (;;) {
            DecodedInstruction d = decoded.get(pc);
            if (d == null) {
                // Beyond the bounds: the region ends here.
                b.flow = RegionBlock.Flow.LEAVE;
                b.nextPc = pc;
                return;
            }
            RegionBlock.Flow flow = flowOf(d);
            if (flow == RegionBlock.Flow.LEAVE) {
                b.flow = flow;
                b.nextPc = pc;
                return;
            }
            b.instructions.add(d);
            pc = wrap(d.next());
            if (flow != null) {
                b.flow = flow;
                b.targetPc = d.isRelative ? target(d) : 0;
                b.nextPc = pc;
                return;
            }
            if (b.instructions.size() >= MAX_BLOCK && !blocks.containsKey(pc) && decoded.get(pc) != null) {
                RegionBlock rest = new RegionBlock(pc);
                blocks.put(pc, rest);
                list.add(rest);
            }
            if (blocks.containsKey(pc)) {
                b.flow = RegionBlock.Flow.JUMP;
                b.targetPc = pc;
                b.nextPc = pc;
                return;
            }
        }
    }
}
