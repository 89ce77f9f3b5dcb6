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
    private final Locals locals = new Locals();
    private final RegionLocals fixed;

    RegionCompiler(InstructionBodies bodies, boolean is64, RecordStore records) {
        this.bodies = bodies;
        this.is64 = is64;
        this.records = records;
        fixed = new RegionLocals(locals, is64);
    }

    /** The function body (locals and code) for blocks in reverse postorder. */
    FunctionBody compile(List<RegionBlock> order, int cpu, boolean chains, boolean hasSimd) {
        flagLiveness(order);
        BlockBuilder builder = new BlockBuilder(bodies, is64, records, hasSimd);
        for (RegionBlock b : order) {
            b.entryFlags = entryFlags(b);
            build(builder, b);
        }
        int used = registersUsed(order);
        dirtiness(order);
        RegionEmitter emitter = new RegionEmitter(cpu, chains, is64, locals, fixed, order, used);
        ByteWriter code = emitter.emit();
        ByteWriter body = new ByteWriter();
        locals.declare(body);
        int start = body.size();
        List<Integer> rare = new ArrayList<>();
        for (int offset : emitter.rareBranches()) {
            rare.add(start + offset);
        }
        return new FunctionBody(body.append(code).u8(Wasm.END), rare);
    }

    private void build(BlockBuilder builder, RegionBlock b) {
        builder.begin(b.entryFlags);
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
        long after = b.flow == RegionBlock.Flow.JUMP ? b.targetPc : b.flow == RegionBlock.Flow.REPEAT ? b.last().pc : b.nextPc;
        b.end = builder.here(after);
        b.exitFlags = builder.flags();
        b.exitRegisters = builder.registers();
        b.nodes = builder.takeNodes();
        b.modified = changed(b.exitRegisters);
        b.touched = b.modified;
        for (Node n : b.nodes) {
            b.touched |= n.snapshot == null ? 0 : changed(n.snapshot.registers);
        }
    }

    /** Registers that do not hold what they held at the block's start. */
    private static int changed(Node[] registers) {
        int changed = 0;
        for (int i = 0; i < registers.length; i++) {
            Node v = registers[i].source();
            changed |= v.op != Node.REG || v.imm != i ? 1 << i : 0;
        }
        return changed;
    }

    // Flags

    /** Whether somebody can see the flags that a block begins with: a reader, or an exit before they are overwritten. */
    private void flagLiveness(List<RegionBlock> order) {
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (int i = order.size() - 1; i >= 0; i--) {
                RegionBlock b = order.get(i);
                boolean isLive = isFlagLive(b);
                isChanged |= isLive != b.flagsLiveIn;
                b.flagsLiveIn = isLive;
            }
        }
    }

    private boolean isFlagLive(RegionBlock b) {
        for (DecodedInstruction d : b.instructions) {
            if (d.flagClass == 3 || d.canFault) {
                return true;
            }
            if (d.flagClass == 1) {
                return false;
            }
        }
        return b.flow != RegionBlock.Flow.JUMP || b.target == null || b.isBackEdge(b.target) || b.target.flagsLiveIn;
    }

    private FlagState entryFlags(RegionBlock b) {
        FlagState general = fixed.flags();
        if (b.number == 0 || b.isLoopHead || b.flow == RegionBlock.Flow.DISPATCH || !b.flagsLiveIn) {
            return general;
        }
        FlagState first = null;
        boolean isLogic = true;
        for (RegionBlock p : b.predecessors) {
            FlagState s = p.exitFlags;
            if (p.reloads() || !s.isKnown()) {
                return general;
            }
            if (first != null && (first.kind != s.kind || first.width != s.width || first.fx == null != (s.fx == null) || first.b == null != (s.b == null))) {
                return general;
            }
            isLogic &= s.r == s.a;
            first = s;
        }
        Node a = local(first.a), r = isLogic ? a : local(first.r);
        return FlagState.known(first.kind, first.width, first.fx == null ? null : local(first.fx), a, first.b == null ? null : local(first.b), r);
    }

    private Node local(Node like) {
        return new Node(like.bits(), Node.LOCAL, null, null, null, locals.persistent(like.type()));
    }

    // Registers

    private static int registersUsed(List<RegionBlock> order) {
        int used = 0;
        for (RegionBlock b : order) {
            used |= b.touched | otherRegisters(b.end);
            used |= b.terminator == null ? 0 : register(b.terminator.operand());
            for (Node n : b.nodes) {
                used |= register(n.a) | register(n.b) | register(n.c) | register(n.d);
                used |= n.snapshot == null ? 0 : otherRegisters(n.snapshot);
            }
        }
        return used;
    }

    private static int register(Node n) {
        return n != null && n.source().op == Node.REG ? 1 << n.source().imm : 0;
    }

    /** Registers whose values at the block's start stand in other registers or in the flags. */
    private static int otherRegisters(Snapshot s) {
        int used = register(s.flags.a) | register(s.flags.b) | register(s.flags.r);
        for (int i = 0; i < s.registers.length; i++) {
            used |= register(s.registers[i]) & ~(1 << i);
        }
        return used;
    }

    /** A register is dirty at a block when some way there changed it since it was in memory. */
    private static void dirtiness(List<RegionBlock> order) {
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (RegionBlock b : order) {
                int in = 0;
                for (RegionBlock p : b.predecessors) {
                    in |= p.reloads() ? 0 : p.dirtyIn | p.modified;
                }
                isChanged |= in != b.dirtyIn;
                b.dirtyIn = in;
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
        int reads = 0, writes = 0;
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
            taken += BlockBuilder.takesField(o) ? 1 : 0;
        }
        return new HandlerEffect(reads, writes, false);
    }

    private static int bit(int offset) {
        return offset < CpuState.ZERO ? 1 << (offset >> 3) : 0;
    }
}
