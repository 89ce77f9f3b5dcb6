// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;
import kmos.cpu.DecodedInstruction;
import kmos.isa.InstructionBodies;
import kmos.isa.Operand;

/** From blocks to a Wasm function: IR of every block in order, the flow of flags and registers between them, then code. */
final class RegionCompiler {
    private final InstructionBodies bodies;
    private final boolean is64;
    private final RecordStore records;
    private final LinkCells cells;
    private final JitBackend backend;
    private final VectorOps vectorOps;
    private Locals locals;
    private RegionLocals fixed;
    private JumpTables tables;

    RegionCompiler(InstructionBodies bodies, VectorOps vectorOps, boolean is64, RecordStore records, LinkCells cells, JitBackend backend) {
        this.vectorOps = vectorOps;
        this.bodies = bodies;
        this.is64 = is64;
        this.records = records;
        this.cells = cells;
        this.backend = backend;
    }

    /**
     * The function body (locals and code) for blocks in reverse postorder. registers: what the region was entered with once. twinCell: where the code finds its twin when the
     * stack cannot be looked up at the entry; 0: nothing is assumed about the stack.
     */
    FunctionBody compile(List<RegionBlock> order, int cpu, long[] registers, int twinCell) {
        int mark = records.mark();
        boolean isTracking = twinCell != 0;
        do {
            records.release(mark);
            locals = new Locals(1);
            fixed = new RegionLocals(locals, is64);
            tables = new JumpTables(cpu, is64, registers, records, fixed.stackBase);
            BlockBuilder builder = new BlockBuilder(bodies, is64, records, fixed, cpu, backend.hasSimd() ? vectorOps : null);
            for (RegionBlock b : order) {
                expect(b, isTracking);
                build(builder, b);
            }
        } while (!expectationsHold(order));
        StackTracking stack = isTracking ? placeOnStack(order) : new StackTracking();
        AccessGroups.find(order);
        flagLiveness(order);
        dirtiness(order);
        need(order);
        fixed.useVectors(vectorsUsed(order));
        RangeEntries entries = new RangeEntries(order.stream().mapToLong(b -> b.pc).filter(pc -> pc != 0).findFirst().orElse(0));
        CodeWriter code = new CodeWriter(cpu, is64, locals, fixed, stack.low());
        RegionEmitter emitter = new RegionEmitter(code, cells, stack, entries, backend.hasTailCalls(), twinCell, order);
        emitter.emit();
        ByteWriter body = new ByteWriter();
        locals.declare(body);
        int start = body.size();
        List<Integer> rare = new ArrayList<>();
        for (int offset : code.rareBranches()) {
            rare.add(start + offset);
        }
        return new FunctionBody(body.append(code.out).u8(Wasm.END), rare, is64, code.callsFpuFunctions());
    }

    /** The jump table that the region just compiled depends on, or null. */
    JumpTable table() {
        return tables.table();
    }

    // Where blocks meet

    /** What a block begins with: what its predecessors agree on. Of a loop's back edges it is assumed that they will. */
    private static void expect(RegionBlock b, boolean isTracking) {
        FlagShape flags = b.number > 0 ? null : b.isLoopHead ? FlagShape.UNKNOWN : FlagShape.MEMORY;
        for (int i = 0; i < b.stackIn.length; i++) {
            b.stackIn[i] = isTracking && b.number == 0 && i == 0 ? 0 : StackTracking.UNKNOWN;
        }
        boolean isFirst = b.number > 0;
        FloatFacts floats = b.floatFactsLeft;
        for (RegionBlock p : b.predecessors) {
            if (p.isBackEdge(b)) {
                continue;
            }
            flags = flags == null || flags.equals(shapeAfter(p)) ? shapeAfter(p) : FlagShape.UNKNOWN;
            for (int i = 0; i < b.stackIn.length; i++) {
                b.stackIn[i] = isTracking && (isFirst || b.stackIn[i] == p.stackOut[i]) ? p.stackOut[i] : StackTracking.UNKNOWN;
            }
            isFirst = false;
            FloatFacts after = floatsAfter(p);
            floats = floats == null ? after : floats.and(after);
        }
        b.floatFactsIn = b.number == 0 || floats == null ? FloatFacts.NONE : floats;
        b.fpuIn = expectedFpu(b);
        // The ways to a jump table's targets bring flags of many kinds, and those are overwritten soon.
        b.entryShape = b.flow == RegionBlock.Flow.DISPATCH ? FlagShape.MEMORY : b.hasGeneralFlags ? FlagShape.UNKNOWN : flags;
        for (int i = 0; i < b.stackIn.length; i++) {
            if ((b.untracked >> i & 1) != 0) {
                b.stackIn[i] = StackTracking.UNKNOWN;
            }
        }
    }

    /** The x87 comes in locals where all ways bring it so. A loop head has the registers of all of them, another block those that all have. */
    private static FpuShape expectedFpu(RegionBlock b) {
        if (b.number == 0 || b.isFpuInMemory || b.flow == RegionBlock.Flow.DISPATCH) {
            return null;
        }
        FpuShape shape = b.fpuBack;
        for (RegionBlock p : b.predecessors) {
            if (p.isBackEdge(b)) {
                continue;
            }
            if (p.fpuOut == null) {
                return null;
            }
            shape = shape == null ? p.fpuOut : b.isLoopHead ? shape.or(p.fpuOut) : shape.and(p.fpuOut);
        }
        return shape;
    }

    private static FloatFacts floatsAfter(RegionBlock p) {
        return p.reloads() ? FloatFacts.NONE : p.floatFactsOut;
    }

    private static FlagShape shapeAfter(RegionBlock p) {
        return p.reloads() ? FlagShape.MEMORY : p.exitFlags.shape();
    }

    /** Whether back edges bring what their loop heads expect; what they do not is noted there. */
    private static boolean expectationsHold(List<RegionBlock> order) {
        boolean holds = true;
        for (RegionBlock b : order) {
            for (RegionBlock p : b.predecessors) {
                if (!p.isBackEdge(b)) {
                    continue;
                }
                if (b.flow != RegionBlock.Flow.DISPATCH && b.entryShape != FlagShape.UNKNOWN && !b.entryShape.equals(shapeAfter(p))) {
                    b.hasGeneralFlags = true;
                    holds = false;
                }
                if (b.fpuIn != null && p.fpuOut == null) {
                    b.isFpuInMemory = true;
                    holds = false;
                } else if (b.fpuIn != null && !b.fpuIn.or(p.fpuOut).equals(b.fpuIn)) {
                    b.fpuBack = b.fpuBack == null ? p.fpuOut : b.fpuBack.or(p.fpuOut);
                    holds = false;
                }
                if (!floatsAfter(p).hasAllOf(b.floatFactsIn)) {
                    FloatFacts left = b.floatFactsIn.and(floatsAfter(p));
                    b.floatFactsLeft = b.floatFactsLeft == null ? left : b.floatFactsLeft.and(left);
                    holds = false;
                }
                for (int i = 0; i < b.stackIn.length; i++) {
                    if (b.stackIn[i] != StackTracking.UNKNOWN && b.stackIn[i] != p.stackOut[i]) {
                        b.untracked |= 1 << i;
                        holds = false;
                    }
                }
            }
        }
        return holds;
    }

    private void build(BlockBuilder builder, RegionBlock b) {
        builder.begin(b);
        b.terminator = null;
        for (DecodedInstruction d : b.instructions) {
            if (b.flow == RegionBlock.Flow.REPEAT && d == b.last()) {
                b.repeat = records.record(d);
                builder.skip();
            } else {
                b.terminator = builder.add(d);
                if (b.terminator == null && (d.attributes & DecodedInstruction.END) != 0) {
                    // A branch through an address of another size: the interpreter does it.
                    b.flow = RegionBlock.Flow.LEAVE;
                    b.nextPc = d.pc;
                }
            }
        }
        b.fpuEnd = builder.endFpu(b.keepsFpu());
        b.fpuOut = b.fpuEnd == null ? null : b.fpuEnd.shape(builder.factory());
        long after = b.flow == RegionBlock.Flow.JUMP ? b.targetPc : b.flow == RegionBlock.Flow.REPEAT ? b.last().pc : b.nextPc;
        b.end = builder.here(after);
        b.entryFlags = builder.entryFlags();
        b.exitFlags = builder.flags();
        b.floatFactsOut = builder.floatFacts();
        b.readsEntryFlags = builder.readsEntryFlags();
        b.leaves = builder.leaves();
        b.exitRegisters = builder.registers();
        b.exitVectors = builder.vectors();
        b.vectorsIn = builder.vectorsIn();
        b.nodes = builder.takeNodes();
        if (b.flow == RegionBlock.Flow.JUMP_INDIRECT && b.target != null) {
            tables.find(b);
            b.target.table = tables.table();
        }
        b.targetCheck = builder.targetCheck();
        if (b.targetCheck != null && b.jump != null && b.jump.table().isCanonical()) {
            b.nodes.remove(b.targetCheck);
        } else if (b.targetCheck != null) {
            b.targetCheck.isDeferred = b.flow == RegionBlock.Flow.EXPECTED && b.next != null;
        }
        b.modified = changed(b.exitRegisters, Node.REG);
        b.touched = b.modified;
        b.vectorsModified = changed(b.exitVectors, Node.XREG);
        b.vectorsTouched = b.vectorsModified;
        // Snapshots between which nothing changed share their arrays.
        Node[] seen = null, seenVectors = null;
        for (Node n : b.nodes) {
            if (n.snapshot != null && n.snapshot.registers() != seen) {
                seen = n.snapshot.registers();
                b.touched |= changed(seen, Node.REG);
            }
            if (n.snapshot != null && n.snapshot.vectors() != seenVectors) {
                seenVectors = n.snapshot.vectors();
                b.vectorsTouched |= changed(seenVectors, Node.XREG);
            }
        }
        for (int i = 0; i < b.stackOut.length; i++) {
            int out = StackTracking.offset(b.exitRegisters[StackTracking.REGISTERS[i]], fixed.stackBase);
            // The callee takes the return address off.
            b.stackOut[i] = out != StackTracking.UNKNOWN && i == 0 && b.isCall() ? out + (is64 ? 8 : 4) : out;
        }
    }

    /** Accesses on the stack near the stack base. */
    private StackTracking placeOnStack(List<RegionBlock> order) {
        StackTracking stack = new StackTracking();
        for (RegionBlock b : order) {
            for (Node n : b.nodes) {
                boolean isAccess = n.op == Node.LOAD || n.op == Node.STORE || n.op == Node.GUEST_ADDRESS;
                if (isAccess) {
                    int size = n.accessSize();
                    int offset = StackTracking.offset(n.a, fixed.stackBase);
                    n.stackOffset = stack.add(offset, size) ? offset : StackTracking.UNKNOWN;
                } else if ((n.op == Node.HOST_LOAD || n.op == Node.HOST_STORE) && n.a.source().isOnStack()) {
                    n.stackOffset = n.a.source().stackOffset + (int) n.imm;
                }
            }
        }
        return stack;
    }

    /** Registers that do not hold what they held at the block's start. */
    private static int changed(Node[] registers, int leaf) {
        int changed = 0;
        for (int i = 0; i < registers.length; i++) {
            Node v = registers[i].source();
            changed |= v.op != leaf || v.imm != i ? 1 << i : 0;
        }
        return changed;
    }

    // Flags

    /** Whether somebody can see the flags that a block begins with: a reader, or an exit before they are overwritten. */
    private static void flagLiveness(List<RegionBlock> order) {
        for (RegionBlock b : order) {
            b.flagsLiveIn = b.flagsLiveIn || isFlagRead(b);
        }
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (int i = order.size() - 1; i >= 0; i--) {
                RegionBlock b = order.get(i);
                boolean isLive = b.flagsLiveIn || isFlagLiveBehind(b);
                isChanged |= isLive != b.flagsLiveIn;
                b.flagsLiveIn = isLive;
            }
        }
    }

    private static boolean isFlagRead(RegionBlock b) {
        if (b.readsEntryFlags) {
            return true;
        }
        for (Node n : b.nodes) {
            if (n.canLeave() && n.snapshot.flags() == b.entryFlags) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFlagLiveBehind(RegionBlock b) {
        if (b.exitFlags != b.entryFlags) {
            return false;
        }
        boolean staysInside = b.flow == RegionBlock.Flow.JUMP && b.target != null && !b.isBackEdge(b.target)
            || b.flow == RegionBlock.Flow.CONDITIONAL && b.target != null && b.next != null && !b.isBackEdge(b.target) && !b.isBackEdge(b.next);
        return !staysInside || b.target.flagsLiveIn || b.next != null && b.next.flagsLiveIn;
    }

    // Registers

    /**
     * Which locals must hold their registers where, and so which are loaded at the entry and after calls: what is read, and what is dirty on some way,
     * because exits take it from there. The other registers are in memory, where exits find them.
     */
    private static void need(List<RegionBlock> order) {
        for (RegionBlock b : order) {
            b.neededIn = (b.dirtyIn | read(b)) & ~b.trackedRegisters();
            b.vectorsNeededIn = b.vectorsDirtyIn | vectorsRead(b);
        }
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (int i = order.size() - 1; i >= 0; i--) {
                RegionBlock b = order.get(i);
                int needed = b.neededIn, vectors = b.vectorsNeededIn;
                if (!b.reloads()) {
                    for (RegionBlock s : b.successors()) {
                        needed |= s.neededIn & ~b.modified;
                        vectors |= s.vectorsNeededIn & ~b.vectorsModified;
                    }
                }
                isChanged |= needed != b.neededIn || vectors != b.vectorsNeededIn;
                b.neededIn = needed;
                b.vectorsNeededIn = vectors;
            }
        }
    }

    /** Registers that the block reads as they are at its start. */
    private static int read(RegionBlock b) {
        int read = otherRegisters(b.end) | (b.terminator == null ? 0 : register(b.terminator.operand()));
        for (Node n : b.nodes) {
            read |= register(n.a) | register(n.b) | register(n.c) | register(n.d);
            read |= n.snapshot == null ? 0 : otherRegisters(n.snapshot);
            if (n.jump != null) {
                read |= register(n.jump.index());
                for (JumpTables.Guess g : n.jump.guesses()) {
                    read |= register(g.node());
                }
            }
        }
        return read;
    }

    private static int vectorsRead(RegionBlock b) {
        int read = otherVectors(b.end);
        Node[] seen = b.end.vectors();
        for (Node n : b.nodes) {
            read |= vector(n.a) | vector(n.b) | vector(n.c);
            if (n.snapshot != null && n.snapshot.vectors() != seen) {
                seen = n.snapshot.vectors();
                read |= otherVectors(n.snapshot);
            }
        }
        return read;
    }

    private static int vectorsUsed(List<RegionBlock> order) {
        int used = 0;
        for (RegionBlock b : order) {
            used |= b.vectorsTouched | b.vectorsNeededIn;
        }
        return used;
    }

    private static int vector(Node n) {
        return n != null && n.source().op == Node.XREG ? 1 << n.source().imm : 0;
    }

    /** Vector registers whose values at the block's start stand in other ones. */
    private static int otherVectors(Snapshot s) {
        int used = 0;
        for (int i = 0; i < Locals.REGISTERS; i++) {
            used |= vector(s.vectors()[i]) & ~(1 << i);
        }
        return used;
    }

    private static int register(Node n) {
        return n != null && n.source().op == Node.REG ? 1 << n.source().imm : 0;
    }

    /** Registers whose values at the block's start stand in other registers, in the flags or in what the x87 noted. */
    private static int otherRegisters(Snapshot s) {
        int used = register(s.flags().fx) | register(s.flags().a) | register(s.flags().b) | register(s.flags().r);
        for (int i = 0; i < s.registers().length; i++) {
            used |= register(s.registers()[i]) & ~(1 << i);
        }
        for (FpuStack.Store store : s.fpuStores()) {
            used |= register(store.value());
        }
        return used;
    }

    /** A register is dirty at a block when some way there changed it since it was in memory. */
    private static void dirtiness(List<RegionBlock> order) {
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (RegionBlock b : order) {
                int in = 0, vectorsIn = 0;
                for (RegionBlock p : b.predecessors) {
                    in |= p.reloads() ? 0 : p.dirtyIn | p.modified;
                    vectorsIn |= p.reloads() ? 0 : p.vectorsDirtyIn | p.vectorsModified;
                }
                isChanged |= in != b.dirtyIn || vectorsIn != b.vectorsDirtyIn;
                b.dirtyIn = in;
                b.vectorsDirtyIn = vectorsIn;
            }
        }
    }

    /** Which registers a handler reads and writes, as {@link HandlerEffect}. */
    static HandlerEffect effectOf(InstructionBodies bodies, DecodedInstruction d, Operand[] operands) {
        String name = bodies.name(d.row);
        boolean isVector = name.startsWith("Simd.") || name.startsWith("Fpu.");
        boolean isImplicit = name.startsWith("Simd.maskMove") || name.equals("Fpu.fnstswAx") || d.flagClass != 0;
        if (!isVector || isImplicit) {
            return HandlerEffect.EVERYTHING;
        }
        int reads = 0, writes = 0, vectors = 0;
        if (d.hasMemory) {
            reads |= bit(d.b) | bit(d.index);
        }
        int taken = 0;
        for (Operand o : operands) {
            if (o.kind() == Operand.Kind.FIXED || o.kind() == Operand.Kind.REGISTER && o.number() != 0) {
                return HandlerEffect.EVERYTHING;
            }
            if (o.kind() == Operand.Kind.REGISTER) {
                reads |= bit(taken == 0 ? d.a : d.b);
                writes |= bit(taken == 0 ? d.a : d.b);
            }
            if (o.kind() == Operand.Kind.XMM && o.number() == 0) {
                vectors |= 1 << ((taken == 0 ? d.a : d.b) & 15);
            } else if (o.kind() == Operand.Kind.XMM || o.kind() == Operand.Kind.YMM) {
                vectors = 0xFFFF;
            }
            taken += BlockBuilder.takesField(o) ? 1 : 0;
        }
        boolean hasHidden = name.contains("blendv") || name.contains("Sha") || name.contains("compareStrings");
        return new HandlerEffect(reads, writes, hasHidden ? 0xFFFF : vectors, false);
    }

    private static int bit(int offset) {
        return offset < CpuState.ZERO ? 1 << (offset >> 3) : 0;
    }
}
