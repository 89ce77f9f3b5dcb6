// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.DecodedInstruction;
import kmos.cpu.Ea;
import kmos.cpu.Flags;
import kmos.isa.Emit;
import kmos.isa.Helper;
import kmos.isa.InstructionBodies;
import kmos.isa.Operand;
import kmos.isa.Value;

/**
 * Turns the instructions of one basic block into IR by running their bodies. Register values are followed as nodes; flags
 * as a {@link FlagState}; what a body asks that has no native form makes the instruction a call of its handler.
 */
final class BlockBuilder extends Emit {
    private final InstructionBodies bodies;
    private final boolean is64;
    private final RecordStore records;
    private final RegionLocals fixed;
    private final int cpu;
    private final NodeFactory f;
    /** Null without vector instructions. */
    private final VectorLowering vectors;
    private final FpuTracking fpu;
    private final FpuLowering fpuLowering;

    /** What all blocks begin with: the registers' values in their locals. */
    private final Node[] leaves = new Node[Locals.REGISTERS];
    private final Node[] vectorLeaves = new Node[Locals.REGISTERS];

    // The block
    private final List<Node> nodes = new ArrayList<>();
    private RegionBlock block;
    private Node[] registers;
    private Node[] vectorRegisters;
    /** The same in the last snapshot. */
    private Node[] registersSeen;
    private Node[] vectorsSeen;
    /** That floating point works as in WebAssembly here and PE is set was asked on the way. */
    private boolean isDefaultMode;
    /** MXCSR as it was at some time in the block (its flags only get more), or null. */
    private Node mxcsr;
    private FlagState flags;
    private FlagState entryFlags;
    private boolean readsEntryFlags;
    private int done;

    // The instruction
    private DecodedInstruction insn;
    private Operand[] operands;
    private Snapshot snapshot;
    private Node address;
    private Node host;
    private Terminator terminator;
    private Node targetCheck;

    /** vectorOps: null where modules may not use vectors. */
    BlockBuilder(InstructionBodies bodies, boolean is64, RecordStore records, RegionLocals fixed, int cpu, VectorOps vectorOps) {
        this.cpu = cpu;
        vectors = vectorOps != null ? new VectorLowering(this, vectorOps) : null;
        this.bodies = bodies;
        this.records = records;
        this.fixed = fixed;
        this.is64 = is64;
        f = new NodeFactory();
        fpu = new FpuTracking(this, f, cpu);
        fpuLowering = new FpuLowering(this, fpu, f);
        for (int i = 0; i < Locals.REGISTERS; i++) {
            leaves[i] = new Node(addressBits(), Node.REG, null, null, null, i);
            vectorLeaves[i] = new Node(128, Node.XREG, null, null, null, i);
        }
    }

    /** Starts a block: registers are in their locals or at known places of the stack, flags as its shape says. */
    void begin(RegionBlock b) {
        block = b;
        isDefaultMode = b.floatFactsIn.isDefaultMode();
        if (vectors != null) {
            vectors.begin(b.floatFactsIn);
        }
        nodes.clear();
        f.begin(nodes);
        vectorRegisters = vectorLeaves.clone();
        registers = leaves.clone();
        vectorsSeen = vectorLeaves;
        registersSeen = leaves;
        Node base = f.leaf(addressBits(), Node.LOCAL, fixed.stackBase);
        for (int i = 0; i < StackTracking.REGISTERS.length; i++) {
            if (b.stackIn[i] != StackTracking.UNKNOWN) {
                registers[StackTracking.REGISTERS[i]] = f.add(base, f.constant(addressBits(), b.stackIn[i]));
            }
        }
        flags = fixed.flags(b.entryShape, f);
        entryFlags = flags;
        readsEntryFlags = false;
        fpu.begin(b.fpuIn, fixed);
        mxcsr = null;
        done = 0;
        terminator = null;
        targetCheck = null;
    }

    /** The check of the target that ends the block, or null. */
    Node targetCheck() {
        return targetCheck;
    }

    NodeFactory factory() {
        return f;
    }

    List<Node> takeNodes() {
        return new ArrayList<>(nodes);
    }

    Node[] vectors() {
        return vectorRegisters;
    }

    Node[] registers() {
        return registers;
    }

    Node[] leaves() {
        return leaves;
    }

    FlagState flags() {
        return flags;
    }

    FlagState entryFlags() {
        return entryFlags;
    }

    boolean readsEntryFlags() {
        return readsEntryFlags;
    }

    /** At the block's end: the x87 for the blocks behind it, or null, all of it is in memory. */
    FpuStack endFpu(boolean staysInLocals) {
        return fpu.end(staysInLocals);
    }

    FloatFacts floatFacts() {
        return vectors == null ? FloatFacts.NONE : vectors.floatFacts(vectorRegisters, isDefaultMode);
    }

    /** Flags of a comparison of floating-point numbers that are not NaNs. */
    void compareFlags(Node x, Node y) {
        flags = FlagState.compared(f, x, y);
    }

    /** The flags for a reader: fetched if they are still in memory. */
    private FlagState readFlags() {
        readsEntryFlags |= flags == entryFlags;
        if (flags.isInMemory()) {
            Node fk = stateLoad(32, CpuState.FK), fx = stateLoad(32, CpuState.FX);
            Node a = stateLoad(64, CpuState.FA), r = stateLoad(64, CpuState.FR);
            Node shift = f.zeroExtend(f.shr(fk, f.constant(32, 8)), 64);
            flags = FlagState.unknown(fk, fx, f.shr(a, shift), f.shr(r, shift));
        }
        return flags;
    }

    /** Address width of the code. */
    int addressBits() {
        return is64 ? 64 : 32;
    }

    /** State at the start of the instruction after the last one added. Shares its arrays with the snapshot before where nothing changed. */
    Snapshot here(long pc) {
        if (!isSame(registers, registersSeen)) {
            registersSeen = registers.clone();
        }
        if (!isSame(vectorRegisters, vectorsSeen)) {
            vectorsSeen = vectorRegisters.clone();
        }
        return new Snapshot(block, registersSeen, vectorsSeen, flags, fpu.stack(), fpu.stores(), pc, done);
    }

    private static boolean isSame(Node[] x, Node[] y) {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if (x[i] != y[i]) {
                return false;
            }
        }
        return true;
    }

    /** The vector registers as blocks begin. */
    Node[] vectorsIn() {
        return vectorLeaves;
    }

    /** Counts an instruction that the emitter handles by itself. */
    void skip() {
        done++;
    }

    /** Adds an instruction; returns how it ends the block, or null when it does not, or when it should and cannot be compiled: then nothing is added. */
    Terminator add(DecodedInstruction instruction) {
        insn = instruction;
        operands = bodies.operands(insn.row, insn.width, insn.hasMemory);
        snapshot = here(insn.pc);
        address = null;
        host = null;
        terminator = null;
        int mark = nodes.size();
        try {
            if (vectors == null || !vectors.emit(bodies.name(insn.row), operands)) {
                bodies.emit(insn.row, this, operands);
            }
        } catch (Unsupported none) {
            while (nodes.size() > mark) {
                nodes.remove(nodes.size() - 1);
            }
            System.arraycopy(snapshot.registers(), 0, registers, 0, registers.length);
            System.arraycopy(snapshot.vectors(), 0, vectorRegisters, 0, vectorRegisters.length);
            flags = snapshot.flags();
            fpu.set(snapshot.fpu());
            if ((insn.attributes & DecodedInstruction.END) != 0) {
                return null;
            }
            terminator = null;
            callHandler();
        }
        done++;
        return terminator;
    }

    private void callHandler() {
        if (RecordStore.seesBudget(insn)) {
            // The interpreter takes it: an exit that is always taken.
            exiting(0, Node.GUARD, f.constant(1, 0), null, null, 0);
            return;
        }
        if (fpu.stack() != null) {
            fpu.store();
            snapshot = here(insn.pc);
        }
        HandlerEffect effect = RegionCompiler.effectOf(bodies, insn, operands);
        Node call = effect(0, Node.HANDLER, null, null, null, records.record(insn));
        call.snapshot = snapshot;
        call.handlerEffect = effect;
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            if ((effect.writes() >> i & 1) != 0) {
                registers[i] = effect(is64 ? 64 : 32, Node.RELOAD, null, null, null, i);
            }
        }
        if (vectors != null) {
            for (int i = 0; i < Locals.REGISTERS; i++) {
                if ((effect.vectors() >> i & 1) != 0) {
                    vectorRegisters[i] = effect(128, Node.RELOAD, null, null, null, Locals.REGISTERS + i);
                }
            }
        }
        if (effect == HandlerEffect.EVERYTHING) {
            isDefaultMode = false;
            mxcsr = null;
        }
        if (effect.usesFlags()) {
            flags = FlagState.inMemory();
        }
    }

    Node effect(int bits, int op, Node a, Node b, Node c, long imm) {
        Node n = new Node(bits, op, a, b, c, imm);
        nodes.add(n);
        return n;
    }

    Node effect(Node n) {
        nodes.add(n);
        return n;
    }

    Node exiting(int bits, int op, Node a, Node b, Node c, long imm) {
        Node n = effect(bits, op, a, b, c, imm);
        n.snapshot = snapshot;
        return n;
    }

    Node stateLoad(int bits, int offset) {
        return effect(bits, Node.STATE_LOAD, null, null, null, offset);
    }

    private static Node n(Value v) {
        return (Node) v;
    }

    // Operands

    @Override
    public int size() {
        return 8 << insn.width;
    }

    /** The record's field of an operand, assigned in the order of the operands that need one (a, then b). */
    private int field(Operand o) {
        int taken = 0;
        for (Operand other : operands) {
            boolean needs = takesField(other) || other.kind() == Operand.Kind.CONTROL || other.kind() == Operand.Kind.SEGMENT && other.number() < 0;
            if (other == o && needs) {
                return taken == 0 ? insn.a : insn.b;
            }
            taken += needs ? 1 : 0;
        }
        throw new Unsupported();
    }

    /** Whether a register operand is named by the record's a or b (not by VEX.vvvv). */
    static boolean takesField(Operand o) {
        return (o.kind() == Operand.Kind.REGISTER || o.kind() == Operand.Kind.YMM) && o.number() == 0 || o.kind() == Operand.Kind.XMM || o.kind() == Operand.Kind.MMX;
    }

    private int registerOffset(Operand o) {
        return o.kind() == Operand.Kind.FIXED ? o.number() * 8 : field(o);
    }

    private Node readRegister(int offset, int bits) {
        Node full = registers[offset >> 3];
        if (bits == full.bits()) {
            return full;
        }
        Node x = is64 ? f.truncate(full, 32) : full;
        if ((offset & 1) != 0) {
            x = f.shr(x, f.constant(32, 8));
        }
        return f.truncate(x, bits);
    }

    private void writeRegister(int offset, Node v) {
        int number = offset >> 3;
        int full = is64 ? 64 : 32;
        if (v.bits() == full) {
            registers[number] = v;
        } else if (v.bits() == 32) {
            registers[number] = f.zeroExtend(v, 64);
        } else {
            int shift = (offset & 1) * 8;
            long mask = ((1L << v.bits()) - 1) << shift;
            Node inserted = f.zeroExtend(v, full);
            if (shift != 0) {
                inserted = f.shl(inserted, f.constant(full, shift));
            }
            registers[number] = f.or(f.and(registers[number], f.constant(full, ~mask)), inserted);
        }
    }

    /** Linear address of the memory operand: 32 or 64 bits as the code. */
    private Node linear() {
        if (address == null) {
            address = segmented(offset(0));
        }
        return address;
    }

    /** Offset in the segment. Only the code's natural address size, or 32 bits in 64-bit code. */
    private Node offset(int stackBias) {
        if (insn.addressSize == Ea.RIP) {
            return f.constant(64, insn.pc + insn.length + insn.displacement);
        }
        if (insn.addressSize != (is64 ? Ea.A64 : Ea.A32) && !(is64 && insn.addressSize == Ea.A32)) {
            throw new Unsupported();
        }
        int w = is64 ? 64 : 32;
        Node a = insn.b == CpuState.ZERO ? null : registers[insn.b >> 3];
        int displacement = insn.displacement;
        if (stackBias != 0 && insn.b == 32) {
            displacement += stackBias;
        }
        if (insn.index != CpuState.ZERO) {
            Node scaled = f.shl(registers[insn.index >> 3], f.constant(w, insn.scale));
            a = a == null ? scaled : f.add(a, scaled);
        }
        a = a == null ? f.constant(w, displacement) : f.add(a, f.constant(w, displacement));
        return is64 && insn.addressSize == Ea.A32 ? f.and(a, f.constant(64, 0xFFFFFFFFL)) : a;
    }

    private Node segmented(Node offset) {
        if (insn.segment < 4) {
            return offset;
        }
        Node base = stateLoad(64, CpuState.BASE + insn.segment * 8);
        if (is64) {
            return f.add(offset, base);
        }
        // A present segment without a limit; others are left to the interpreter.
        Node attributes = stateLoad(32, CpuState.ATTRIBUTES + insn.segment * 4), limit = stateLoad(32, CpuState.LIMIT + insn.segment * 4);
        guard(f.and(f.isNotZero(attributes), f.equal(limit, f.constant(32, -1))));
        return f.add(offset, f.truncate(base, 32));
    }

    private void guard(Node condition) {
        if (condition.isConst()) {
            if (condition.imm == 0) {
                throw new Unsupported();
            }
            return;
        }
        exiting(0, Node.GUARD, condition, null, null, 0);
    }

    /** Leaves unless one of them holds; the second is computed only where the first does not. */
    void checkEither(Node usual, Node seldom) {
        exiting(0, Node.GUARD, usual, seldom, null, 0);
    }

    private Node absolute() {
        if (address == null) {
            address = segmented(f.constant(is64 ? 64 : 32, insn.immediate));
        }
        return address;
    }

    private Node addressOfMemory(Operand o) {
        return o.kind() == Operand.Kind.OFFSET ? absolute() : linear();
    }

    @Override
    public Value read(Operand o) {
        switch (o.kind()) {
            case REGISTER:
            case FIXED:
                return readRegister(registerOffset(o), o.bits());
            case MEMORY:
            case OFFSET:
                return exiting(o.bits(), Node.LOAD, addressOfMemory(o), null, null, 0);
            case IMMEDIATE:
                return f.constant(o.bits(), o.bits() == 64 && o.number() != 64 ? (int) insn.immediate : insn.immediate);
            case CONSTANT:
                return f.constant(o.bits(), o.number());
            case SEGMENT:
                return f.truncate(stateLoad(32, CpuState.SELECTOR + (o.number() >= 0 ? o.number() : field(o)) * 4), 16);
            case XMM:
            case MMX:
                return n(load(addressOf(o, o.bits() / 8, 0), 0, o.bits()));
            default:
                throw new Unsupported();
        }
    }

    @Override
    public Value modify(Operand o) {
        if (o.kind() != Operand.Kind.MEMORY) {
            return read(o);
        }
        prepare(o);
        return effect(o.bits(), Node.HOST_LOAD, host, null, null, 0);
    }

    @Override
    public void prepare(Operand o) {
        if (o.kind() == Operand.Kind.MEMORY && host == null) {
            host = exiting(32, Node.GUEST_ADDRESS, linear(), null, null, o.bits() / 8 | JitAccess.WRITE);
        }
    }

    @Override
    public void write(Operand o, Value v) {
        switch (o.kind()) {
            case MEMORY:
            case OFFSET:
                if (host != null) {
                    effect(0, Node.HOST_STORE, host, n(v), null, 0);
                } else {
                    exiting(0, Node.STORE, addressOfMemory(o), n(v), null, 0);
                }
                break;
            case REGISTER:
            case FIXED:
                writeRegister(registerOffset(o), n(v));
                break;
            default:
                throw new Unsupported();
        }
    }

    @Override
    public Value effectiveAddress(Operand memory) {
        return offset(0);
    }

    @Override
    public Value addressOf(Operand o, int count, int alignment) {
        switch (o.kind()) {
            case MEMORY:
                checkAlignment(alignment);
                return exiting(32, Node.GUEST_ADDRESS, linear(), null, null, count);
            case XMM:
                return f.stateAddress(CpuState.XMM + (field(o) << 5));
            default:
                throw new Unsupported();
        }
    }

    private void checkAlignment(int alignment) {
        if (alignment != 0) {
            guard(f.isZero(f.and(f.truncate(linear(), 32), f.constant(32, alignment - 1))));
        }
    }

    @Override
    public Value scratch() {
        return f.stateAddress(CpuState.SCRATCH);
    }

    @Override
    public void storeBytes(Operand memory, Value from, int count, int alignment) {
        if (count != 4 && count != 8 && count != 16) {
            throw new Unsupported();
        }
        checkAlignment(alignment);
        Node to = exiting(32, Node.GUEST_ADDRESS, linear(), null, null, count | JitAccess.WRITE);
        Node first = n(load(from, 0, count == 4 ? 32 : 64));
        Node second = count == 16 ? n(load(from, 8, 64)) : null;
        effect(0, Node.HOST_STORE, to, first, null, 0);
        if (second != null) {
            effect(0, Node.HOST_STORE, to, second, null, 8);
        }
    }

    @Override
    public void prepareBytes(Operand memory, int count) {
        if (count > 8) {
            throw new Unsupported();
        }
        host = exiting(32, Node.GUEST_ADDRESS, linear(), null, null, count | JitAccess.WRITE);
    }

    @Override
    public void storeBytesIf(Value condition, Operand memory, Value from, int count) {
        if (!FpuLowering.isStored(condition, memory)) {
            throw new Unsupported();
        }
    }

    @Override
    public Value load(Value from, int offset, int bits) {
        Node a = n(from);
        int vector = a.op == Node.STATE_ADDRESS ? vectorAt((int) a.imm + offset) : -1;
        if (vector >= 0) {
            return f.vectorLane(vectorRegisters[vector], bits, ((int) a.imm + offset & 15) * 8 / bits);
        }
        return a.op == Node.STATE_ADDRESS ? stateLoad(bits, (int) a.imm + offset) : effect(bits, Node.HOST_LOAD, a, null, null, offset);
    }

    @Override
    public void store(Value to, int offset, Value v) {
        Node a = n(to);
        int vector = a.op == Node.STATE_ADDRESS ? vectorAt((int) a.imm + offset) : -1;
        if (vector >= 0) {
            vectorRegisters[vector] = f.withLane(vectorRegisters[vector], n(v), ((int) a.imm + offset & 15) * 8 / v.bits());
        } else if (a.op == Node.STATE_ADDRESS) {
            effect(0, Node.STATE_STORE, n(v), null, null, a.imm + offset);
        } else {
            effect(0, Node.HOST_STORE, a, n(v), null, offset);
        }
    }

    @Override
    public Value linearAddress(Operand memory, int bytes, boolean isWrite) {
        throw new Unsupported();
    }

    @Override
    public Value immediate() {
        return f.constant(32, insn.immediate);
    }

    // Registers and stack

    @Override
    public Value reg(int number, int bits) {
        return readRegister(number * 8, bits);
    }

    @Override
    public void setReg(int number, Value v) {
        writeRegister(number * 8, n(v));
    }

    /** Known to {@link NativeHelpers} only. */
    @Override
    public Value record() {
        return f.record();
    }

    @Override
    public void push(Value v) {
        Node sp = f.add(registers[RSP], f.constant(addressBits(), -v.bits() / 8));
        exiting(0, Node.STORE, sp, n(v), null, 0);
        registers[RSP] = sp;
    }

    @Override
    public Value top(int bits) {
        return exiting(bits, Node.LOAD, registers[RSP], null, null, 0);
    }

    /** A guest load for the helpers that have a native form. */
    Node loadAt(Node linearAddress, int bits) {
        return exiting(bits, Node.LOAD, linearAddress, null, null, 0);
    }

    @Override
    public void addToStackPointer(int bytes) {
        registers[RSP] = f.add(registers[RSP], f.constant(addressBits(), bytes));
    }

    @Override
    public void addToStackPointer(Value bytes) {
        registers[RSP] = f.add(registers[RSP], f.zeroExtend(n(bytes), addressBits()));
    }

    @Override
    public void writePopped(Operand memory, Value v, int bytes) {
        exiting(0, Node.STORE, segmented(offset(bytes)), n(v), null, 0);
    }

    // Arithmetic

    @Override
    public Value constant(int bits, long v) {
        return f.constant(bits, v);
    }

    @Override
    public Value add(Value a, Value b) {
        return f.add(n(a), n(b));
    }

    @Override
    public Value sub(Value a, Value b) {
        return f.sub(n(a), n(b));
    }

    @Override
    public Value mul(Value a, Value b) {
        return f.mul(n(a), n(b));
    }

    @Override
    public Value and(Value a, Value b) {
        return f.and(n(a), n(b));
    }

    @Override
    public Value or(Value a, Value b) {
        return f.or(n(a), n(b));
    }

    @Override
    public Value xor(Value a, Value b) {
        return f.xor(n(a), n(b));
    }

    @Override
    public Value shl(Value a, Value count) {
        return f.shl(n(a), n(count));
    }

    @Override
    public Value shr(Value a, Value count) {
        return f.shr(n(a), n(count));
    }

    @Override
    public Value sar(Value a, Value count) {
        return f.sar(n(a), n(count));
    }

    @Override
    public Value rotl(Value a, Value count) {
        return f.rotl(n(a), n(count));
    }

    @Override
    public Value zeroExtend(Value a, int bits) {
        return f.zeroExtend(n(a), bits);
    }

    @Override
    public Value signExtend(Value a, int bits) {
        return f.signExtend(n(a), bits);
    }

    @Override
    public Value truncate(Value a, int bits) {
        return f.truncate(n(a), bits);
    }

    @Override
    public Value equal(Value a, Value b) {
        return f.equal(n(a), n(b));
    }

    @Override
    public Value lessUnsigned(Value a, Value b) {
        return f.lessUnsigned(n(a), n(b));
    }

    @Override
    public Value select(Value c, Value a, Value b) {
        return f.select(n(c), n(a), n(b));
    }

    // Flags

    @Override
    public boolean flagsLive() {
        return true;
    }

    @Override
    public void flags(int kind, Value a, Value b, Value r) {
        flags = FlagState.known(kind == ADD ? Flags.ADD_ALL : Flags.SUB_ALL, a.bits(), null, n(a), n(b), n(r));
    }

    @Override
    public void flagsLogic(Value r) {
        // SUB_ALL with a zero second operand: FA = FR.
        flags = FlagState.known(Flags.SUB_ALL, r.bits(), null, n(r), f.constant(r.bits(), 0), n(r));
    }

    @Override
    public void flagsKeepCarry(int kind, Value a, Value r) {
        Node carry = f.zeroExtend(n(condition(B)), 32);
        flags = FlagState.known(kind == ADD ? Flags.INC : Flags.DEC, a.bits(), carry, n(a), f.constant(a.bits(), 1), n(r));
    }

    @Override
    public void flagsResult(Value r, Value carry, Value overflow, Value adjust) {
        flags = FlagState.known(0, r.bits(), explicit(n(carry), n(overflow), n(adjust)), n(r), null, n(r));
    }

    private Node explicit(Node carry, Node overflow, Node adjust) {
        Node x = f.or(f.zeroExtend(carry, 32), f.shl(f.zeroExtend(overflow, 32), f.constant(32, 1)));
        return adjust == null ? x : f.or(x, f.shl(f.zeroExtend(adjust, 32), f.constant(32, 2)));
    }

    @Override
    public void flagsResultUnless(Value skip, Value r, Value carry, Value overflow, Value adjust) {
        FlagState before = readFlags();
        if (n(skip).isConst()) {
            if (n(skip).imm == 0) {
                flagsResult(r, carry, overflow, adjust);
            }
            return;
        }
        flagsResult(r, carry, overflow, adjust);
        chooseFlags(n(skip), before, flags);
    }

    /** Flags are those of one state or the other. */
    private void chooseFlags(Node first, FlagState x, FlagState y) {
        FlagState u = f.unknown(x), v = f.unknown(y);
        flags = FlagState.unknown(f.select(first, u.fk, v.fk), f.select(first, u.fx, v.fx), f.select(first, u.a, v.a), f.select(first, u.r, v.r));
    }

    @Override
    public void flagsCarryOverflow(Value skip, Value carry, Value overflow) {
        if (skip != null && n(skip).isConst(1)) {
            return;
        }
        FlagState before = readFlags();
        Node bits = explicit(n(carry), n(overflow), null);
        if (before.isKnown()) {
            Node rest = before.fx == null ? null : f.and(before.fx, f.constant(32, ~3));
            flags = FlagState.known(before.kind & ~3, before.width, rest == null ? bits : f.or(rest, bits), before.a, before.b, before.r);
        } else {
            flags = FlagState.unknown(f.and(before.fk, f.constant(32, ~3)), f.or(f.and(before.fx, f.constant(32, ~3)), bits), before.a, before.r);
        }
        if (skip != null && !n(skip).isConst()) {
            chooseFlags(n(skip), before, flags);
        }
    }

    @Override
    public void flagCarry(Value carry) {
        Node c = f.zeroExtend(n(carry), 32);
        readFlags();
        if (flags.isKnown()) {
            Node rest = flags.fx == null ? null : f.and(flags.fx, f.constant(32, ~1));
            flags = FlagState.known(flags.kind & ~1, flags.width, rest == null ? c : f.or(rest, c), flags.a, flags.b, flags.r);
        } else {
            flags = FlagState.unknown(f.and(flags.fk, f.constant(32, ~1)), f.or(f.and(flags.fx, f.constant(32, ~1)), c), flags.a, flags.r);
        }
    }

    @Override
    public void flagZero(Value zero) {
        FlagState s = readFlags();
        explicitFlags(Conditions.of(f, s, B), n(zero), Conditions.of(f, s, S), Conditions.of(f, s, O), Conditions.of(f, s, P), Conditions.adjust(f, s));
    }

    /** All arithmetic flags given (1 bit each): the form of Flags.setArithmetic. */
    void explicitFlags(Node carry, Node zero, Node sign, Node overflow, Node parity, Node adjust) {
        Node x = f.or(explicit(carry, overflow, adjust), f.or(f.shl(f.zeroExtend(parity, 32), f.constant(32, 3)), f.shl(f.zeroExtend(sign, 32), f.constant(32, 4))));
        Node r = f.zeroExtend(f.not(zero), 64);
        flags = FlagState.known(Flags.EXPLICIT, 64, x, r, null, r);
    }

    @Override
    public Value condition(int code) {
        return Conditions.of(f, readFlags(), code);
    }

    // Control

    @Override
    public Value nextIp(int bits) {
        return f.constant(bits, insn.next());
    }

    @Override
    public void jump() {
        terminator = Terminator.jump();
    }

    @Override
    public void jumpIf(Value c) {
        terminator = Terminator.conditional(n(c));
    }

    @Override
    public void checkTarget(Value a) {
        if (a.bits() == 64 && !n(a).isConst()) {
            Node x = n(a);
            Node isCanonical = f.equal(f.sar(f.shl(x, f.constant(64, 16)), f.constant(64, 16)), x);
            targetCheck = exiting(0, Node.GUARD, f.isZero(f.shr(x, f.constant(64, 47))), isCanonical, null, 0);
        }
    }

    @Override
    public void jumpTo(Value a) {
        terminator = Terminator.indirect(f.zeroExtend(n(a), addressBits()));
    }

    @Override
    public void leave() {
        throw new Unsupported();
    }

    @Override
    public Value call(Helper helper, Value... arguments) {
        return FpuLowering.knows(helper) ? fpuLowering.call(helper, arguments) : NativeHelpers.call(this, f, helper, arguments);
    }

    // For FpuLowering

    void stateStore(int offset, Node v) {
        effect(0, Node.STATE_STORE, v, null, null, offset);
    }

    long instructionAddress() {
        return insn.pc;
    }

    int displacement() {
        return insn.displacement;
    }

    Node memoryOffset() {
        return offset(0);
    }

    int memorySegment() {
        return insn.segment;
    }

    /** Linear memory of the operand that {@link #prepareBytes} looked up for a store. */
    Node preparedHost() {
        return host;
    }

    // For VectorLowering

    int vectorNumber(Operand register) {
        return field(register);
    }

    long immediateValue() {
        return insn.immediate;
    }

    Node vectorRegister(Operand o) {
        return vectorRegisters[vectorNumber(o)];
    }

    void setVectorRegister(Operand o, Node v) {
        vectorRegisters[vectorNumber(o)] = v;
    }

    /** Number of the vector register whose lower half is at an offset of the state, if they are kept in locals; else -1. */
    private int vectorAt(int offset) {
        boolean isVector = vectors != null && offset >= CpuState.XMM && offset < CpuState.XMM + 512 && (offset - CpuState.XMM & 16) == 0;
        return isVector ? offset - CpuState.XMM >> 5 : -1;
    }

    /** Leaves the region unless MXCSR has its default modes, and the precision exception's flag set (WebAssembly keeps none). */
    void requireDefaultMode() {
        if (!isDefaultMode) {
            Node sticky = f.or(stateLoad(32, CpuState.MXCSR), f.constant(32, 0x1F));
            guard(f.equal(sticky, f.constant(32, 0x1FBF)));
            isDefaultMode = true;
        }
    }

    /** Whether exceptions of floating point have been raised before, so that raising them again changes nothing. */
    Node areRaised(int flags) {
        if (mxcsr == null) {
            mxcsr = stateLoad(32, CpuState.MXCSR);
        }
        return f.equal(f.and(mxcsr, f.constant(32, flags)), f.constant(32, flags));
    }

    /** A value that is usually right; where neither condition says so, another one if that may be taken. Else the region is left. */
    Node repaired(Node usual, Node isUsual, Node isSeldom, Node mayReplace, Node replacement) {
        Node n = new Node(usual.bits(), Node.REPAIR, isUsual, isSeldom, mayReplace, replacement, 0);
        n.second = usual;
        n.snapshot = snapshot;
        nodes.add(n);
        return n;
    }

    /** Whether floating point at this time has the default modes: else it is better left to the interpreter. */
    boolean isDefaultModeNow() {
        return (Memory.get32(cpu + CpuState.MXCSR) | 0x1F) == 0x1FBF;
    }

    /** Linear memory of the 16-byte memory operand; alignment 0 or 16. */
    Node vectorAddress(int alignment, boolean isWrite) {
        checkAlignment(alignment);
        return exiting(32, Node.GUEST_ADDRESS, linear(), null, null, 16 | (isWrite ? JitAccess.WRITE : 0));
    }

    Node vectorMemory(int alignment) {
        return effect(128, Node.HOST_LOAD, vectorAddress(alignment, false), null, null, 0);
    }

    void vectorStore(Node to, Node v) {
        effect(0, Node.HOST_STORE, to, v, null, 0);
    }

    Node vector(int op, Node a, Node b, byte[] lanes) {
        return f.vector(128, op, a, b, lanes);
    }

    /** A vector instruction with a 32-bit result. */
    Node vectorMask(int op, Node a) {
        return f.vector(32, op, a, null, null);
    }

    // For NativeHelpers

    boolean is64() {
        return is64;
    }

    /** Byte offset of the register that is the instruction's first field. */
    int firstField() {
        return insn.a;
    }

    Node registerAt(int offset, int bits) {
        return readRegister(offset, bits);
    }

    void setRegisterAt(int offset, Node v) {
        writeRegister(offset, v);
    }

    void check(Node condition) {
        guard(condition);
    }

    Node divide(int op, Node a, Node b) {
        return effect(a.bits(), Node.DIVIDE, a, b, null, op);
    }
}
