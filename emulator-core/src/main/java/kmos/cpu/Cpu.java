// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Check;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.base.StateFields;
import kmos.cpu.decode.Interpreter32;
import kmos.cpu.decode.Interpreter64;
import kmos.cpu.fpu.FloatUnit;
import kmos.cpu.jit.CompileBudget;
import kmos.cpu.jit.Jit;
import kmos.cpu.jit.JitBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import kmos.machine.FrameWatcher;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;

/**
 * One x86 processor: {@link CpuContext} over the state in linear memory. TLB pool, decoded blocks and jump cache are
 * derived: rebuilt, never saved.
 */
public final class Cpu implements CpuContext, FrameWatcher {
    /** EXIT_CODE that only makes the run loop choose its loop again (mode changed, trap flag set). */
    static final int CONTINUE = 100;
    /** Frame flag of ours: some TLB entry has or had a W tag for it. */
    static final int HAD_WRITE_TAG = 8;
    /** Frame flag: holds part of an instruction on two pages that the jump cache may lead to. */
    static final int STRADDLED = 32;

    private final Machine machine;
    private CpuModel model;
    private final int base;
    private final int handle;
    private final CpuFault fault = new CpuFault();
    private final IsaProperties isa = new IsaProperties();
    private Decoder decoder;
    private final FloatUnit floats = new FloatUnit();
    private final int[] pendingFlags = new int[256];
    private final int fallThroughId;
    private final int undefinedId;
    private final int generalProtectionId;
    private final int callRow;
    private final int[] loopRows = new int[3];
    /** Derived. */
    private Jit jit;
    private int jitThreshold;
    /** Derived: hot blocks, while the compiler's time is bounded; else null. */
    private CompileQueue compileQueue;

    private int exitVector;
    private int exitErrorCode;
    private long exitAddress;
    private int debugStatus;
    /** Derived: the last exception came of fetching an instruction. Used within run. */
    private boolean isExitOfFetch;
    private long instructions;
    private int gdt;
    private int gdtLimit;
    private int[] ldt = new int[0];
    private int ldtLimit = -1;

    /** Derived: keys and ages of the TLB slots. */
    private final long[] slotCr3 = new long[CpuState.TLB_SLOTS];
    private final int[] slotPaging = new int[CpuState.TLB_SLOTS];
    /** Bits of the code whose translations a TLB holds; 0: none yet. */
    private final int[] slotBits = new int[CpuState.TLB_SLOTS];
    private final int[] slotGeneration = new int[CpuState.TLB_SLOTS];
    private final long[] slotUsed = new long[CpuState.TLB_SLOTS];
    private int slot;
    private long uses;
    private int lastGeneration;
    private long decoded;
    private final CodeProbe probe = new CodeProbe();

    /** A processor of the default model. */
    public Cpu(Machine machine, MemoryArena arena, int codeBytes) {
        this(machine, arena, codeBytes, CpuModel.v2());
    }

    /** A processor of this machine, its memory taken from the arena, with codeBytes for decoded blocks. */
    public Cpu(Machine machine, MemoryArena arena, int codeBytes, CpuModel model) {
        this.machine = machine;
        this.model = model;
        PhysicalMemory ram = machine.memory();
        int frames = ram.frameCount();
        base = arena.allocate(CpuState.size(frames, codeBytes));
        handle = Machines.add(this);
        decoder = new Decoder(isa, model.features());
        int cpu = base;
        Memory.put32(cpu + CpuState.HANDLE, handle);
        Memory.put32(cpu + CpuState.RAM, ram.linear(0));
        Memory.put32(cpu + CpuState.RAM_SIZE, ram.size());
        Memory.put32(cpu + CpuState.FRAME_FLAGS, ram.flagsAddress());
        Memory.put32(cpu + CpuState.FRAME_BLOCKS, cpu + CpuState.FRAME_HEADS);
        int start = cpu + CpuState.FRAME_HEADS + frames * 4 + 15 & ~15;
        Memory.put32(cpu + CpuState.CODE_START, start);
        Memory.put32(cpu + CpuState.CODE_NEXT, start + 16);
        Memory.put32(cpu + CpuState.CODE_END, cpu + CpuState.size(frames, codeBytes));
        Memory.put64(cpu + CpuState.CR0, 0x80050033L);
        fallThroughId = id(0xEB, 2);
        undefinedId = id(0x0F0B, 2);
        generalProtectionId = id(0xF4, 2);
        id(0xE8, 1);
        callRow = decoder.row;
        for (int i = 0; i < 3; i++) {
            id(0xE0 + i, 1);
            loopRows[i] = decoder.row;
        }
        useSlot(0);
        resetUser(32, 0x23, 0x2B);
        ram.setWatcher(this);
    }

    /** Form number of a one- or two-byte opcode, through the decoder itself. */
    private int id(int opcode, int width) {
        int at = base + CpuState.SCRATCH;
        int p = at;
        if (opcode > 0xFF) {
            Memory.put8(p++, opcode >>> 8);
        }
        Memory.put8(p++, opcode);
        Memory.put32(p, 0);
        decoder.decode(at, 15, BlockCache.BITS32 | BlockCache.FLAT | BlockCache.STACK32);
        return decoder.formId();
    }

    /** Compiles code that was entered threshold times, from now on. Takes the compiler's memory from the arena. */
    public void enableJit(JitBackend backend, MemoryArena arena, int threshold) {
        BlockCache.flush(base);
        jit = new Jit(base, backend, arena);
        jitThreshold = threshold;
    }

    /**
     * From now on what has become hot is compiled between stretches of the interpreter, the hottest first, and as the budget allows; {@link #beginSlice}
     * and {@link #endSlice} tell it what time passes.
     */
    public void boundCompiler(CompileBudget budget) {
        compileQueue = new CompileQueue(base, jit, budget, jitThreshold);
    }

    /** What waits for the compiler; null: everything is compiled at once. */
    public CompileQueue compileQueue() {
        return compileQueue;
    }

    /** The host lets the machine run for a while. */
    public void beginSlice() {
        if (compileQueue != null) {
            compileQueue.beginSlice();
        }
    }

    public void endSlice(boolean waits) {
        if (compileQueue != null) {
            compileQueue.endSlice(waits);
        }
    }

    /** The region compiler, or null. */
    public Jit jit() {
        return jit;
    }

    int jitThreshold() {
        return jitThreshold;
    }

    int callRow() {
        return callRow;
    }

    /** LOOP, LOOPE, LOOPNE. */
    boolean isLoopRow(int row) {
        return row == loopRows[0] || row == loopRows[1] || row == loopRows[2];
    }

    /** Gives the handle back; the linear memory belongs to whoever made the arena. */
    public void close() {
        Machines.remove(handle);
    }

    Machine machine() {
        return machine;
    }

    /** What this processor can do, and says it can. */
    public CpuModel model() {
        return model;
    }

    /** Rows of x86.isa. */
    public int rowCount() {
        return isa.rows.length / IsaProperties.ROW;
    }

    /** Number of the row of x86.isa that the instruction at a physical address decodes to now, or -1: for documentation. */
    public int rowAt(int physical) {
        int outcome = decoder.decode(machine.memory().linear(physical), 15, Memory.get32(base + CpuState.MODE));
        return outcome == Decoder.OK ? decoder.row : -1;
    }

    CpuFault fault() {
        return fault;
    }

    FloatUnit floats() {
        return floats;
    }

    Decoder decoder() {
        return decoder;
    }

    int[] pendingFlags() {
        return pendingFlags;
    }

    int fallThroughId() {
        return fallThroughId;
    }

    int undefinedId() {
        return undefinedId;
    }

    int generalProtectionId() {
        return generalProtectionId;
    }

    void countDecoded(int n) {
        decoded += n;
    }

    /** Instructions decoded since power-on (statistics). */
    public long decodedCount() {
        return decoded;
    }

    /** Base address of this vCPU's state in linear memory. */
    public int base() {
        return base;
    }

    // Registers

    @Override
    public long register(int number) {
        long v = Memory.get64(base + number * 8);
        // 32-bit code of a 64-bit program keeps the upper halves that it does not write.
        return bits() == 64 ? v : v & 0xFFFFFFFFL;
    }

    @Override
    public void setRegister(int number, long value) {
        Memory.put64(base + number * 8, bits() == 64 ? value : value & 0xFFFFFFFFL);
    }

    @Override
    public long instructionPointer() {
        return Memory.get64(base + CpuState.RIP);
    }

    @Override
    public void setInstructionPointer(long value) {
        Memory.put64(base + CpuState.RIP, bits() == 64 ? value : value & 0xFFFFFFFFL);
    }

    @Override
    public long flags() {
        return Flags.get(base) & 0xFFFFFFFFL;
    }

    @Override
    public void setFlags(long value) {
        Flags.put(base, (int) value);
    }

    @Override
    public int selector(int segment) {
        return Memory.get16(base + CpuState.SELECTOR + segment * 4);
    }

    @Override
    public long segmentBase(int segment) {
        return Memory.get64(base + CpuState.BASE + segment * 8);
    }

    @Override
    public long segmentLimit(int segment) {
        return Memory.getUnsigned32(base + CpuState.LIMIT + segment * 4);
    }

    @Override
    public void setSegmentBase(int segment, long value) {
        Memory.put64(base + CpuState.BASE + segment * 8, value);
        if (segment < 4) {
            updateMode();
        }
    }

    @Override
    public void setGdt(int physical, int limit) {
        gdt = physical;
        gdtLimit = limit;
    }

    @Override
    public void setLdt(int[] frames, int limit) {
        ldt = frames;
        ldtLimit = frames.length == 0 ? -1 : limit;
    }

    /** The descriptor a selector names, or null beyond the table. */
    Descriptor descriptor(int selector) {
        boolean isLocal = (selector & 4) != 0;
        int offset = selector & 0xFFF8;
        if (offset + 7 > (isLocal ? ldtLimit : gdtLimit)) {
            return null;
        }
        int at = isLocal ? ldt[offset >>> 12] + (offset & 0xFFF) : gdt + offset;
        return new Descriptor(machine.memory().read32(at), machine.memory().read32(at + 4));
    }

    /** Vector of the fault a jump or call to this selector would raise, 0 if none. */
    int checkCode(int selector) {
        int cpl = Memory.get32(base + CpuState.CPL);
        Descriptor d = (selector & 0xFFFC) == 0 ? null : descriptor(selector);
        if (d == null || !d.isCode() || (d.isConforming() ? d.privilege() > cpl : d.privilege() != cpl || (selector & 3) > cpl)) {
            return CpuFault.GP;
        }
        return present(d);
    }

    /** The same for a far return or IRET: the selector's RPL is the new privilege level, here the present one. */
    int checkReturn(int selector) {
        int rpl = selector & 3;
        Descriptor d = (selector & 0xFFFC) == 0 ? null : descriptor(selector);
        if (d == null || !d.isCode() || rpl != Memory.get32(base + CpuState.CPL) || (d.isConforming() ? d.privilege() > rpl : d.privilege() != rpl)) {
            return CpuFault.GP;
        }
        return present(d);
    }

    private static int present(Descriptor d) {
        // L with D is reserved.
        return d.isLong() && (d.high() & 0x400000) != 0 ? CpuFault.GP : d.isPresent() ? 0 : CpuFault.NP;
    }

    /** Loads CS with a checked selector. */
    void loadCode(int selector) {
        putSegment(CS, selector & ~3 | Memory.get32(base + CpuState.CPL), descriptor(selector));
        int oldBits = bits();
        updateMode();
        if (oldBits == 64 && bits() != 64) {
            Memory.put64(base + CpuState.RIP, Memory.get64(base + CpuState.RIP) & 0xFFFFFFFFL);
        }
    }

    /** Vector of the fault a load of SS would raise, 0 if none. A null selector is good only for ring 0 to 2 in 64-bit mode. */
    int checkStack(int selector, boolean is64) {
        int cpl = Memory.get32(base + CpuState.CPL);
        if ((selector & 0xFFFC) == 0) {
            return is64 && cpl != 3 ? 0 : CpuFault.GP;
        }
        Descriptor d = descriptor(selector);
        if (d == null || (selector & 3) != cpl || !d.isWritable() || d.privilege() != cpl) {
            return CpuFault.GP;
        }
        return d.isPresent() ? 0 : CpuFault.SS;
    }

    /** Loads SS with a checked selector. */
    void loadStack(int selector) {
        if ((selector & 0xFFFC) == 0) {
            putNull(SS, selector);
        } else {
            putSegment(SS, selector, descriptor(selector));
        }
        updateMode();
    }

    private void putNull(int segment, int selector) {
        Memory.put32(base + CpuState.SELECTOR + segment * 4, selector);
        Memory.put32(base + CpuState.ATTRIBUTES + segment * 4, 0);
        Memory.put64(base + CpuState.BASE + segment * 8, 0);
    }

    @Override
    public int loadSegment(int segment, int selector) {
        int cpl = Memory.get32(base + CpuState.CPL);
        if (segment == CS) {
            int vector = checkCode(selector);
            if (vector == 0) {
                loadCode(selector);
            }
            return vector;
        }
        if (segment == SS) {
            int vector = checkStack(selector, bits() == 64);
            if (vector == 0) {
                loadStack(selector);
            }
            return vector;
        }
        if ((selector & 0xFFFC) == 0) {
            putNull(segment, selector);
            updateMode();
            return 0;
        }
        Descriptor d = descriptor(selector);
        if (d == null || !d.isReadable() || !d.isConforming() && (d.privilege() < cpl || d.privilege() < (selector & 3))) {
            return CpuFault.GP;
        }
        if (!d.isPresent()) {
            return CpuFault.NP;
        }
        putSegment(segment, selector, d);
        updateMode();
        return 0;
    }

    private void putSegment(int segment, int selector, Descriptor d) {
        Memory.put32(base + CpuState.SELECTOR + segment * 4, selector);
        Memory.put32(base + CpuState.ATTRIBUTES + segment * 4, d.attributes());
        Memory.put32(base + CpuState.LIMIT + segment * 4, d.limit());
        Memory.put64(base + CpuState.BASE + segment * 8, d.base());
    }

    private void flatSegment(int segment, int selector, int attributes) {
        Memory.put32(base + CpuState.SELECTOR + segment * 4, selector);
        Memory.put32(base + CpuState.ATTRIBUTES + segment * 4, attributes);
        Memory.put32(base + CpuState.LIMIT + segment * 4, -1);
        Memory.put64(base + CpuState.BASE + segment * 8, 0);
    }

    /** Code size and flatness, for the decoder. */
    private void updateMode() {
        int cs = Memory.get32(base + CpuState.ATTRIBUTES + 4);
        int mode;
        if ((cs & 0x2000) != 0) {
            mode = BlockCache.BITS64 | BlockCache.STACK32;
        } else {
            mode = (cs & 0x4000) != 0 ? BlockCache.BITS32 : 0;
            mode |= (Memory.get32(base + CpuState.ATTRIBUTES + 8) & 0x4000) != 0 ? BlockCache.STACK32 : 0;
            boolean isFlat = true;
            for (int s = ES; s <= DS; s++) {
                isFlat &= Memory.get64(base + CpuState.BASE + s * 8) == 0 && Memory.get32(base + CpuState.LIMIT + s * 4) == -1
                    && (s == CS || (Memory.get32(base + CpuState.ATTRIBUTES + s * 4) & Descriptor.KIND) == Descriptor.WRITABLE_DATA);
            }
            int limit = Memory.get32(base + CpuState.LIMIT + 4);
            mode |= limit == ((mode & BlockCache.BITS32) != 0 ? -1 : 0xFFFF) ? 0 : BlockCache.LIMITED;
            mode |= isFlat ? BlockCache.FLAT : 0;
            mode |= (int) (Memory.get64(base + CpuState.BASE + 8) & 0xFFF) << 8;
        }
        int oldMode = Memory.get32(base + CpuState.MODE);
        Memory.put32(base + CpuState.MODE, mode);
        modeChanged(oldMode);
    }

    /**
     * 32-bit code compares the lower halves of addresses only, so it must not find translations of 64-bit code. The page table of what runs now is
     * set first.
     */
    private void modeChanged(int oldMode) {
        int mode = Memory.get32(base + CpuState.MODE);
        if (mode != oldMode) {
            newGeneration();
        }
        int bits = (mode & BlockCache.BITS64) != 0 ? 64 : 32;
        boolean isOther = slotBits[slot] == 0 ? ((mode ^ oldMode) & BlockCache.BITS64) != 0 : slotBits[slot] != bits;
        if (isOther) {
            clearSlot(slot);
        }
        slotBits[slot] = bits;
    }

    @Override
    public void resetUser(int bits, int cs, int ss) {
        Memory.fill(base, CpuState.CONTEXT, 0);
        Flags.put(base, Flags.IF | 2);
        // Code: present, DPL 3, readable, accessed; L or D; data: writable, accessed, B.
        flatSegment(CS, cs, bits == 64 ? 0xA0FB : 0xC0FB);
        flatSegment(SS, ss, 0xC0F3);
        boolean is64 = bits == 64;
        flatSegment(DS, is64 ? 0 : ss, is64 ? 0 : 0xC0F3);
        flatSegment(ES, is64 ? 0 : ss, is64 ? 0 : 0xC0F3);
        Memory.put32(base + CpuState.FCW, 0x37F);
        Memory.put32(base + CpuState.MXCSR, 0x1F80);
        Memory.put32(base + CpuState.CPL, 3);
        updateMode();
    }

    @Override
    public int bits() {
        int mode = Memory.get32(base + CpuState.MODE);
        return (mode & BlockCache.BITS64) != 0 ? 64 : (mode & BlockCache.BITS32) != 0 ? 32 : 16;
    }

    @Override
    public void save(int physical) {
        // Saved registers are state: lazy flags have many forms for one value.
        Flags.put(base, Flags.get(base));
        Memory.copy(base, machine.memory().linear(physical), CpuState.CONTEXT);
        machine.memory().written(physical, CpuState.CONTEXT);
    }

    @Override
    public void load(int physical) {
        int oldMode = Memory.get32(base + CpuState.MODE);
        Memory.copy(machine.memory().linear(physical), base, CpuState.CONTEXT);
        modeChanged(oldMode);
    }

    @Override
    public void fxsave(int physical) {
        FxState.save(base, machine.memory().linear(physical), bits() == 64);
        machine.memory().written(physical, 512);
    }

    @Override
    public void fxrstor(int physical) {
        FxState.restore(base, machine.memory().linear(physical), bits() == 64);
    }

    @Override
    public int xsaveSize() {
        return model.xcr0() == 0 ? 0 : XsaveArea.SIZE;
    }

    @Override
    public long xcr0() {
        return model.xcr0();
    }

    @Override
    public void xsave(int physical) {
        XsaveArea.save(base, machine.memory().linear(physical));
        machine.memory().written(physical, XsaveArea.SIZE);
    }

    @Override
    public boolean xrstor(int physical, long components) {
        return XsaveArea.restore(base, machine.memory().linear(physical), (int) components & model.xcr0());
    }

    // Address spaces

    @Override
    public void setPageTable(long cr3, int paging) {
        Memory.put64(base + CpuState.CR3, cr3);
        Memory.put32(base + CpuState.PAGING, paging);
        int oldest = 0;
        for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
            if (slotUsed[i] > 0 && slotCr3[i] == cr3 && slotPaging[i] == paging) {
                useSlot(i);
                return;
            }
            if (slotUsed[i] < slotUsed[oldest]) {
                oldest = i;
            }
        }
        slotCr3[oldest] = cr3;
        slotPaging[oldest] = paging;
        clearSlot(oldest);
        useSlot(oldest);
    }

    private void useSlot(int i) {
        if (i != slot) {
            RangeTlb.clear(base);
        }
        slot = i;
        slotUsed[i] = ++uses;
        Memory.put32(base + CpuState.TLB, base + CpuState.TLB_POOL + i * CpuState.TLB_SIZE);
        Memory.put32(base + CpuState.JUMP_GENERATION, slotGeneration[i]);
    }

    private void clearSlot(int i) {
        Memory.fill(base + CpuState.TLB_POOL + i * CpuState.TLB_SIZE, CpuState.TLB_SIZE, 0);
        RangeTlb.clear(base);
        slotBits[i] = 0;
        slotGeneration[i] = ++lastGeneration;
        if (i == slot) {
            Memory.put32(base + CpuState.JUMP_GENERATION, slotGeneration[i]);
        }
    }

    /** Nothing that compiled code knows of other places holds any more, in any address space. */
    private void newGenerations() {
        for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
            slotGeneration[i] = ++lastGeneration;
        }
        Memory.put32(base + CpuState.JUMP_GENERATION, slotGeneration[slot]);
    }

    private void newGeneration() {
        slotGeneration[slot] = ++lastGeneration;
        Memory.put32(base + CpuState.JUMP_GENERATION, slotGeneration[slot]);
    }

    @Override
    public long cr3() {
        return Memory.get64(base + CpuState.CR3);
    }

    @Override
    public void invalidatePage(long linear) {
        int p = Memory.get32(base + CpuState.TLB) + ((int) (linear >>> 7) & 0x1FFE0);
        Memory.put64(p, 0);
        Memory.put64(p + 8, 0);
        RangeTlb.clear(base);
        boolean isElsewhere = (Memory.get32(base + CpuState.MODE) & BlockCache.BITS64) == 0 && Memory.get64(base + CpuState.BASE + 8) != 0;
        if (jit != null && jit.covers(linear) || isElsewhere) {
            newGeneration();
        }
        BlockCache.forgetPage(base, linear);
    }

    @Override
    public void flushTlb(long cr3) {
        for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
            if (slotUsed[i] > 0 && slotCr3[i] == cr3) {
                clearSlot(i);
            }
        }
    }

    /** A frame got its first decoded block: no TLB entry may let stores through unseen. */
    void markCode(int frame) {
        int at = machine.memory().flagsAddress() + frame;
        int flags = Memory.get8(at);
        if ((flags & PhysicalMemory.CODE) != 0) {
            return;
        }
        if ((flags & HAD_WRITE_TAG) != 0) {
            dropWriteTags(frame);
        }
        Memory.put8(at, flags & ~HAD_WRITE_TAG | PhysicalMemory.CODE);
    }

    /** The same, and part of an instruction on two pages. */
    void markStraddled(int frame) {
        markCode(frame);
        int at = machine.memory().flagsAddress() + frame;
        Memory.put8(at, Memory.get8(at) | STRADDLED);
    }

    private void dropWriteTags(int frame) {
        int host = machine.memory().linear(frame << PhysicalMemory.FRAME_SHIFT);
        RangeTlb.clear(base);
        for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
            int table = base + CpuState.TLB_POOL + i * CpuState.TLB_SIZE;
            for (int p = table; p < table + CpuState.TLB_SIZE; p += 32) {
                long tag = Memory.get64(p + 8);
                if (tag != 0 && ((int) tag & ~0xFFF) + Memory.get32(p + 16) == host) {
                    Memory.put64(p + 8, 0);
                }
            }
        }
    }

    @Override
    public void forgetWriteTags() {
        RangeTlb.clear(base);
        for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
            if (slotUsed[i] > 0) {
                int table = base + CpuState.TLB_POOL + i * CpuState.TLB_SIZE;
                for (int p = table; p < table + CpuState.TLB_SIZE; p += 32) {
                    Memory.put64(p + 8, 0);
                }
            }
        }
    }

    /** Somebody wrote to a frame with decoded code: its blocks are dropped. */
    @Override
    public void frameWritten(int frame) {
        int at = machine.memory().flagsAddress() + frame;
        int flags = Memory.get8(at);
        if ((flags & PhysicalMemory.CODE) != 0) {
            Memory.put8(at, flags & ~(PhysicalMemory.CODE | STRADDLED));
            Memory.put32(base + CpuState.CODE_EPOCH, Memory.get32(base + CpuState.CODE_EPOCH) + 1);
            if ((flags & STRADDLED) != 0) {
                newGenerations();
            }
            if (jit != null) {
                if (jit.dropTables(frame)) {
                    newGenerations();
                }
                for (int block : jit.drop(frame)) {
                    if (Memory.get32(block - 16) != frame) {
                        BlockCache.dropBlock(base, block);
                    }
                }
            }
            BlockCache.dropFrame(base, frame);
        }
    }

    /**
     * Does something as if the processor were in another address space, in its flat 64- or 32-bit user code: between slices, for
     * who only looks. The guest cannot see it: what is kept of translations is derived.
     */
    public void inspect(long cr3, int paging, boolean is64, Runnable what) {
        long oldCr3 = cr3();
        int oldPaging = Memory.get32(base + CpuState.PAGING), oldMode = Memory.get32(base + CpuState.MODE);
        setPageTable(cr3, paging);
        Memory.put32(base + CpuState.MODE, is64 ? BlockCache.BITS64 | BlockCache.STACK32 : BlockCache.BITS32 | BlockCache.FLAT | BlockCache.STACK32);
        try {
            what.run();
        } finally {
            Memory.put32(base + CpuState.MODE, oldMode);
            setPageTable(oldCr3, oldPaging);
        }
    }

    // Running

    @Override
    public int run(long untilCycle) {
        for (;;) {
            long left = untilCycle - machine.clock().cycles();
            if (left <= 0) {
                return CpuExit.SLICE_END;
            }
            int budget = (int) Math.min(left, 1 << 30);
            boolean isStepping = Debug.isStepping(base);
            if (isStepping) {
                int hits = Debug.atInstruction(base, linearInstructionPointer());
                if (hits != 0) {
                    setDebugException(hits);
                    return CpuExit.FAULT;
                }
                budget = 1;
            }
            if (probe.isOn() && probe.arrives(linearInstructionPointer(), cr3(), machine.clock().cycles())) {
                budget = 1;
            }
            if (compileQueue != null && compileQueue.isDue() && !probe.isOn()) {
                compileQueue.compile();
            }
            boolean isWatching = Debug.isWatching(base);
            boolean wasTracing = (Memory.get32(base + CpuState.FLAGS) & Flags.TF) != 0;
            begin(budget, isStepping, isWatching);
            // Compiled code may run only when neither holds: it knows nothing of single steps and of the empty TLB.
            int rest = bits() == 64 ? Interpreter64.run(base, budget) : Interpreter32.run(base, budget);
            int done = budget - rest;
            machine.clock().advanceCycles(done);
            instructions += done;
            int code = Memory.get32(base + CpuState.EXIT_CODE);
            if (isWatching) {
                useSlot(slot);
            }
            // A next instruction that could not even be fetched has not begun: the trap of this one comes first.
            boolean hasEnded = code == CpuExit.SLICE_END || code == CONTINUE || code == CpuExit.FAULT && isExitOfFetch;
            if (isStepping && done == 1 && hasEnded && !Debug.isShadowed(base)) {
                int status = Memory.get32(base + CpuState.WATCH_HITS) | (wasTracing ? Debug.BS : 0);
                if (status != 0) {
                    Memory.put32(base + CpuState.FLAGS, Memory.get32(base + CpuState.FLAGS) & ~Flags.RF);
                    setDebugException(status);
                    return CpuExit.FAULT;
                }
            }
            if (code != CpuExit.SLICE_END && code != CONTINUE) {
                return code;
            }
        }
    }

    private void begin(int budget, boolean isStepping, boolean isWatching) {
        Memory.put64(base + CpuState.RUN_START, machine.clock().cycles());
        Memory.put32(base + CpuState.RUN_BUDGET, budget);
        Memory.put32(base + CpuState.EXIT_CODE, CpuExit.SLICE_END);
        // RF covers one instruction, the first (SDM vol. 3B §17.3.1.1).
        Memory.put32(base + CpuState.FLAGS, Memory.get32(base + CpuState.FLAGS) & ~Flags.RF);
        if (isStepping) {
            if (!Debug.isShadowed(base)) {
                Memory.put32(base + CpuState.WATCH_HITS, 0);
            }
            Debug.clearShadow(base);
        }
        if (isWatching) {
            Memory.put32(base + CpuState.TLB, base + CpuState.NO_TLB);
        }
    }

    /** From now on {@link #probeHit} says when the instruction at this linear address was last reached. The guest cannot see it. Call between slices. */
    public void probe(long linear, long cr3) {
        endProbe();
        probe.begin(linear, cr3);
        dropPage(linear >>> 12);
    }

    public void endProbe() {
        if (probe.isOn()) {
            probe.end();
            dropPage(probe.address() >>> 12);
        }
    }

    /** What was decoded or compiled with or without a probe on the page is done again. */
    private void dropPage(long page) {
        if (jit != null) {
            jit.dropPage(page).forEach(block -> BlockCache.dropBlock(base, block));
        }
        BlockCache.dropAround(base, probe.address());
    }

    /** Guest time at which the probed instruction was last about to run, -1: it was not. */
    public long probeHit() {
        return probe.hit();
    }

    CodeProbe codeProbe() {
        return probe;
    }

    private long linearInstructionPointer() {
        return bits() == 64 ? instructionPointer() : instructionPointer() + segmentBase(CS) & 0xFFFFFFFFL;
    }

    private void setDebugException(int status) {
        setExitException(CpuFault.DB, 0, 0);
        debugStatus = status;
    }

    void takeFault() {
        setExitException(fault.vector(), fault.errorCode(), fault.address());
        isExitOfFetch = fault.isFetch();
        Memory.put32(base + CpuState.EXIT_CODE, CpuExit.FAULT);
        floats.abandon();
        // The image of RFLAGS that a fault saves has RF set.
        Memory.put32(base + CpuState.FLAGS, Memory.get32(base + CpuState.FLAGS) | Flags.RF);
    }

    /** A non-canonical address is #SS when the stack segment was used, else #GP. */
    void chooseStackFault(boolean isStackSegment) {
        if (exitVector == CpuFault.NOT_CANONICAL) {
            exitVector = isStackSegment ? CpuFault.SS : CpuFault.GP;
        }
    }

    void setExitException(int vector, int errorCode, long address) {
        exitVector = vector;
        exitErrorCode = errorCode;
        exitAddress = address;
        isExitOfFetch = false;
        debugStatus = 0;
    }

    @Override
    public int exitDebugStatus() {
        return debugStatus;
    }

    @Override
    public long debugRegister(int number) {
        return number == 7 ? Debug.control(base) : Memory.get64(base + CpuState.DR + number * 8);
    }

    @Override
    public void setDebugRegister(int number, long value) {
        if (number == 7) {
            Debug.setControl(base, (int) value);
        } else {
            Memory.put64(base + CpuState.DR + number * 8, value);
        }
    }

    @Override
    public int exitVector() {
        return exitVector;
    }

    @Override
    public int exitErrorCode() {
        return exitErrorCode;
    }

    @Override
    public long exitAddress() {
        return exitAddress;
    }

    @Override
    public long instructionCount() {
        return instructions;
    }

    @Override
    public void state(StateFields s) {
        if (!s.isLoading()) {
            // Lazy flags have many forms for one value: the saved one is explicit.
            Flags.put(base, Flags.get(base));
        }
        s.memory("context", base, CpuState.CONTEXT);
        Memory.put64(base + CpuState.CR3, s.i64("cr3", cr3()));
        Memory.put32(base + CpuState.PAGING, s.i32("paging", Memory.get32(base + CpuState.PAGING)));
        Memory.put32(base + CpuState.CPL, s.i32("cpl", Memory.get32(base + CpuState.CPL)));
        gdt = s.i32("gdt", gdt);
        gdtLimit = s.i32("gdtLimit", gdtLimit);
        ldt = s.ints("ldt", ldt);
        ldtLimit = s.i32("ldtLimit", ldtLimit);
        exitVector = s.i32("exitVector", exitVector);
        exitErrorCode = s.i32("exitErrorCode", exitErrorCode);
        exitAddress = s.i64("exitAddress", exitAddress);
        debugStatus = s.i32("debugStatus", debugStatus);
        int features = s.i32("features", model.features());
        if (s.isLoading()) {
            if (features != model.features()) {
                model = CpuModel.of(features);
                Check.that(model != null, "saved on a processor with unknown features", features);
                decoder = new Decoder(isa, features);
            }
            if (!s.keepsRam()) {
                BlockCache.flush(base);
            }
            for (int i = 0; i < CpuState.TLB_SLOTS; i++) {
                slotUsed[i] = 0;
                clearSlot(i);
            }
            setPageTable(cr3(), Memory.get32(base + CpuState.PAGING));
        }
    }
}
