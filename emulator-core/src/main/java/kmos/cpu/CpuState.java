// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/**
 * Layout of one vCPU in linear memory, offsets from its base. The first CONTEXT bytes are what a program can see (saved
 * at a context switch); the rest is control state and derived data.
 *
 * <pre>
 * 0     16 general registers, 8 bytes each; in 32-bit code the upper halves are 0
 * 128   always 0: the missing base or index register
 * 136   RIP
 * 144   lazy flags: FK kind, FX explicit bits, FA first operand, FR result
 * 176   RFLAGS without the arithmetic flags
 * 192   segments: selectors (4 bytes each), limits, attributes, bases (8 bytes each)
 * 320   x87 registers, physical, 16 bytes each
 * 448   vector registers, 32 bytes each
 * </pre>
 */
public final class CpuState {
    public static final int ZERO = 128, RIP = 136;

    /** Lazy flags (see Flags). */
    public static final int FK = 144, FX = 148, FA = 152, FR = 160;
    /** RFLAGS bits other than CF PF AF ZF SF OF. */
    public static final int FLAGS = 168;

    /** Arrays indexed by segment register ES CS SS DS FS GS. */
    public static final int SELECTOR = 176, LIMIT = 200, ATTRIBUTES = 224, BASE = 248;

    public static final int MXCSR = 296, FCW = 300, FSW = 304, FTW = 308, FOP = 312, FPU_IP = 960, FPU_DP = 968, FPU_CS = 976, FPU_DS = 980;
    /** x87 physical registers: 64-bit significand, then 16 bits of sign and exponent. */
    public static final int ST = 320;
    public static final int XMM = 448;
    /** Code size and address forms of the current code: see BlockCache. */
    public static final int MODE = 984;
    /** Debug registers: DR7 (see Debug), DR0 to DR3. */
    public static final int DR7 = 988, DR = 992;
    public static final int CONTEXT = 1024;

    // Control state

    public static final int CR0 = 1024, CR2 = 1032, CR3 = 1040, CR4 = 1048, CPL = 1056, PAGING = 1060;
    /** Linear address of the current TLB: 4096 entries of 32 bytes {tagR i64, tagW i64, delta i32}. */
    public static final int TLB = 1064;
    public static final int JUMP_GENERATION = 1068;
    /** -1: go on at RIP; -2: leave the loop with EXIT_CODE. */
    public static final int EXIT = 1072, EXIT_CODE = 1076;
    public static final int BUDGET = 1080;
    public static final int HANDLE = 1084;
    public static final int RAM = 1088, RAM_SIZE = 1092, FRAME_FLAGS = 1096;
    /** Block cache: next free byte, end, and the heads of the per-frame lists. */
    public static final int CODE_NEXT = 1100, CODE_END = 1104, FRAME_BLOCKS = 1108, CODE_START = 1112;
    /** Cycle count when the current run began, and its budget: for RDTSC. */
    public static final int RUN_START = 1120, RUN_BUDGET = 1128;
    public static final int TSC_AUX = 1132;
    /** DR6 bits of the data breakpoints that the present instruction has touched. */
    public static final int WATCH_HITS = 1136;
    /** Compiled code: cell of a region whose twin is wanted; 1 while a miss of its is served; counts frames with code that were written. */
    public static final int TWIN_WANTED = 1140, IN_COMPILED = 1144, CODE_EPOCH = 1148;

    /** Bounce buffer for accesses that cross a page, 64 bytes, with the address it belongs to. */
    public static final int BOUNCE = 1152, BOUNCE_ADDRESS = 1216, BOUNCE_SIZE = 1224;
    public static final int FETCH = 1232;
    /** Statistics: data accesses that walked the page tables, 64 bits. */
    public static final int TLB_MISSES = 1248;
    /** For helpers: results on their way to memory, 1024 bytes. */
    public static final int SCRATCH = 1280;

    /** {@link RangeTlb}: entries; addresses of those in use, and how many; the last ones made for reading and for writing. */
    public static final int RANGES = 0x8000, RANGES_IN_USE = 0x10000, RANGES_USED = 1256, LAST_READ_RANGE = 1260, LAST_WRITE_RANGE = 1264;

    public static final int TLB_POOL = 0x20000, TLB_SIZE = 0x20000, TLB_SLOTS = 8;
    /** A TLB that stays empty: while it is the current one, every access takes the slow path and is seen there. */
    public static final int NO_TLB = 0x120000;
    /** Hash table of blocks: 65,536 heads. */
    public static final int HASH = 0x140000, HASH_SIZE = 0x10000;
    /** 16,384 entries of 16 bytes {pc i64, generation, block}, 256 for each of 64 groups of pages. */
    public static final int JUMP_CACHE = 0x180000, JUMP_CACHE_SIZE = 0x40000, JUMP_CACHE_PAGE = 0x1000;
    public static final int FRAME_HEADS = 0x1C0000;

    /** Record id that leaves the block at its own address: dropped code and cut blocks. */
    public static final int RESUME_ID = 0xFFFF;
    /** Record id of a block that stands for a compiled region: word 1 is its table slot. */
    public static final int COMPILED_ID = 0xFFFE;
    /** Record id, the only one of its block, where the interpreter leaves before the instruction that a {@link CodeProbe} is on. From here on up records are no instructions. */
    public static final int PROBE_ID = 0xFFFD;

    private CpuState() { }

    /** Bytes of linear memory that a vCPU takes with RAM of frames * 4 KiB and a block cache of codeBytes. */
    public static int size(int frames, int codeBytes) {
        return FRAME_HEADS + frames * 4 + codeBytes;
    }
}
