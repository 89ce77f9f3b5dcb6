// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.CodeReader;
import kmos.cpu.CpuState;
import kmos.isa.InstructionBodies;

/**
 * The region compiler of one vCPU: what is compiled, where it lies, and when it is dropped. Nothing here is state: compiled
 * code does exactly what the interpreter would.
 */
public final class Jit {
    /** Answer of compile: no room; {@link #clear} first. */
    public static final int FULL = -1;
    /** Bytes of linear memory for records, for link cells and for modules on their way to the engine. */
    private static final int RECORDS = 2 << 20, CELLS = 1 << 20, STAGING = 1 << 20;
    /** Bytes of modules that may be alive. */
    private static final int MAX_CODE = 24 << 20;
    /** A region around a jump table is made again when so many others beside it have become hot, each time twice as many; how often. */
    private static final int MANY_BESIDE = 6, GENERATIONS = 4;

    /** One compiled region. */
    private static final class Region {
        /** Where it can be entered, and the blocks of the block cache there. */
        long[] entries;
        int[] blocks;
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

        boolean hasEntry(long pc) {
            return java.util.Arrays.stream(entries).anyMatch(e -> e == pc);
        }

        boolean isAround(long pc) {
            return pc >= first && pc < end;
        }
    }

    private final int cpu;
    private final JitBackend backend;
    private final InstructionBodies bodies = new InstructionBodies();
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
    private final List<Integer> replaced = new ArrayList<>();
    /** Regions compiled since the start. */
    private int regions;

    public Jit(int cpu, JitBackend backend, MemoryArena arena) {
        this.cpu = cpu;
        this.backend = backend;
        area = arena.allocate(RECORDS + CELLS + STAGING);
        records = new RecordStore(area, RECORDS);
        cells = new LinkCells(area + RECORDS, CELLS);
        staging = area + RECORDS + CELLS;
    }

    /** What it took from the arena. */
    public int area() {
        return area;
    }

    public JitBackend backend() {
        return backend;
    }

    /** Compiles the code at pc; returns its table slot, or 0 when there is nothing to gain. */
    public int compile(long pc) {
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
        RegionScanner scanner = scanner(isBeside || CodeReader.isReturnPoint(cpu, pc), isBeside ? RegionScanner.MAX_BESIDE : RegionScanner.MAX_INSTRUCTIONS);
        pending = new Region();
        pending.twinCell = cells.twin(pc);
        pending.slot = compile(scanner, pc, pending.twinCell);
        pending.pages = scanner.pages();
        pending.frames = scanner.frames();
        pending.entries = scanner.entries();
        pending.first = scanner.first();
        pending.end = scanner.end();
        return pending.slot;
    }

    private static boolean isOutgrown(Region table) {
        return table.generation < GENERATIONS && table.beside.size() >= MANY_BESIDE << table.generation;
    }

    /** Where the region just compiled can be entered. */
    public long[] entries() {
        return pending.entries;
    }

    private boolean isFull() {
        return nextSlot >= JitBackend.TABLE_SIZE || codeBytes > MAX_CODE || !records.hasRoomFor(2 * RegionScanner.MAX_DISPATCHED)
            || !cells.hasRoomFor(4 * RegionScanner.MAX_DISPATCHED);
    }

    private RegionScanner scanner(boolean isBeside, int limit) {
        return new RegionScanner(cpu, bodies, Memory.get32(cpu + CpuState.MODE) == CompiledMode.BITS64, isBeside, limit);
    }

    private int compile(RegionScanner scanner, long pc, int twinCell) {
        List<RegionBlock> blocks = scanner.scan(pc);
        if (blocks.isEmpty()) {
            return 0;
        }
        FunctionBody body = new RegionCompiler(bodies, scanner.is64(), records, cells, backend).compile(ControlFlow.order(blocks), cpu, twinCell);
        int slot = nextSlot;
        ByteWriter module = ModuleWriter.write(List.of(body), new int[] {slot}, new long[] {pc});
        if (module.size() > STAGING) {
            return 0;
        }
        Memory.write(staging, module.bytes(), 0, module.size());
        if (!backend.install(staging, module.size())) {
            return 0;
        }
        nextSlot++;
        codeBytes += module.size();
        regions++;
        return slot;
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
        RegionScanner scanner = scanner(r.entries.length == 1, RegionScanner.MAX_INSTRUCTIONS);
        scanner.setEntries(r.entries);
        int slot = compile(scanner, Memory.get64(cell + LinkCells.ADDRESS), 0);
        if (slot != 0 && !scanner.hasEntries(r.entries)) {
            backend.remove(slot);
            return List.of();
        }
        r.twinSlot = slot;
        Memory.put32(cell + LinkCells.SLOT, r.twinSlot);
        addPages(r, scanner.pages(), scanner.frames());
        return scanner.frames();
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
        placeAtTable(r);
        return r.frames;
    }

    /** Notes a region around a jump table, and what it takes the place of; or one beside it. */
    private void placeAtTable(Region r) {
        replaced.clear();
        if (r.entries.length == 1) {
            if (table != null && !CodeReader.isReturnPoint(cpu, r.entries[0])) {
                table.beside.add(r);
            }
            return;
        }
        if (table != null) {
            r.generation = table.generation + 1;
            for (Region old : table.beside) {
                if (r.hasEntry(old.entries[0])) {
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
            int h = pageHash(pages.get(i));
            coveredPages[h >> 6] |= 1L << h;
        }
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
        return true;
    }

    /** Whether the region lies on one page. */
    public boolean isOnOnePage(int block) {
        Region r = byBlock.get(block);
        return r != null && r.pages.size() == 1;
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
            forget(r, blocks);
        }
        return blocks;
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
        java.util.Arrays.fill(coveredPages, 0);
        nextSlot = 1;
        codeBytes = 0;
    }

    /** Regions compiled since the start. */
    public int regionCount() {
        return regions;
    }
}
