// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.CodeReader;
import kmos.cpu.CpuState;
import kmos.cpu.Machines;
import kmos.isa.InstructionBodies;

/**
 * The region compiler of one vCPU: what is compiled, where it lies, and when it is dropped. Nothing here is state: compiled
 * code does exactly what the interpreter would.
 */
public final class Jit {
    /** Answer of compile: no room; {@link #clear} first. */
    public static final int FULL = -1;
    /** Bytes of linear memory for records, for link cells and for modules on their way to the engine. */
    private static final int RECORDS = 2 << 20, CELLS = 2 << 20, STAGING = 1 << 20;
    /** Bytes of modules that may be alive. */
    private static final int MAX_CODE = 24 << 20;
    /** A region around a jump table is made again when so many others beside it have become hot; how often. */
    private static final int MANY_BESIDE = 6, GENERATIONS = 12;
    /** How often another region is made again because it goes on where nothing had run, or further than it reached. */
    private static final int GROWTHS = 4;

    /** One compiled region. */
    private static final class Region {
        /** Where it can be entered, and the blocks of the block cache there. */
        long[] entries;
        int[] blocks;
        /** General registers with which it was entered once. */
        long[] registers;
        /** How its blocks were looked for. */
        boolean isBeside;
        int limit;
        int slot;
        /** The twin that assumes nothing about the stack: where its slot is found, and the slot (0: none yet). */
        int twinCell;
        int twinSlot;
        List<Long> pages;
        List<Integer> frames;
        /** The function around its jump table, if it can be entered at the table's targets, and the regions beside it. */
        long first;
        long end;
        final List<Region> beside = new ArrayList<>();
        int generation;
        /** Where it is left because nothing had run there or it was large enough; how often it was made again with more of that. */
        Set<Long> leftOut;
        boolean isFull;
        int growths;
        /** Jump tables that its code and its twin's depend on, and frames where they were found. */
        final List<JumpTable> tables = new ArrayList<>();
        final List<Integer> tableFrames = new ArrayList<>();

        void take(RegionScanner scanner) {
            pages = scanner.pages();
            frames = scanner.frames();
            entries = scanner.entries();
            first = scanner.first();
            end = scanner.end();
            leftOut = scanner.leftOut();
            isFull = scanner.isFull();
        }

        boolean isAround(long pc) {
            return pc >= first && pc < end;
        }
    }

    private final int cpu;
    private final JitBackend backend;
    private final InstructionBodies bodies = new InstructionBodies();
    private final VectorOps vectorOps = new VectorOps();
    private final ModuleWriter moduleWriter;
    private final RecordStore records;
    private final LinkCells cells;
    private final int area;
    private final int staging;
    private final Map<Integer, List<Region>> byFrame = new HashMap<>();
    private final Map<Integer, Region> byBlock = new HashMap<>();
    private final Map<Integer, Region> byTwinCell = new HashMap<>();
    /** Those with many entries. */
    private final List<Region> aroundTables = new ArrayList<>();
    /** Bit set of pages (hashed) that regions cover: their translations must not change unnoticed. */
    private final long[] coveredPages = new long[64];
    private int nextSlot = 1;
    private int codeBytes;
    /** Compiled, until {@link #register}; the one around a jump table that it lies beside or takes the place of. */
    private Region pending;
    private Region table;
    /** What the region just compiled takes the place of, having grown; or null. */
    private Region outgrown;
    /** The jump table of the region that was compiled last, or null. */
    private JumpTable jumpTable;
    private final List<Integer> replaced = new ArrayList<>();
    private final JitCounters counters = new JitCounters();
    private Consumer<RegionText> observer;

    public Jit(int cpu, JitBackend backend, MemoryArena arena) {
        this.cpu = cpu;
        this.backend = backend;
        area = arena.allocate(RECORDS + CELLS + STAGING);
        records = new RecordStore(area, RECORDS);
        cells = new LinkCells(area + RECORDS, CELLS);
        staging = area + RECORDS + CELLS;
        moduleWriter = new ModuleWriter(cpu, Math.max(cpu + CpuState.FRAME_HEADS, staging + STAGING), backend.hasTypedTable());
    }

    /** What it took from the arena. */
    public int area() {
        return area;
    }

    public JitBackend backend() {
        return backend;
    }

    /** The general registers as they are now. */
    public static long[] registers(int cpu) {
        long[] registers = new long[Locals.REGISTERS];
        for (int i = 0; i < registers.length; i++) {
            registers[i] = Memory.get64(cpu + i * 8);
        }
        return registers;
    }

    /** Compiles the code at pc, which was entered with these general registers; returns its table slot, or 0 when there is nothing to gain. */
    public int compile(long pc, long[] registers) {
        if (isFull()) {
            return FULL;
        }
        table = null;
        for (Region r : aroundTables) {
            if (r.isAround(pc) && isValid(r)) {
                table = r;
            }
        }
        boolean isBeside = table != null && !isOutgrown(table);
        if (table == null && grow(pc)) {
            return pending.slot;
        }
        if (isFull()) {
            return FULL;
        }
        outgrown = null;
        pending = new Region();
        pending.isBeside = isBeside || CodeReader.isReturnPoint(cpu, pc);
        pending.limit = isBeside ? RegionScanner.MAX_BESIDE : RegionScanner.MAX_INSTRUCTIONS;
        pending.registers = registers;
        compilePending(pc);
        return pending.slot;
    }

    /** Looks for the pending region's code from its first address on, and compiles it. */
    private RegionScanner compilePending(long pc) {
        RegionScanner scanner = scanner(pending.registers, pending.isBeside, pending.limit);
        pending.twinCell = cells.twin(pc);
        pending.slot = compile(scanner, pc, pending.twinCell, pending.registers);
        pending.take(scanner);
        return scanner;
    }

    /** Whether a region that is left there goes on there now: it was made again. */
    private boolean grow(long pc) {
        for (Region r : byTwinCell.values()) {
            boolean canGrow = r.growths < GROWTHS && !(r.isFull && r.limit >= RegionScanner.MAX_GROWN);
            if (canGrow && r.leftOut.contains(pc) && r.entries.length == 1 && isHere(r)) {
                r.growths++;
                return grow(r, pc);
            }
        }
        return false;
    }

    private boolean grow(Region r, long pc) {
        pending = new Region();
        pending.isBeside = r.isBeside;
        pending.limit = r.isFull ? Math.min(2 * r.limit, RegionScanner.MAX_GROWN) : r.limit;
        pending.growths = r.growths;
        pending.registers = r.registers;
        RegionScanner scanner = compilePending(r.entries[0]);
        if (pending.slot == 0) {
            return false;
        }
        if (scanner.entries().length > 1 || !scanner.holds(pc)) {
            backend.remove(pending.slot);
            return false;
        }
        outgrown = r;
        return true;
    }

    private static boolean contains(long[] addresses, long pc) {
        return Arrays.stream(addresses).anyMatch(a -> a == pc);
    }

    private static boolean isOutgrown(Region table) {
        return table.generation < GENERATIONS && table.beside.size() >= MANY_BESIDE;
    }

    /** Where the region just compiled can be entered. */
    public long[] entries() {
        return pending.entries;
    }

    private boolean isFull() {
        return nextSlot >= JitBackend.TABLE_SIZE || codeBytes > MAX_CODE || !records.hasRoomFor(2 * RegionScanner.MAX_DISPATCHED)
            || !cells.hasRoomFor(2 * RegionScanner.MAX_DISPATCHED * (LinkCells.WAYS + 2));
    }

    private RegionScanner scanner(long[] registers, boolean isBeside, int limit) {
        return new RegionScanner(cpu, bodies, Memory.get32(cpu + CpuState.MODE) == CompiledMode.BITS64, registers, isBeside, limit);
    }

    private int compile(RegionScanner scanner, long pc, int twinCell, long[] registers) {
        jumpTable = null;
        double begin = backend.milliseconds();
        List<RegionBlock> blocks = scanner.scan(pc);
        if (blocks.isEmpty()) {
            counters.notCompiled(backend.milliseconds() - begin, 0);
            return 0;
        }
        List<RegionBlock> order = ControlFlow.order(blocks, bodies);
        RegionCompiler compiler = new RegionCompiler(bodies, vectorOps, scanner.is64(), records, cells, backend);
        FunctionBody body = compiler.compile(order, cpu, registers, twinCell);
        jumpTable = compiler.table();
        int slot = nextSlot;
        ByteWriter module = moduleWriter.write(body, slot, pc);
        double written = backend.milliseconds();
        if (module.size() > STAGING) {
            counters.notCompiled(written - begin, 0);
            return 0;
        }
        Memory.write(staging, module.bytes(), 0, module.size());
        boolean isInstalled = backend.install(staging, module.size());
        double installed = backend.milliseconds();
        if (!isInstalled) {
            counters.notCompiled(written - begin, installed - written);
            return 0;
        }
        counters.compiled(module.size(), written - begin, installed - written, twinCell == 0);
        if (observer != null) {
            observer.accept(text(scanner, pc, order, body));
        }
        nextSlot++;
        codeBytes += module.size();
        return slot;
    }

    private RegionText text(RegionScanner scanner, long pc, List<RegionBlock> order, FunctionBody body) {
        return RegionText.of(cpu, pc, scanner.is64(), bodies, new StateNames(cpu, area, RECORDS + CELLS, scanner.is64()), order, moduleWriter.write(body, 0, pc));
    }

    /** Shows every region that is compiled from now on to somebody; null: to nobody. */
    public void observe(Consumer<RegionText> who) {
        observer = who;
    }

    /**
     * What the compiler makes of the region at pc now, in the current address space and mode; nothing is installed. Null where
     * nothing can be compiled, or there is no room.
     */
    public RegionText describe(long pc) {
        return describe(pc, pc);
    }

    /** The same of the one region among those that begin at pc that holds the instruction at inside. */
    public RegionText describe(long pc, long inside) {
        if (isFull()) {
            return null;
        }
        RegionScanner scanner = null;
        long[] registers = registers(cpu);
        for (Region r : byTwinCell.values()) {
            if (r.entries[0] == pc && isHere(r) && holds(r, inside)) {
                scanner = scannerOf(r);
                registers = r.registers;
            }
        }
        if (scanner == null) {
            scanner = scanner(registers, CodeReader.isReturnPoint(cpu, pc), RegionScanner.MAX_INSTRUCTIONS);
        }
        List<RegionBlock> blocks = scanner.scan(pc);
        if (blocks.isEmpty()) {
            return null;
        }
        int mark = records.mark(), cellMark = cells.mark();
        List<RegionBlock> order = ControlFlow.order(blocks, bodies);
        FunctionBody body = new RegionCompiler(bodies, vectorOps, scanner.is64(), records, cells, backend).compile(order, cpu, registers, cells.twin(pc));
        RegionText text = text(scanner, pc, order, body);
        records.release(mark);
        cells.release(cellMark);
        return text;
    }

    /** Whether the region of a twin cell is still there, but cannot be entered in the current address space. */
    public boolean isWaitingElsewhere(int cell) {
        Region r = byTwinCell.get(cell);
        return r != null && !isHere(r);
    }

    /**
     * Compiles the region of a twin cell once more, assuming nothing about the stack, where its entry has often failed to
     * look the stack up. Returns the frames whose code it holds.
     */
    public List<Integer> compileTwin(int cell) {
        Region r = byTwinCell.get(cell);
        if (r == null || isFull() || !isValid(r)) {
            return List.of();
        }
        RegionScanner scanner = scanner(r.registers, r.entries.length == 1, Math.max(r.limit, RegionScanner.MAX_INSTRUCTIONS));
        scanner.setEntries(r.entries);
        int slot = compile(scanner, Memory.get64(cell + LinkCells.ADDRESS), 0, r.registers);
        if (slot != 0 && !Arrays.stream(r.entries).allMatch(pc -> contains(scanner.entries(), pc))) {
            backend.remove(slot);
            return List.of();
        }
        r.twinSlot = slot;
        addTable(r);
        Memory.put32(cell + LinkCells.SLOT, r.twinSlot);
        addPages(r, scanner.pages(), scanner.frames());
        return scanner.frames();
    }

    /**
     * Where the regions begin that hold the instruction at pc, in the current address space and mode: the one that begins closest
     * before it first. For who only looks.
     */
    public List<Long> regionsWith(long pc) {
        List<Long> heads = new ArrayList<>();
        for (Region r : byTwinCell.values()) {
            if (isHere(r) && r.pages.contains(pc >>> 12) && holds(r, pc)) {
                heads.add(r.entries[0]);
            }
        }
        heads.sort((a, b) -> a <= pc != b <= pc ? a <= pc ? -1 : 1 : a <= pc ? Long.compare(b, a) : Long.compare(a, b));
        return heads;
    }

    /** Whether a region is of the current address space and mode. */
    private boolean isHere(Region r) {
        return Memory.get32(r.blocks[0] - 28) == Memory.get32(cpu + CpuState.MODE) && isValid(r);
    }

    private boolean holds(Region r, long pc) {
        for (RegionBlock b : scannerOf(r).scan(r.entries[0])) {
            if (!b.instructions.isEmpty() && pc >= b.pc && pc < b.last().next()) {
                return true;
            }
        }
        return false;
    }

    /** Finds the blocks of a region again. */
    private RegionScanner scannerOf(Region r) {
        RegionScanner scanner = scanner(r.registers, r.isBeside, r.limit);
        scanner.setEntries(r.entries);
        return scanner;
    }

    /** The region just compiled is entered through blocks of the block cache. Returns the frames whose code it holds. */
    public List<Integer> register(int[] blocks) {
        Region r = pending;
        pending = null;
        r.blocks = blocks;
        for (int block : blocks) {
            byBlock.put(block, r);
        }
        byTwinCell.put(r.twinCell, r);
        List<Long> pages = r.pages;
        List<Integer> frames = r.frames;
        r.pages = new ArrayList<>();
        r.frames = new ArrayList<>();
        addPages(r, pages, frames);
        addTable(r);
        place(r);
        return r.frames;
    }

    /** Notes what a region takes the place of, one around a jump table, or one beside it. */
    private void place(Region r) {
        replaced.clear();
        if (outgrown != null) {
            forget(outgrown, replaced);
            return;
        }
        if (r.entries.length == 1) {
            if (table != null && !CodeReader.isReturnPoint(cpu, r.entries[0])) {
                table.beside.add(r);
            }
            return;
        }
        if (table != null) {
            r.generation = table.generation + 1;
            for (Region old : table.beside) {
                if (contains(r.entries, old.entries[0])) {
                    forget(old, replaced);
                }
            }
            forget(table, replaced);
        }
        aroundTables.add(r);
    }

    /** Blocks of regions that the one just registered takes the place of: they are forgotten. */
    public List<Integer> replaced() {
        return replaced;
    }

    private void addPages(Region r, List<Long> pages, List<Integer> frames) {
        for (int i = 0; i < pages.size(); i++) {
            if (r.pages.contains(pages.get(i))) {
                continue;
            }
            r.pages.add(pages.get(i));
            r.frames.add(frames.get(i));
            byFrame.computeIfAbsent(frames.get(i), f -> new ArrayList<>()).add(r);
            cover(pages.get(i));
        }
    }

    private void addTable(Region r) {
        if (jumpTable != null) {
            r.tables.add(jumpTable);
            jumpTable.pages().forEach(this::cover);
            useTable(r, jumpTable);
        }
    }

    private void cover(long page) {
        int h = pageHash(page);
        coveredPages[h >> 6] |= 1L << h;
    }

    /** Whether the table stands at its address here; then a write to its frames will be noticed. */
    private boolean useTable(Region r, JumpTable t) {
        if (!t.isMapped(cpu)) {
            return false;
        }
        for (long page : t.pages()) {
            int frame = CodeReader.dataFrame(cpu, page << 12);
            if (!r.tableFrames.contains(frame)) {
                r.tableFrames.add(frame);
                byFrame.computeIfAbsent(frame, f -> new ArrayList<>()).add(r);
            }
            Machines.watchFrame(cpu, frame);
        }
        return true;
    }

    /** Adds its blocks to those that must be dropped. */
    private void forget(Region r, List<Integer> dropped) {
        if (byBlock.get(r.blocks[0]) != r) {
            return;
        }
        for (int block : r.blocks) {
            byBlock.remove(block);
            dropped.add(block);
        }
        byTwinCell.remove(r.twinCell);
        aroundTables.remove(r);
        for (int f : r.frames) {
            byFrame.get(f).remove(r);
        }
        for (int f : r.tableFrames) {
            byFrame.get(f).remove(r);
        }
        for (long pc : r.entries) {
            cells.unlink(pc);
        }
        backend.remove(r.slot);
        if (r.twinSlot != 0) {
            backend.remove(r.twinSlot);
        }
    }

    private static int pageHash(long page) {
        return (int) (page ^ page >>> 12) & 0xFFF;
    }

    /** Whether all pages of the region behind a block are mapped to the frames it was compiled from. */
    public boolean isValid(int block) {
        Region r = byBlock.get(block);
        return r != null && isValid(r);
    }

    private boolean isValid(Region r) {
        for (int i = 0; i < r.pages.size(); i++) {
            if (CodeReader.frame(cpu, r.pages.get(i) << 12) != r.frames.get(i)) {
                return false;
            }
        }
        for (JumpTable t : r.tables) {
            if (!useTable(r, t)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the region lies on one page. */
    public boolean isOnOnePage(int block) {
        Region r = byBlock.get(block);
        return r != null && r.pages.size() == 1 && r.tables.isEmpty();
    }

    /** Whether a region may cover the page of a linear address. */
    public boolean covers(long linear) {
        int h = pageHash(linear >>> 12);
        return (coveredPages[h >> 6] >>> h & 1) != 0;
    }

    /** A frame was written: returns the blocks of the regions with code from it, which are forgotten. */
    public List<Integer> drop(int frame) {
        List<Integer> blocks = new ArrayList<>();
        for (Region r : List.copyOf(byFrame.getOrDefault(frame, List.of()))) {
            if (r.frames.contains(frame)) {
                forget(r, blocks);
            }
        }
        return blocks;
    }

    /** Returns the blocks of the regions with code on a page, in any address space, which are forgotten. */
    public List<Integer> dropPage(long page) {
        List<Integer> blocks = new ArrayList<>();
        for (Region r : List.copyOf(byTwinCell.values())) {
            if (r.pages.contains(page)) {
                forget(r, blocks);
            }
        }
        return blocks;
    }

    /**
     * As {@link #drop} for regions with a jump table there, which stay: true if there are any. Whoever looks them up from now on must find
     * out whether the table still stands at its address.
     */
    public boolean dropTables(int frame) {
        List<Region> regions = byFrame.get(frame);
        if (regions == null) {
            return false;
        }
        regions.forEach(r -> r.tableFrames.remove((Integer) frame));
        return regions.removeIf(r -> !r.frames.contains(frame));
    }

    /** Forgets everything. */
    public void clear() {
        byFrame.clear();
        byBlock.clear();
        byTwinCell.clear();
        aroundTables.clear();
        records.clear();
        cells.clear();
        backend.clear();
        counters.cleared();
        Arrays.fill(coveredPages, 0);
        nextSlot = 1;
        codeBytes = 0;
    }

    /** Regions compiled since the start. */
    public int regionCount() {
        return counters.regions();
    }

    public JitCounters counters() {
        return counters;
    }

    /** Regions that can be entered now. */
    public int liveRegions() {
        return byTwinCell.size();
    }

    /** Bytes of the modules made since everything was dropped last. */
    public int codeBytes() {
        return codeBytes;
    }
}
