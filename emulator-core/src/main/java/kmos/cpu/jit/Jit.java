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
    /** Bytes of linear memory for records and for modules on their way to the engine. */
    private static final int RECORDS = 2 << 20, STAGING = 1 << 20;
    /** Bytes of modules that may be alive. */
    private static final int MAX_CODE = 24 << 20;

    /** One compiled region. */
    private static final class Region {
        int block;
        long[] pages;
        int[] frames;
        /** Known targets of its indirect jumps. */
        int targets;
    }

    private final int cpu;
    private final JitBackend backend;
    private final InstructionBodies bodies = new InstructionBodies();
    private final RecordStore records;
    private final int area;
    private final int staging;
    private final Map<Integer, List<Region>> byFrame = new HashMap<>();
    private final Map<Integer, Region> byBlock = new HashMap<>();
    /** Bit set of pages (hashed) that regions cover: their translations must not change unnoticed. */
    private final long[] coveredPages = new long[64];
    private int nextSlot = 1;
    private int codeBytes;
    /** Compiled, until {@link #register}. */
    private Region pending;
    /** Regions compiled since the start. */
    private int regions;

    public Jit(int cpu, JitBackend backend, MemoryArena arena) {
        this.cpu = cpu;
        this.backend = backend;
        area = arena.allocate(RECORDS + STAGING);
        records = new RecordStore(area, RECORDS);
        staging = area + RECORDS;
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
        if (nextSlot >= JitBackend.TABLE_SIZE || codeBytes > MAX_CODE || !records.hasRoomFor(RegionScanner.MAX_DISPATCHED)) {
            return FULL;
        }
        boolean is64 = Memory.get32(cpu + CpuState.MODE) == CompiledMode.BITS64;
        RegionScanner scanner = new RegionScanner(cpu, bodies, is64);
        List<RegionBlock> blocks = scanner.scan(pc);
        if (blocks.isEmpty() || blocks.get(0).instructions.isEmpty()) {
            return 0;
        }
        List<RegionBlock> order = ControlFlow.order(blocks);
        FunctionBody body = new RegionCompiler(bodies, is64, records).compile(order, cpu, backend.hasTailCalls(), backend.hasSimd());
        int slot = nextSlot;
        ByteWriter module = ModuleWriter.write(List.of(body), new int[] {slot});
        if (module.size() > STAGING) {
            return 0;
        }
        Memory.write(staging, module.bytes(), 0, module.size());
        backend.install(staging, module.size());
        nextSlot++;
        codeBytes += module.size();
        regions++;
        pending = new Region();
        pending.targets = scanner.targetCount();
        pending.pages = new long[scanner.pages().size()];
        pending.frames = new int[pending.pages.length];
        for (int i = 0; i < pending.pages.length; i++) {
            pending.pages[i] = scanner.pages().get(i);
            pending.frames[i] = scanner.frames().get(i);
        }
        return slot;
    }

    /** The region just compiled is entered through a block of the block cache. Returns the frames whose code it holds. */
    public int[] register(int block) {
        Region r = pending;
        pending = null;
        r.block = block;
        byBlock.put(block, r);
        for (int i = 0; i < r.frames.length; i++) {
            byFrame.computeIfAbsent(r.frames[i], f -> new ArrayList<>()).add(r);
            int h = pageHash(r.pages[i]);
            coveredPages[h >> 6] |= 1L << h;
        }
        return r.frames;
    }

    /**
     * Forgets and returns the blocks of regions on the same pages as the region of block that know far fewer targets of
     * their indirect jumps: loops around a jump table, compiled when less of it had run.
     */
    public List<Integer> outgrownBy(int block) {
        Region grown = byBlock.get(block);
        List<Integer> blocks = new ArrayList<>();
        if (grown.targets == 0) {
            return blocks;
        }
        List<Region> near = new ArrayList<>();
        for (int f : grown.frames) {
            near.addAll(byFrame.get(f));
        }
        for (Region r : near) {
            if (r != grown && r.targets > 0 && r.targets + r.targets / 2 < grown.targets && forget(r)) {
                blocks.add(r.block);
            }
        }
        return blocks;
    }

    /** False when it was forgotten before. */
    private boolean forget(Region r) {
        if (byBlock.remove(r.block) == null) {
            return false;
        }
        for (int f : r.frames) {
            byFrame.get(f).remove(r);
        }
        return true;
    }

    private static int pageHash(long page) {
        return (int) (page ^ page >>> 12) & 0xFFF;
    }

    /** Whether all pages of the region behind a block are mapped to the frames it was compiled from. */
    public boolean isValid(int block) {
        Region r = byBlock.get(block);
        if (r == null) {
            return false;
        }
        for (int i = 0; i < r.pages.length; i++) {
            if (CodeReader.frame(cpu, r.pages[i] << 12) != r.frames[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the region lies on one page. */
    public boolean isOnOnePage(int block) {
        Region r = byBlock.get(block);
        return r != null && r.pages.length == 1;
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
            if (forget(r)) {
                blocks.add(r.block);
            }
        }
        return blocks;
    }

    /** Forgets everything. */
    public void clear() {
        byFrame.clear();
        byBlock.clear();
        records.clear();
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
