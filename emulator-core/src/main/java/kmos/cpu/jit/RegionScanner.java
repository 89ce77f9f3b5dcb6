// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kmos.cpu.CodeReader;
import kmos.cpu.CpuState;
import kmos.cpu.DecodedInstruction;
import kmos.cpu.JumpTargets;
import kmos.isa.InstructionBodies;

/**
 * Finds the basic blocks reachable from a start address, within bounds on size and pages. Calls of small functions are
 * followed into the callee, whose blocks exist once per call site; other calls are not. A loop around a jump table can be
 * entered at its start and at every known target of its jumps: its first block is a DISPATCH block.
 */
final class RegionScanner {
    /** Bounds of a region at first, of one that has grown, and of a loop around a jump table. */
    static final int MAX_INSTRUCTIONS = 220, MAX_GROWN = 900, MAX_DISPATCHED = 1500;
    /** Of a region whose jumps go on in another one around the jump table. */
    static final int MAX_BESIDE = 100;
    private static final int MAX_BLOCK = 48, MAX_PAGES = 8, MAX_TARGETS = 160, MANY_TARGETS = 6;
    /** Instructions of a callee that is followed, calls inside each other, and how often one function among them. */
    private static final int MAX_CALLEE = 40, MAX_NESTED = 3, MAX_RECURSION = 2;

    /** A call that is followed, and where it returns to; or the region's own function, which nobody called. */
    private static final class Inlined {
        final Inlined caller;
        final long callee;
        final long returnPc;
        final int depth;
        private final Map<Long, Place> places = new HashMap<>();
        /** By their return address, or by their own address where they return to this one's caller. */
        private final Map<Long, Inlined> calls = new HashMap<>();

        Inlined(Inlined caller, long callee, long returnPc) {
            this.caller = caller;
            this.callee = callee;
            this.returnPc = returnPc;
            depth = caller == null ? 0 : caller.depth + 1;
        }

        boolean isOwnFunction() {
            return caller == null;
        }

        int timesOf(long pc) {
            return isOwnFunction() ? 0 : (callee == pc ? 1 : 0) + caller.timesOf(pc);
        }

        Place at(long pc) {
            Place place = places.get(pc);
            if (place == null) {
                place = new Place(this, pc);
                places.put(pc, place);
            }
            return place;
        }

        Inlined enter(long target, long behind) {
            return called(behind, this, target, behind);
        }

        /** A function that this one goes on to, and that returns to this one's caller. */
        Inlined goOn(long target) {
            return called(target, caller, target, returnPc);
        }

        private Inlined called(long key, Inlined from, long target, long behind) {
            Inlined call = calls.get(key);
            if (call == null) {
                call = new Inlined(from, target, behind);
                calls.put(key, call);
            }
            return call;
        }
    }

    /** An address in the region's own function, or in an inlined one. */
    private static final class Place {
        final Inlined call;
        final long pc;
        /** Known once it was walked. */
        DecodedInstruction instruction;
        boolean isLeader;
        RegionBlock block;
        /** The place behind the instruction. */
        Place next;
        /** Whether calls of the function here, from this one, are followed; null: not asked yet. */
        Boolean isFollowed;
        /** Of a jump: the function that it seems to go on to; 0: none, -1: not asked yet. */
        long linked = -1;

        Place(Inlined call, long pc) {
            this.call = call;
            this.pc = pc;
        }

        boolean isWalked() {
            return instruction != null;
        }
    }

    private final int cpu;
    private final InstructionBodies bodies;
    private final boolean is64;
    private final LinkageTable links;
    private final Map<Long, DecodedInstruction> decoded = new HashMap<>();
    private final Inlined own = new Inlined(null, 0, 0);
    private int walked;
    private final ArrayDeque<Place> work = new ArrayDeque<>();
    private final Set<Long> leftOut = new HashSet<>();
    /** Instructions of functions that may be followed; 0: not small enough. */
    private final Map<Long, Integer> calleeSize = new HashMap<>();
    private final List<Long> pages = new ArrayList<>();
    private final List<Integer> frames = new ArrayList<>();
    /** What the region's computed jumps are known to lead to; null before the first one. */
    private long[] indirectTargets;
    /** Targets still to be walked, the most used ones first. */
    private final ArrayDeque<Place> pendingTargets = new ArrayDeque<>();
    private final boolean isBeside;
    /** The region can be entered at any of the targets. */
    private boolean hasManyEntries;
    private long start;
    private JumpTargets known;
    private long[] entries;
    private int limit;

    /** registers: what the region was entered with once. isBeside: computed jumps leave the region, for another one that has their targets. limit: on instructions. */
    RegionScanner(int cpu, InstructionBodies bodies, boolean is64, long[] registers, boolean isBeside, int limit) {
        links = new LinkageTable(cpu, bodies, is64, registers);
        this.cpu = cpu;
        this.bodies = bodies;
        this.is64 = is64;
        this.isBeside = isBeside;
        this.limit = limit;
    }

    /** The same region once more, with these entries. */
    void setEntries(long[] entries) {
        if (entries.length > 1) {
            indirectTargets = entries;
            hasManyEntries = true;
            limit = 2 * MAX_DISPATCHED;
        }
    }

    boolean is64() {
        return is64;
    }

    List<Long> pages() {
        return pages;
    }

    List<Integer> frames() {
        return frames;
    }

    /** Where the region's own function is left because nothing has run there yet, or because the region has become as large as it may. */
    Set<Long> leftOut() {
        return leftOut;
    }

    boolean isFull() {
        return walked >= limit;
    }

    /** Whether the region has the instruction at an address of its own function. */
    boolean holds(long pc) {
        return own.at(pc).isWalked();
    }

    /** Where the region can be entered, its start first. */
    long[] entries() {
        return entries;
    }

    /** First address and address behind the function whose jump table the region is around; 0 for other regions. */
    long first() {
        return hasManyEntries && known != null ? known.first() : 0;
    }

    long end() {
        return hasManyEntries && known != null ? known.end() : 0;
    }

    /**
     * The region's blocks; empty when nothing can be compiled there. First the one at start, or a DISPATCH block whose first
     * target it is.
     */
    List<RegionBlock> scan(long start) {
        this.start = start;
        List<Place> order = new ArrayList<>();
        lead(own.at(start));
        if (hasManyEntries) {
            addTargets();
        }
        while (walked < limit && !(work.isEmpty() && pendingTargets.isEmpty())) {
            Place place = work.isEmpty() ? pendingTargets.poll() : work.poll();
            order.add(place);
            walk(place);
        }
        work.stream().filter(place -> place.call.isOwnFunction()).forEach(place -> leftOut.add(place.pc));
        List<Place> places = new ArrayList<>();
        List<RegionBlock> list = new ArrayList<>();
        for (Place place : order) {
            if (place.isWalked()) {
                addBlock(place, places, list);
            }
        }
        // Splitting a long block makes a new one; the list grows meanwhile.
        for (int i = 0; i < list.size(); i++) {
            fill(list.get(i), places.get(i), places, list);
        }
        for (int i = 0; i < list.size(); i++) {
            connect(list.get(i), places.get(i).call);
        }
        if (list.isEmpty() || list.get(0).instructions.isEmpty()) {
            return List.of();
        }
        addDispatch(list);
        entries = hasManyEntries ? list.get(0).targets.stream().mapToLong(b -> b.pc).toArray() : new long[] {start};
        return list;
    }

    private static void addBlock(Place place, List<Place> places, List<RegionBlock> list) {
        RegionBlock b = new RegionBlock(place.pc);
        place.block = b;
        places.add(place);
        list.add(b);
    }

    private static void connect(RegionBlock b, Inlined call) {
        switch (b.flow) {
            case JUMP:
                b.target = (b.isInlinedCall ? call.enter(b.targetPc, b.nextPc) : call).at(b.targetPc).block;
                if (b.isInlinedCall && b.target == null) {
                    // There was no room left.
                    b.isInlinedCall = false;
                    b.flow = RegionBlock.Flow.CALL;
                    b.next = call.at(b.nextPc).block;
                }
                break;
            case CONDITIONAL:
                b.target = call.at(b.targetPc).block;
                b.next = call.at(b.nextPc).block;
                break;
            case CALL:
            case CALL_INDIRECT:
            case REPEAT:
                b.next = (b.isTailCall ? call.caller : call).at(b.nextPc).block;
                break;
            case EXPECTED:
                b.next = b.isTailCall ? call.goOn(b.nextPc).at(b.nextPc).block : call.caller.at(b.nextPc).block;
                if (b.isTailCall && b.next == null) {
                    b.flow = RegionBlock.Flow.CALL_INDIRECT;
                    b.nextPc = call.returnPc;
                    b.next = call.caller.at(b.nextPc).block;
                }
                break;
            default:
                break;
        }
    }

    /** All indirect jumps share one dispatch block, so that it dominates what only they reach. */
    private void addDispatch(List<RegionBlock> list) {
        if (indirectTargets == null) {
            return;
        }
        List<RegionBlock> targets = new ArrayList<>();
        if (hasManyEntries) {
            targets.add(list.get(0));
        }
        for (long target : indirectTargets) {
            RegionBlock b = own.at(target).block;
            if (b != null && b != list.get(0) && !b.instructions.isEmpty()) {
                targets.add(b);
            }
        }
        if (targets.isEmpty()) {
            return;
        }
        RegionBlock dispatch = new RegionBlock(0);
        dispatch.flow = RegionBlock.Flow.DISPATCH;
        dispatch.targets = TargetHash.of(targets).targets;
        for (RegionBlock b : list) {
            if (b.flow == RegionBlock.Flow.JUMP_INDIRECT) {
                b.target = dispatch;
            }
        }
        list.add(hasManyEntries ? 0 : list.size(), dispatch);
    }

    private void addTargets() {
        for (long target : indirectTargets) {
            Place place = own.at(target);
            if (!place.isLeader) {
                place.isLeader = true;
                pendingTargets.add(place);
            }
        }
    }

    /** Decodes from a place to the next transfer or known leader; new leaders join the work. */
    private void walk(Place from) {
        Inlined call = from.call;
        Place place = from;
        while (walked < limit) {
            DecodedInstruction d = place.isWalked() ? null : instruction(place.pc);
            if (d == null) {
                return;
            }
            walked++;
            place.instruction = d;
            links.see(d);
            RegionBlock.Flow flow = flowOf(d);
            Place next = call.at(wrap(d.next()));
            place.next = next;
            if (flow == null) {
                place = next;
                if (place.isLeader) {
                    return;
                }
                continue;
            }
            switch (flow) {
                case JUMP:
                    lead(call.at(target(d)));
                    break;
                case CONDITIONAL:
                    lead(call.at(target(d)));
                    lead(next);
                    break;
                case CALL:
                    lead(isFollowed(call, target(d)) ? call.enter(target(d), next.pc).at(target(d)) : next);
                    break;
                case CALL_INDIRECT:
                case REPEAT:
                    lead(next);
                    break;
                case RETURN:
                    if (!call.isOwnFunction()) {
                        lead(call.caller.at(call.returnPc));
                    }
                    break;
                case JUMP_INDIRECT:
                    if (!call.isOwnFunction()) {
                        long callee = linked(place);
                        lead(callee != 0 ? call.goOn(callee).at(callee) : call.caller.at(call.returnPc));
                    } else if (indirectTargets == null && !isBeside) {
                        findTargets(place.pc);
                    }
                    break;
                default:
                    break;
            }
            return;
        }
        if (call.isOwnFunction()) {
            leftOut.add(place.pc);
        }
    }

    private void findTargets(long jump) {
        known = JumpTargets.around(cpu, jump);
        indirectTargets = known.addresses(MAX_TARGETS);
        if (indirectTargets.length >= MANY_TARGETS) {
            limit = MAX_DISPATCHED;
            hasManyEntries = start > known.first();
        }
        addTargets();
    }

    /** The instruction at pc, if its pages belong to the region or may join it. */
    private DecodedInstruction instruction(long pc) {
        DecodedInstruction d = decoded.get(pc);
        if (d == null && usePages(pc, null)) {
            d = CodeReader.decode(cpu, pc);
            if (d != null && !usePages(pc, d)) {
                d = null;
            }
            decoded.put(pc, d);
        }
        return d;
    }

    /** Code that never ran stays outside. */
    private void lead(Place place) {
        if (place.isLeader) {
            return;
        }
        if (CodeReader.hasRun(cpu, place.pc)) {
            place.isLeader = true;
            if (place.call.isOwnFunction()) {
                work.add(place);
            } else {
                // What was inlined should not be cut off by the bound on the region.
                work.addFirst(place);
            }
        } else if (place.call.isOwnFunction()) {
            leftOut.add(place.pc);
        }
    }

    /** Whether the function at pc, called from there, is inlined. The answer for a call site stays the same. */
    private boolean isFollowed(Inlined caller, long pc) {
        if (caller.depth >= MAX_NESTED || caller.timesOf(pc) >= MAX_RECURSION) {
            return false;
        }
        return isSmall(caller.at(pc));
    }

    private boolean isSmall(Place entry) {
        if (entry.isFollowed == null) {
            int size = calleeSize.computeIfAbsent(entry.pc, this::sizeOf);
            entry.isFollowed = size > 0 && walked + size <= limit;
        }
        return entry.isFollowed;
    }

    /** The small function to which an inlined one's jump seems to go on, or 0. The answer for a place stays the same. */
    private long linked(Place jump) {
        if (jump.linked < 0) {
            long callee = links.target(jump.instruction);
            boolean isFollowed = callee > 0 && jump.call.timesOf(callee) < MAX_RECURSION && isSmall(jump.call.at(callee));
            jump.linked = isFollowed ? callee : 0;
        }
        return jump.linked;
    }

    /** Instructions of a small function that has run and returns, or 0. */
    private int sizeOf(long start) {
        Set<Long> seen = new HashSet<>();
        ArrayDeque<Long> todo = new ArrayDeque<>();
        todo.add(start);
        boolean returns = false;
        while (!todo.isEmpty()) {
            long pc = todo.poll();
            if (!CodeReader.hasRun(cpu, pc)) {
                continue;
            }
            for (DecodedInstruction d; seen.add(pc); pc = wrap(d.next())) {
                d = CodeReader.decode(cpu, pc);
                RegionBlock.Flow flow = d == null ? RegionBlock.Flow.LEAVE : flowOf(d);
                boolean isTailCall = flow == RegionBlock.Flow.JUMP_INDIRECT && d.hasMemory && d.index >= CpuState.ZERO;
                if (flow == RegionBlock.Flow.LEAVE || flow == RegionBlock.Flow.JUMP_INDIRECT && !isTailCall || seen.size() > MAX_CALLEE) {
                    return 0;
                }
                if (flow == RegionBlock.Flow.JUMP || flow == RegionBlock.Flow.CONDITIONAL) {
                    todo.add(target(d));
                }
                returns |= flow == RegionBlock.Flow.RETURN || isTailCall;
                if (flow == RegionBlock.Flow.JUMP || flow == RegionBlock.Flow.RETURN || isTailCall) {
                    break;
                }
            }
        }
        return returns ? seen.size() : 0;
    }

    /** Whether the instruction's page (and, once decoded, its last byte's) belongs to the region or may join it. */
    private boolean usePages(long pc, DecodedInstruction d) {
        long page = (d == null ? pc : wrap(d.next() - 1)) >>> 12;
        if (pages.contains(page)) {
            return true;
        }
        int frame = pages.size() < MAX_PAGES && !CodeReader.isProbed(cpu, page) ? CodeReader.frame(cpu, page << 12) : -1;
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

    private void fill(RegionBlock b, Place start, List<Place> places, List<RegionBlock> list) {
        Inlined call = start.call;
        for (Place place = start; ; ) {
            DecodedInstruction d = place.instruction;
            if (d == null) {
                // Beyond the bounds, where another region goes on.
                goOn(b, place.pc);
                return;
            }
            RegionBlock.Flow flow = flowOf(d);
            if (flow == RegionBlock.Flow.LEAVE) {
                b.flow = flow;
                b.nextPc = place.pc;
                return;
            }
            b.instructions.add(d);
            Place transfer = place;
            place = place.next;
            if (flow != null) {
                boolean isFollowed = flow == RegionBlock.Flow.CALL && isFollowed(call, target(d));
                b.isInlinedCall = isFollowed;
                b.flow = isFollowed ? RegionBlock.Flow.JUMP : call.isOwnFunction() ? flow : inlined(flow);
                b.isTailCall = flow == RegionBlock.Flow.JUMP_INDIRECT && !call.isOwnFunction();
                b.targetPc = d.isRelative ? target(d) : 0;
                b.nextPc = place.pc;
                long callee = b.isTailCall ? linked(transfer) : 0;
                if (callee != 0) {
                    b.flow = RegionBlock.Flow.EXPECTED;
                    b.nextPc = callee;
                } else if (b.isTailCall || b.flow == RegionBlock.Flow.EXPECTED) {
                    b.nextPc = call.returnPc;
                }
                return;
            }
            if (b.instructions.size() >= MAX_BLOCK && place.block == null && place.isWalked()) {
                addBlock(place, places, list);
            }
            if (place.block != null) {
                goOn(b, place.pc);
                return;
            }
        }
    }

    /** The same in an inlined function, whose jump to another function is a call that returns to the caller's call. */
    private static RegionBlock.Flow inlined(RegionBlock.Flow flow) {
        return flow == RegionBlock.Flow.RETURN ? RegionBlock.Flow.EXPECTED : flow == RegionBlock.Flow.JUMP_INDIRECT ? RegionBlock.Flow.CALL_INDIRECT : flow;
    }

    private static void goOn(RegionBlock b, long pc) {
        b.flow = RegionBlock.Flow.JUMP;
        b.targetPc = pc;
        b.nextPc = pc;
    }
}
