// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.cpu.decode.IsaTables;
import kmos.cpu.jit.CompiledMode;
import kmos.cpu.jit.Jit;
import kmos.machine.PhysicalMemory;

/**
 * Decoded blocks in linear memory. A block belongs to (instruction pointer, frame, mode) and stays inside one page.
 *
 * <pre>
 * start-48  links: next in frame list (-32), next in hash chain (-8), instruction count (-4),
 *           instruction pointer i64 (-24), mode (-28), frame (-16; -1 throw-away, -2 straddling), entries counted for
 *           the region compiler and marks (-12, where the interpreter's loop looks anyway), bytes of a straddling instruction (-48, 16 bytes)
 * start     records of 16 bytes: id 16 bits | a 8 | b 8, displacement, immediate, word 3 (see Ea)
 * behind the last record: link taken, link fall (block starts; 0: not linked; negated: to a block that is counted), block start, 1 for a call, taken pc i64, next pc i64
 * </pre>
 *
 * A compiled region is entered through a block of its own: no instructions, one record COMPILED_ID, found before the plain
 * block of its address.
 *
 * Links exist only inside a page: other transfers go through the jump cache, keyed by instruction pointer and the current
 * translations' generation. When a frame with code is written, its blocks leave the tables and all their records become
 * RESUME, so that whoever still runs in or jumps to one looks the address up again.
 */
public final class BlockCache {
    /**
     * Mode bits (CpuState.MODE): code size, flat data segments, 32-bit stack, a limit of the code segment that must be
     * looked at; the low 12 bits of a CS base from bit 8.
     */
    public static final int BITS32 = 1, BITS64 = 2, FLAT = 4, STACK32 = 8, LIMITED = 16;

    /** Bytes before a block's first record. */
    public static final int HEADER = 48;
    private static final int MAX_INSTRUCTIONS = 64, EXTENSION = 32, COUNT = -12;
    static final int FRAME_NEXT = -32;
    /** Bits in the entry count: entered by a direct call; by a transfer to a computed address (or across pages). */
    static final int CALLED = 1 << 30, JUMPED = 1 << 29;
    /** A call seems to end right before the block; nothing can be compiled there, so that it is not counted; it waits for the compiler. */
    private static final int RETURN_POINT = 1 << 28, SETTLED = 1 << 27, WAITING = 1 << 26;
    /** There may be a region that can be entered here. */
    private static final int HAS_REGION = 1 << 25;
    private static final int MAX_COUNT = HAS_REGION - 1;
    /** In the generation of a jump cache entry whose block is counted at each entry: only {@link #enter} takes such an entry. */
    private static final int COUNTED = 1 << 31;
    /** Where an entry of the jump cache goes that another one has displaced. */
    private static final int OTHER_WAY = 16;
    /** Entries after which a region that is not valid here is made again, if the compiler's threshold is lower. */
    private static final int MADE_AGAIN = 1000;
    /**
     * Where an entry comes from: not counted; a branch to a loop's head or a call; a slice before, which ended anywhere; a computed
     * address (or another page); a region, after which regions may start at return points as well.
     */
    private static final int INSIDE = 0, BRANCH = 1, RESUMED = 2, COMPUTED = 3, AFTER_REGION = 4;
    private static final int THROW_AWAY = -1, STRADDLING = -2;
    private static final int MAX_BLOCK = HEADER + (MAX_INSTRUCTIONS + 1) * 16 + EXTENSION;

    /** What a block's last record is, in its extension. Beyond the limit: a branch that faults when it is taken (a call has checked itself). */
    private static final int CALL = 1, BEYOND_LIMIT = 2, LOOP_BEYOND_LIMIT = 3;

    private BlockCache() { }

    public static int hash(long pc) {
        int page = (int) (pc >>> 12);
        int offset = (int) pc;
        return ((page ^ page >>> 6) & 63) << 8 | (offset ^ offset >>> 8) & 255;
    }

    /** Empties the jump cache of what begins on the page of an address, or ends there and begins on the one before. */
    static void forgetPage(int cpu, long pc) {
        int page = (int) (pc >>> 12);
        Memory.fill(cpu + CpuState.JUMP_CACHE + ((page ^ page >>> 6) & 63) * CpuState.JUMP_CACHE_PAGE, CpuState.JUMP_CACHE_PAGE, 0xFF);
        for (int i = 1; i < 15; i++) {
            int h = firstPlace(cpu, (pc & ~0xFFF) - i);
            Memory.put64(h, -1);
            Memory.put64(h ^ OTHER_WAY, -1);
        }
    }

    /** The jump cache's entry for pc in this address space, which is in its first place then; 0: there is none. */
    static int cached(int cpu, long pc) {
        int h = firstPlace(cpu, pc);
        if (isEntry(cpu, h, pc)) {
            return h;
        }
        if (!isEntry(cpu, h ^ OTHER_WAY, pc)) {
            return 0;
        }
        swap(h, h ^ OTHER_WAY);
        return h;
    }

    /** The first place of an address in the jump cache. */
    private static int firstPlace(int cpu, long pc) {
        return cpu + CpuState.JUMP_CACHE + hash(pc) * 16;
    }

    private static boolean isEntry(int cpu, int h, long pc) {
        return Memory.get64(h) == pc && (Memory.get32(h + 8) & ~COUNTED) == Memory.get32(cpu + CpuState.JUMP_GENERATION);
    }

    /** Exchanges two entries of the jump cache. */
    private static void swap(int h, int other) {
        long pc = Memory.get64(h), rest = Memory.get64(h + 8);
        Memory.put64(h, Memory.get64(other));
        Memory.put64(h + 8, Memory.get64(other + 8));
        Memory.put64(other, pc);
        Memory.put64(other + 8, rest);
    }

    /** The block at RIP: found, or decoded. Sets the jump cache. Throws #PF, #GP of the fetch. */
    public static int enter(int cpu) {
        return enter(cpu, COMPUTED);
    }

    /** The same, where the program goes on after it was stopped. */
    public static int enterResumed(int cpu) {
        return enter(cpu, RESUMED);
    }

    /** The same, where a compiled region has left to: what regions leave to again and again becomes one. */
    public static int enterAfterRegion(int cpu) {
        return enter(cpu, AFTER_REGION);
    }

    private static int enter(int cpu, int place) {
        long pc = Memory.get64(cpu + CpuState.RIP);
        boolean isPassing = place == RESUMED && Machines.cpu(cpu).codeProbe().isPassing();
        int h = isPassing ? 0 : cached(cpu, pc);
        if (h != 0) {
            int block = Memory.get32(h + 12);
            int id = Memory.get16(block);
            if (id == CpuState.COMPILED_ID) {
                return block;
            }
            if (id != CpuState.RESUME_ID) {
                return counted(cpu, block, place);
            }
        }
        int mode = Memory.get32(cpu + CpuState.MODE);
        long linear = linear(cpu, pc, mode);
        if ((mode & LIMITED) != 0) {
            return limited(cpu, pc, linear, mode);
        }
        if (pc > 0xFFFF && (mode & (BITS32 | BITS64)) == 0) {
            throw limitFault(cpu);
        }
        int host = Mmu.translate(cpu, linear, Mmu.EXECUTE);
        int frame = frameOf(cpu, host);
        if (frame < 0 || isPassing) {
            return decode(cpu, pc, host, THROW_AWAY, mode, isPassing ? 1 : 0);
        }
        Jit jit = Machines.cpu(cpu).jit();
        int block = find(cpu, pc, frame, mode, jit);
        if (block == 0) {
            block = plain(cpu, pc, host, frame, mode);
            int owner = Memory.get32(block - 16);
            if (owner == THROW_AWAY) {
                return block;
            }
            if (owner == STRADDLING && !watchStraddling(cpu, linear, frame, mode)) {
                return counted(cpu, block, place);
            }
        }
        if (h == 0) {
            h = firstPlace(cpu, pc);
            swap(h, h ^ OTHER_WAY);
        }
        Memory.put64(h, pc);
        Memory.put32(h + 12, block);
        boolean isPlain = Memory.get16(block) != CpuState.COMPILED_ID;
        if (isPlain && (marks(block) & SETTLED) != 0 && hasRegion(cpu, pc, frame, mode)) {
            // A region whose pages are not all mapped alike here is made once more for here, but later.
            Memory.put32(block + COUNT, Memory.get32(block + COUNT) & ~SETTLED);
        }
        boolean isCounted = isPlain && (marks(block) & (SETTLED | RETURN_POINT)) == 0;
        Memory.put32(h + 8, Memory.get32(cpu + CpuState.JUMP_GENERATION) | (isCounted ? COUNTED : 0));
        return isPlain ? counted(cpu, block, place) : block;
    }

    /** An entry of the interpreter's block. Returns where the program goes on: there, or in the region that it has become. */
    private static int counted(int cpu, int block, int place) {
        return place != INSIDE && isDue(cpu, block, place) ? compileOrWait(cpu, block) : block;
    }

    /** Counts an entry of the interpreter's block; whether it is one at which the region compiler is wanted. */
    private static boolean isDue(int cpu, int block, int place) {
        int word = Memory.get32(block + COUNT);
        boolean isOfCall = (word & RETURN_POINT) != 0;
        if ((word & SETTLED) != 0 || isOfCall && (place == COMPUTED || place == RESUMED) || (word & MAX_COUNT) == MAX_COUNT) {
            return false;
        }
        Memory.put32(block + COUNT, word + 1 | (place >= COMPUTED && !isOfCall ? JUMPED : 0));
        if (Machines.cpu(cpu).codeProbe().isOn()) {
            return false; // a region that has to stop at the probed page would stay when the probe has gone
        }
        int threshold = Machines.cpu(cpu).jitThreshold();
        int count = word + 1 & MAX_COUNT;
        return count == threshold || count > threshold && count % Math.max(threshold, MADE_AGAIN) == 0;
    }

    /** How often the region compiler has seen the interpreter's block entered. */
    static int entries(int block) {
        return Memory.get32(block + COUNT) & MAX_COUNT;
    }

    /** What is known of the block, as bits. */
    static int marks(int block) {
        return Memory.get32(block + COUNT) & ~MAX_COUNT;
    }

    private static int frameOf(int cpu, int host) {
        int physical = host - Memory.get32(cpu + CpuState.RAM);
        return physical >= 0 && (physical & 0xFFFFFFFFL) < Memory.getUnsigned32(cpu + CpuState.RAM_SIZE) ? physical >>> 12 : -1;
    }

    /** The first block of a hash chain, from this one on, that starts at pc; 0: none. */
    private static int startingAt(int block, long pc, int frame, int mode) {
        int b = block;
        while (b != 0 && !(Memory.get64(b - 24) == pc && Memory.get32(b - 16) == frame && Memory.get32(b - 28) == mode)) {
            b = Memory.get32(b - 8);
        }
        return b;
    }

    private static int chain(int cpu, long pc, int frame) {
        return Memory.get32(cpu + CpuState.HASH + hashIndex(pc, frame) * 4);
    }

    /** The block in the hash table; compiled ones only with a compiler, and when all their pages are still mapped alike. */
    private static int find(int cpu, long pc, int frame, int mode, Jit jit) {
        int block = startingAt(chain(cpu, pc, frame), pc, frame, mode);
        while (block != 0 && Memory.get16(block) == CpuState.COMPILED_ID && (jit == null || !jit.isValid(block))) {
            block = startingAt(Memory.get32(block - 8), pc, frame, mode);
        }
        return block;
    }

    /** Whether the interpreter has run a block that starts at pc, in RAM at this linear memory address. */
    static boolean hasRun(int cpu, long pc, int host) {
        int frame = frameOf(cpu, host);
        int mode = Memory.get32(cpu + CpuState.MODE);
        return frame >= 0 && (find(cpu, pc, frame, mode, null) != 0 || find(cpu, pc, STRADDLING, mode, null) != 0);
    }

    /** Whether there is a region that starts at pc, usable here or not. */
    private static boolean hasRegion(int cpu, long pc, int frame, int mode) {
        int block = startingAt(chain(cpu, pc, frame), pc, frame, mode);
        while (block != 0 && Memory.get16(block) != CpuState.COMPILED_ID) {
            block = startingAt(Memory.get32(block - 8), pc, frame, mode);
        }
        return block != 0;
    }

    /** Whether there is a region where the interpreter's block begins, usable here or not: then the way there is looked up each time. */
    private static boolean isNearRegion(int cpu, int block) {
        if ((marks(block) & HAS_REGION) == 0) {
            return false;
        }
        boolean isNear = hasRegion(cpu, Memory.get64(block - 24), Memory.get32(block - 16), Memory.get32(block - 28));
        if (!isNear) {
            Memory.put32(block + COUNT, Memory.get32(block + COUNT) & ~HAS_REGION);
        }
        return isNear;
    }

    /** A block of the interpreter, new if need be. */
    private static int plain(int cpu, long pc, int host, int frame, int mode) {
        if ((host & 0xFFF) > 0x1000 - 15) {
            int block = findStraddling(cpu, pc, host, mode);
            if (block != 0) {
                return block;
            }
        }
        if (Memory.get32(cpu + CpuState.CODE_END) - Memory.get32(cpu + CpuState.CODE_NEXT) < 3 * MAX_BLOCK) {
            flush(cpu);
        }
        return decode(cpu, pc, host, frame, mode, 0);
    }

    /** The interpreter's block at RIP, where a compiled region asks for it. */
    public static int enterPlain(int cpu) {
        long pc = Memory.get64(cpu + CpuState.RIP);
        int mode = Memory.get32(cpu + CpuState.MODE);
        int host = Mmu.translate(cpu, linear(cpu, pc, mode), Mmu.EXECUTE);
        int frame = frameOf(cpu, host);
        if (frame < 0) {
            return decode(cpu, pc, host, THROW_AWAY, mode, 0);
        }
        int block = find(cpu, pc, frame, mode, null);
        return block != 0 ? block : plain(cpu, pc, host, frame, mode);
    }

    /** A block has become hot: it is compiled, or waits for that and goes on being counted. Returns where the program goes on. */
    private static int compileOrWait(int cpu, int block) {
        CompileQueue queue = Machines.cpu(cpu).compileQueue();
        if (queue == null) {
            int compiled = compile(cpu, block, Jit.registers(cpu));
            return compiled != 0 ? compiled : enterPlain(cpu);
        }
        if ((marks(block) & WAITING) == 0 && queue.add(block)) {
            Memory.put32(block + COUNT, Memory.get32(block + COUNT) | WAITING);
        }
        return block;
    }

    /** Whether the interpreter's block is still in use, and current in this address space and mode. */
    static boolean isHere(int cpu, int block) {
        int frame = Memory.get32(block - 16);
        long pc = Memory.get64(block - 24);
        return Memory.get32(block - 28) == Memory.get32(cpu + CpuState.MODE)
            && (frame == STRADDLING ? CodeReader.gather(cpu, pc) && isInFetchBuffer(cpu, block) : CodeReader.frame(cpu, pc) == frame);
    }

    /** Whether the frame of the block was written, so that it is nobody's any more. */
    static boolean isDropped(int block) {
        return Memory.get16(block) == CpuState.RESUME_ID;
    }

    /** It does not wait for the compiler any more. */
    static void stopWaiting(int block) {
        Memory.put32(block + COUNT, Memory.get32(block + COUNT) & ~WAITING);
    }

    /**
     * Compiles the region at an interpreter's block of this address space and mode, which was entered with these general registers, and gives it a block;
     * returns that, or the plain one where nothing can be compiled, or 0 when everything had to be flushed.
     */
    static int compile(int cpu, int plain, long[] registers) {
        Jit jit = Machines.cpu(cpu).jit();
        long pc = Memory.get64(plain - 24);
        boolean isStraddling = Memory.get32(plain - 16) == STRADDLING;
        int frame = isStraddling ? CodeReader.frame(cpu, pc) : Memory.get32(plain - 16);
        int mode = Memory.get32(plain - 28);
        int known = find(cpu, pc, frame, mode, jit);
        if (known != 0 && Memory.get16(known) == CpuState.COMPILED_ID) {
            return known;
        }
        int slot = jit.compile(pc, registers);
        if (slot == Jit.FULL || slot > 0 && Memory.get32(cpu + CpuState.CODE_END) - Memory.get32(cpu + CpuState.CODE_NEXT) < 3 * MAX_BLOCK + jit.entries().length * (HEADER + 32)) {
            flush(cpu);
            return 0;
        }
        if (slot == 0) {
            Memory.put32(plain + COUNT, Memory.get32(plain + COUNT) | SETTLED);
            cache(cpu, pc, plain);
            return plain;
        }
        long[] entries = jit.entries();
        int[] blocks = new int[entries.length];
        for (int i = 0; i < entries.length; i++) {
            blocks[i] = addCompiled(cpu, entries[i], CodeReader.frame(cpu, entries[i]), mode, slot);
        }
        for (int f : jit.register(blocks)) {
            Machines.cpu(cpu).markCode(f);
        }
        for (int old : jit.replaced()) {
            dropBlock(cpu, old);
            int its = find(cpu, Memory.get64(old - 24), Memory.get32(old - 16), mode, jit);
            if (its != 0 && Memory.get16(its) != CpuState.COMPILED_ID) {
                // Compiled again at its next entry.
                Memory.put32(its + COUNT, marks(its) & ~SETTLED | Machines.cpu(cpu).jitThreshold() - 1);
            }
        }
        if (entries[0] == pc) {
            return blocks[0];
        }
        // Another region goes on there now; it counts again for those that do not.
        Memory.put32(plain + COUNT, marks(plain));
        return plain;
    }

    /** If the jump cache has an entry for pc, it leads to this block, uncounted. */
    private static void cache(int cpu, long pc, int block) {
        int h = cached(cpu, pc);
        if (h != 0) {
            Memory.put32(h + 8, Memory.get32(cpu + CpuState.JUMP_GENERATION));
            Memory.put32(h + 12, block);
        }
    }

    /** The block of a region for one of the addresses where it can be entered; the jump cache learns of it. */
    private static int addCompiled(int cpu, long pc, int frame, int mode, int slot) {
        int start = Memory.get32(cpu + CpuState.CODE_NEXT) + HEADER & ~15;
        put(start, CpuState.COMPILED_ID, slot, 0, 0);
        addBlock(cpu, start, pc, frame, mode, 0);
        Memory.put32(cpu + CpuState.CODE_NEXT, start + 16);
        cache(cpu, pc, start);
        int plain = find(cpu, pc, frame, mode, null);
        if (plain != 0) {
            Memory.put32(plain + COUNT, Memory.get32(plain + COUNT) | HAS_REGION);
        }
        return start;
    }

    /** Fills the header and enters the block into the hash table and its frame's list. */
    private static void addBlock(int cpu, int start, long pc, int frame, int mode, int count) {
        Memory.put32(start + COUNT, 0);
        Memory.put32(start - 4, count);
        Memory.put32(start - 16, frame);
        Memory.put64(start - 24, pc);
        Memory.put32(start - 28, mode);
        int head = cpu + CpuState.HASH + hashIndex(pc, frame) * 4;
        Memory.put32(start - 8, Memory.get32(head));
        Memory.put32(head, start);
        if (frame >= 0) {
            int frameHead = Memory.get32(cpu + CpuState.FRAME_BLOCKS) + frame * 4;
            Memory.put32(start + FRAME_NEXT, Memory.get32(frameHead));
            Memory.put32(frameHead, start);
            Machines.cpu(cpu).markCode(frame);
        }
    }

    /** Behind a limit each instruction is decoded anew and checked; nothing is kept or linked. */
    private static int limited(int cpu, long pc, long linear, int mode) {
        long limit = Memory.getUnsigned32(cpu + CpuState.LIMIT + 4);
        if (pc > limit) {
            throw limitFault(cpu);
        }
        int block = decode(cpu, pc, Mmu.translate(cpu, linear, Mmu.EXECUTE), THROW_AWAY, mode, 1);
        if (Memory.get16(block) != CpuState.PROBE_ID && pc + Machines.cpu(cpu).decoder().length - 1 > limit) {
            throw limitFault(cpu);
        }
        return block;
    }

    private static CpuFault limitFault(int cpu) {
        return Machines.cpu(cpu).fault().set(CpuFault.GP, 0, 0, true);
    }

    /** #GP of a relative branch whose target is outside the segment: at the branch, as if it had done nothing. */
    private static CpuFault beyondLimit(int cpu, int record, int kind) {
        if (kind == LOOP_BEYOND_LIMIT) {
            Loops.setCounter(cpu, record, Loops.counter(cpu, record) + 1);
        }
        Memory.put64(cpu + CpuState.RIP, addressOf(record));
        return limitFault(cpu).setUncounted();
    }

    /** Whether a relative branch leads out of its segment; in 64-bit code that is seen where the target is fetched. */
    private static boolean isBeyondLimit(int cpu, long target, int mode) {
        return (mode & BITS64) == 0 && target > Memory.getUnsigned32(cpu + CpuState.LIMIT + 4);
    }

    /**
     * The kept block of an instruction that straddles two pages, if its bytes are still the same: it depends on two frames
     * and two translations, so it is checked at every entry instead of being dropped.
     */
    private static int findStraddling(int cpu, long pc, int host, int mode) {
        int block = find(cpu, pc, STRADDLING, mode, null);
        if (block == 0) {
            return 0;
        }
        gather(cpu, pc, host, mode);
        return isInFetchBuffer(cpu, block) ? block : 0;
    }

    /** From now on a store to either page of an instruction on two is seen, and the jump cache forgotten; false where one is no RAM. */
    private static boolean watchStraddling(int cpu, long linear, int frame, int mode) {
        int second = frameOf(cpu, Mmu.translate(cpu, wrapIp((linear | 0xFFF) + 1, mode), Mmu.EXECUTE));
        if (second < 0) {
            return false;
        }
        Machines.cpu(cpu).markStraddled(frame);
        Machines.cpu(cpu).markStraddled(second);
        return true;
    }

    /** Whether what was gathered last are the bytes of a block that straddles. */
    private static boolean isInFetchBuffer(int cpu, int block) {
        return Memory.get64(block - 48) == Memory.get64(cpu + CpuState.FETCH) && Memory.get64(block - 40) == Memory.get64(cpu + CpuState.FETCH + 8);
    }

    /** Puts the 16 bytes from pc, which end on the next page, into the fetch buffer. Throws the next page's #PF. */
    private static void gather(int cpu, long pc, int host, int mode) {
        int buffer = cpu + CpuState.FETCH;
        int first = 0x1000 - (host & 0xFFF);
        int second = Mmu.translate(cpu, linear(cpu, wrapIp(pc + first, mode), mode), Mmu.EXECUTE);
        Memory.copy(host, buffer, first);
        Memory.copy(second, buffer + first, 16 - first);
    }

    private static long linear(int cpu, long pc, int mode) {
        return (mode & BITS64) != 0 ? pc : pc + Memory.get64(cpu + CpuState.BASE + 8) & 0xFFFFFFFFL;
    }

    private static int hashIndex(long pc, int frame) {
        int h = (int) pc * 0x9E3779B1 ^ frame * 0x85EBCA6B;
        return h >>> 16;
    }

    /** Follows an edge that is not linked: slot is in the extension behind a block's last record. */
    public static int link(int cpu, int slot) {
        int extension = slot & ~15;
        int counted = -Memory.get32(slot);
        if (counted > 0) {
            if ((marks(counted) & (SETTLED | HAS_REGION)) == 0) {
                if (!isDue(cpu, counted, BRANCH)) {
                    return counted;
                }
                Memory.put64(cpu + CpuState.RIP, Memory.get64(counted - 24));
                return compileOrWait(cpu, counted);
            }
            Memory.put32(slot, 0);
        }
        boolean isTaken = slot == extension;
        long next = Memory.get64(extension + 24);
        long pc = isTaken ? Memory.get64(extension + 16) : next;
        int kind = Memory.get32(extension + 12);
        if (kind >= BEYOND_LIMIT && isTaken) {
            throw beyondLimit(cpu, extension - 16, kind);
        }
        // Before what is entered can take its place.
        int from = Memory.get32(extension + 8);
        long fromPc = Memory.get64(from - 24);
        int fromFrame = Memory.get32(from - 16);
        int known = knownElsewhere(cpu, pc, fromPc, fromFrame);
        if (known != 0) {
            return known;
        }
        Memory.put64(cpu + CpuState.RIP, pc);
        // Loop heads and functions are counted until they are compiled or cannot be.
        boolean isCounted = isTaken && (pc < next || kind == CALL);
        int start = Memory.get32(cpu + CpuState.CODE_START);
        int flushes = Memory.get32(start);
        int to = enter(cpu, isCounted ? BRANCH : INSIDE);
        boolean isCompiled = Memory.get16(to) == CpuState.COMPILED_ID;
        boolean isOpen = isCounted && !isCompiled && (marks(to) & SETTLED) == 0;
        if (isCounted && !isCompiled && kind == CALL) {
            Memory.put32(to + COUNT, Memory.get32(to + COUNT) | CALLED);
        }
        boolean isLinkable = isCompiled ? Machines.cpu(cpu).jit().isOnOnePage(to) : !isOpen || !isNearRegion(cpu, to);
        // No link out of or into throw-away blocks, across pages (translations may differ), or after a flush.
        if (isLinkable && fromFrame >= 0 && fromFrame == Memory.get32(to - 16) && (fromPc ^ pc) >>> 12 == 0
            && flushes == Memory.get32(start) && Memory.get32(to - 28) == Memory.get32(from - 28)) {
            Memory.put32(slot, isOpen ? -to : to);
        }
        return to;
    }

    /** What the jump cache has for pc, if nobody counts it and an edge from this block to there can never be linked; else 0. */
    private static int knownElsewhere(int cpu, long pc, long fromPc, int fromFrame) {
        int h = cached(cpu, pc);
        if (h == 0 || (Memory.get32(h + 8) & COUNTED) != 0) {
            return 0;
        }
        int to = Memory.get32(h + 12);
        int id = Memory.get16(to);
        boolean isUncounted = id == CpuState.COMPILED_ID || id != CpuState.RESUME_ID && (marks(to) & SETTLED) != 0;
        return isUncounted && (fromFrame < 0 || fromFrame != Memory.get32(to - 16) || (fromPc ^ pc) >>> 12 != 0) ? to : 0;
    }

    /** The block again, cut after count instructions; it ends in RESUME. Overwritten by the next throw-away block. */
    public static int cut(int cpu, int block, int count) {
        long pc = Memory.get64(block - 24);
        int mode = Memory.get32(block - 28);
        int host = Mmu.translate(cpu, linear(cpu, pc, mode), Mmu.EXECUTE);
        return decode(cpu, pc, host, THROW_AWAY, mode, count);
    }

    /** A RESUME record: back to its own address; returns the budget with what was not executed. */
    public static int resume(int cpu, int ip, int budget) {
        int number = Memory.get32(ip + 12) >>> 25;
        int block = ip - number * 16;
        Memory.put64(cpu + CpuState.RIP, addressOf(ip));
        return budget + Memory.get32(block - 4) - number;
    }

    /** Address of the instruction that a record stands for. */
    public static long addressOf(int ip) {
        int x = Memory.get32(ip + 12);
        int block = ip - (x >>> 25) * 16;
        return Memory.get64(block - 24) + (x >>> 15 & 0x3FF);
    }

    /** Address behind the instruction of a block-ending record. */
    static long nextOf(int ip) {
        return Memory.get64(ip + 40);
    }

    /** After a fault at a record: RIP is its address; returns the budget with what was not executed. */
    public static int faulted(int cpu, int ip, int budget) {
        Cpu c = Machines.cpu(cpu);
        c.takeFault();
        if (c.fault().isFetch()) {
            return budget + c.fault().uncounted();
        }
        int id = Memory.get16(ip);
        if (id >= IsaTables.FIRST_BUDGET_ID && id != CpuState.RESUME_ID) {
            budget = Memory.get32(cpu + CpuState.BUDGET);
        }
        int word = Memory.get32(ip + 12);
        c.chooseStackFault((word >>> 10 & 7) == 2);
        int number = word >>> 25;
        Memory.put64(cpu + CpuState.RIP, addressOf(ip));
        return budget + Memory.get32(ip - number * 16 - 4) - number;
    }

    /** cut: stop after so many instructions with RESUME (0: do not cut); frame -1: into the throw-away area. */
    private static int decode(int cpu, long pc0, int host, int frame, int mode, int cut) {
        boolean isThrowAway = frame < 0;
        int marks = isThrowAway ? 0 : marksAt(cpu, host, mode);
        // Their limit is 64 KiB.
        boolean is16 = (mode & (BITS32 | BITS64 | LIMITED)) == 0;
        int max = cut > 0 ? cut : MAX_INSTRUCTIONS;
        Decoder d = Machines.cpu(cpu).decoder();
        int codeEnd = Memory.get32(cpu + CpuState.CODE_END);
        int start = (isThrowAway ? codeEnd - MAX_BLOCK : Memory.get32(cpu + CpuState.CODE_NEXT)) + HEADER & ~15;
        int pageLeft = 0x1000 - (host & 0xFFF);
        int offset = 0;
        int n = 0;
        int p = start;
        int last = 0, lastFused = -1;
        Cpu c = Machines.cpu(cpu);
        int[] pending = c.pendingFlags();
        int pendingCount = 0;
        int owner = frame;
        int probed = c.codeProbe().isOn() ? c.codeProbe().offsetFrom(linear(cpu, pc0, mode), pageLeft) : -1;
        for (;;) {
            if (n == 0 && probed == 0) {
                put(p, CpuState.PROBE_ID, 0, 0, CpuState.ZERO);
                n = 1;
                p += 16;
                break;
            }
            if (offset == probed) {
                max = n;
                cut = 0;
            }
            if (n == max || offset >= pageLeft) {
                // Not an instruction: falls through to the next block, or stops a block that was cut.
                long next = wrapIp(pc0 + offset, mode);
                Memory.put32(p, cut > 0 && n == cut ? CpuState.RESUME_ID : c.fallThroughId());
                Memory.put32(p + 4, 0);
                Memory.put32(p + 8, 0);
                Memory.put32(p + 12, CpuState.ZERO | offset << 15 | n << 25);
                extension(p, start, next, next);
                p += 16 + EXTENSION;
                break;
            }
            int outcome = d.decode(host + offset, pageLeft - offset, mode);
            if (outcome == Decoder.NEEDS_MORE_BYTES) {
                if (n > 0) {
                    // The block ends before an instruction that straddles two pages.
                    max = n;
                    cut = 0;
                    continue;
                }
                // The instruction straddles two pages: a block of its own, from its gathered bytes.
                gather(cpu, pc0, host, mode);
                host = cpu + CpuState.FETCH;
                Memory.put64(start - 48, Memory.get64(host));
                Memory.put64(start - 40, Memory.get64(host + 8));
                owner = isThrowAway ? THROW_AWAY : STRADDLING;
                pageLeft = 15;
                max = 1;
                continue;
            }
            if (is16 && pc0 + offset + d.length > 0x10000) {
                outcome = Decoder.TOO_LONG;
            }
            if (outcome == Decoder.OK && d.isRipRelative()) {
                d.rebase(offset + d.length);
            }
            int id = outcome == Decoder.OK ? d.formId() : IsaProperties.NONE;
            if (id == IsaProperties.NONE) {
                id = outcome == Decoder.TOO_LONG ? c.generalProtectionId() : c.undefinedId();
                put(p, id, 0, 0, CpuState.ZERO | offset << 15 | n << 25);
                n++;
                offset += Math.max(1, d.length);
                long next = wrapIp(pc0 + offset, mode);
                extension(p, start, next, next);
                p += 16 + EXTENSION;
                break;
            }
            int condition = d.condition();
            boolean isBeyond = d.isRelative && isBeyondLimit(cpu, branchTarget(d, wrapIp(pc0 + offset + d.length, mode), mode), mode);
            if (condition != IsaProperties.NONE && lastFused >= 0 && !isBeyond) {
                Memory.put16(last, d.fusedId(lastFused, condition));
                n++;
                offset += d.length;
                long next = wrapIp(pc0 + offset, mode);
                extension(last, start, branchTarget(d, next, mode), next);
                p = last + 16 + EXTENSION;
                break;
            }
            pendingCount = dropDeadFlags(d, p, pending, pendingCount);
            put(p, d.word0(id), d.word1(), d.word2(), d.word3(offset, n));
            lastFused = d.fuses() ? d.fusedIndex() : -1;
            last = p;
            n++;
            offset += d.length;
            p += 16;
            if (d.ends()) {
                long next = wrapIp(pc0 + offset, mode);
                extension(p - 16, start, d.isRelative ? branchTarget(d, next, mode) : next, next);
                Memory.put32(p - 16 + 28, d.row == c.callRow() ? CALL : !isBeyond ? 0 : c.isLoopRow(d.row) ? LOOP_BEYOND_LIMIT : BEYOND_LIMIT);
                p += EXTENSION;
                break;
            }
        }
        c.countDecoded(n);
        if (isThrowAway) {
            Memory.put32(start - 4, n);
            Memory.put32(start - 16, owner);
            Memory.put64(start - 24, pc0);
            Memory.put32(start - 28, mode);
        } else {
            Memory.put32(cpu + CpuState.CODE_NEXT, p);
            addBlock(cpu, start, pc0, owner, mode, n);
            Memory.put32(start + COUNT, marks);
        }
        return start;
    }

    /** What a new block is marked with. */
    private static int marksAt(int cpu, int host, int mode) {
        boolean isCompilable = Machines.cpu(cpu).jit() != null && CompiledMode.isSupported(mode);
        return !isCompilable ? SETTLED : ReturnPoint.isAt(host) ? RETURN_POINT : 0;
    }

    /** A flag writer that another one kills, with nothing between that reads flags or can fault, gets its twin without flags. */
    private static int dropDeadFlags(Decoder d, int p, int[] pending, int count) {
        int flagClass = d.flagClass();
        if (d.canFault() || flagClass == 3) {
            count = 0;
        }
        if (flagClass == 1 && !d.canFault()) {
            for (int i = 0; i < count; i++) {
                Memory.put16(pending[i * 2], pending[i * 2 + 1]);
            }
            count = 0;
        }
        if (flagClass == 4) {
            // INC keeps the carry, so it kills nothing before it and needs what they left.
            count = 0;
        }
        if (flagClass == 1 || flagClass >= 4) {
            int twin = d.noFlagsId();
            if (twin != IsaProperties.NONE) {
                pending[count * 2] = p;
                pending[count * 2 + 1] = twin;
                count++;
            }
        }
        return count;
    }

    private static void put(int p, int word0, int word1, int word2, int word3) {
        Memory.put32(p, word0);
        Memory.put32(p + 4, word1);
        Memory.put32(p + 8, word2);
        Memory.put32(p + 12, word3);
    }

    private static void extension(int record, int start, long taken, long next) {
        Memory.put32(record + 16, 0);
        Memory.put32(record + 20, 0);
        Memory.put32(record + 24, start);
        Memory.put32(record + 28, 0);
        Memory.put64(record + 32, taken);
        Memory.put64(record + 40, next);
    }

    private static long branchTarget(Decoder d, long next, int mode) {
        long target = next + d.relative;
        return d.operandSize() == 1 ? target & 0xFFFF : wrapIp(target, mode);
    }

    private static long wrapIp(long pc, int mode) {
        return (mode & BITS64) != 0 ? pc : pc & 0xFFFFFFFFL;
    }

    /** Drops the blocks of a frame: out of the tables, and every record becomes RESUME. */
    static void dropFrame(int cpu, int frame) {
        int frameHead = Memory.get32(cpu + CpuState.FRAME_BLOCKS) + frame * 4;
        int block = Memory.get32(frameHead);
        Memory.put32(frameHead, 0);
        while (block != 0) {
            unlinkFromHash(cpu, block);
            int n = Memory.get32(block - 4);
            for (int i = 0, p = block; i <= n; i++, p += 16) {
                // The record behind the last one may be an extension, where id bits are link bits: harmless, the block is dead.
                if (i < n || n == 0) {
                    Memory.put16(p, CpuState.RESUME_ID);
                }
            }
            block = Memory.get32(block + FRAME_NEXT);
        }
    }

    /** Drops one block, which is in its frame's list. */
    static void dropBlock(int cpu, int block) {
        unlinkFromHash(cpu, block);
        int at = Memory.get32(cpu + CpuState.FRAME_BLOCKS) + Memory.get32(block - 16) * 4;
        while (Memory.get32(at) != block) {
            at = Memory.get32(at) + FRAME_NEXT;
        }
        Memory.put32(at, Memory.get32(block + FRAME_NEXT));
        Memory.put16(block, CpuState.RESUME_ID);
    }

    /** Drops the blocks on the page of a linear address, and all others that may hold an instruction there, in any address space. */
    static void dropAround(int cpu, long linear) {
        for (int i = 0; i < CpuState.HASH_SIZE; i++) {
            int block = Memory.get32(cpu + CpuState.HASH + i * 4);
            while (block != 0) {
                int next = Memory.get32(block - 8);
                if (Memory.get16(block) != CpuState.COMPILED_ID && mayHold(block, linear)) {
                    if (Memory.get32(block - 16) >= 0) {
                        dropBlock(cpu, block);
                    } else {
                        unlinkFromHash(cpu, block);
                        Memory.put16(block, CpuState.RESUME_ID);
                    }
                }
                block = next;
            }
        }
    }

    private static boolean mayHold(int block, long linear) {
        long pc = Memory.get64(block - 24);
        int mode = Memory.get32(block - 28);
        // What the base of a code segment is besides its low bits is not known.
        return pc >>> 12 == linear >>> 12
            || (mode & BITS64) == 0 && linear >>> 32 == 0 && ((int) (linear - pc) - (mode >>> 8) & 0xFFF) < MAX_INSTRUCTIONS * 15;
    }

    private static void unlinkFromHash(int cpu, int block) {
        int at = cpu + CpuState.HASH + hashIndex(Memory.get64(block - 24), Memory.get32(block - 16)) * 4;
        while (Memory.get32(at) != block) {
            at = Memory.get32(at) - 8;
        }
        Memory.put32(at, Memory.get32(block - 8));
    }

    /** Forgets everything decoded. */
    static void flush(int cpu) {
        Memory.fill(cpu + CpuState.HASH, CpuState.HASH_SIZE * 4, 0);
        int frames = Memory.get32(cpu + CpuState.RAM_SIZE) >>> 12;
        Memory.fill(Memory.get32(cpu + CpuState.FRAME_BLOCKS), frames * 4, 0);
        Memory.fill(cpu + CpuState.JUMP_CACHE, CpuState.JUMP_CACHE_SIZE, 0);
        int flags = Memory.get32(cpu + CpuState.FRAME_FLAGS);
        for (int i = 0; i < frames; i++) {
            Memory.put8(flags + i, Memory.get8(flags + i) & ~(PhysicalMemory.CODE | Cpu.STRADDLED));
        }
        int start = Memory.get32(cpu + CpuState.CODE_START);
        Memory.put32(start, Memory.get32(start) + 1);
        Memory.put32(cpu + CpuState.CODE_NEXT, start + 16);
        Jit jit = Machines.cpu(cpu).jit();
        if (jit != null) {
            jit.clear();
        }
        CompileQueue queue = Machines.cpu(cpu).compileQueue();
        if (queue != null) {
            queue.clear();
        }
    }
}
