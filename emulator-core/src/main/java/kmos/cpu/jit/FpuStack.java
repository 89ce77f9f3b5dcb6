// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;

/**
 * The x87 as the instructions of a block have left it: registers, status word and tags as values, which memory may lack; the pointers of the last
 * instruction lack at most until the block's end. Registers have numbers as counted from TOP at the {@link FpuEntry}.
 */
final class FpuStack {
    /** In the second result of {@link FpuFunctions}: rounded up (C1), inexact (PE), and another case than the function knows. */
    static final int ROUNDED_UP = 1 << 16, INEXACT = 1 << 17, FAILED = 1 << 31;
    private static final int C1 = 0x200, CODES = 0x4500, TOP = 0x3800;

    /** A value for memory behind the state's address, plus the first node if there is one; or without a value a copy of the state's word at from. */
    record Store(Node offset, int at, Node value, int from) { }

    final FpuEntry entry;
    private int top;
    private final Node[] significands;
    private final Node[] exponents;
    /** Registers, as bits: those that differ from memory; whose tags are known, are set, were changed. */
    private int dirty;
    private int known;
    private int full;
    private int retagged;
    /** Second results of what may have been inexact, all and the last; null: none. */
    private Node inexact;
    private Node roundedUp;
    private boolean isC1Written;
    private Node codes;
    private long instruction;
    private int opcode;
    private boolean isNoted;
    /** Status and tags at the entry may differ from memory. */
    private boolean isWritten;
    private Node data;
    private int dataSegment;
    // Made where a snapshot asks.
    private List<Store> stores;
    private Node status;
    private Node tags;
    private Node topNow;

    /** From memory. */
    FpuStack(FpuEntry entry) {
        this.entry = entry;
        significands = new Node[8];
        exponents = new Node[8];
    }

    /** From locals. */
    FpuStack(FpuEntry entry, RegionLocals locals, FpuShape shape) {
        this(entry);
        isWritten = true;
        dirty = shape.dirty();
        known = shape.known();
        full = shape.full();
        for (int r = 0; r < 8; r++) {
            if ((shape.loaded() >> r & 1) != 0) {
                significands[r] = locals.fpuSignificand(r);
                exponents[r] = locals.fpuExponent(r);
            }
        }
    }

    /** The same for the next instruction to change. */
    FpuStack(FpuStack s) {
        entry = s.entry;
        top = s.top;
        significands = s.significands.clone();
        exponents = s.exponents.clone();
        dirty = s.dirty;
        known = s.known;
        full = s.full;
        retagged = s.retagged;
        inexact = s.inexact;
        roundedUp = s.roundedUp;
        isC1Written = s.isC1Written;
        codes = s.codes;
        instruction = s.instruction;
        opcode = s.opcode;
        isNoted = s.isNoted;
        isWritten = s.isWritten;
        data = s.data;
        dataSegment = s.dataSegment;
    }

    private int register(int i) {
        return top + i & 7;
    }

    /** Takes a register's tag for known from here on; Unsupported where it is known to be the other way. */
    private void expect(int register, boolean isThere) {
        int bit = 1 << register;
        if ((known & bit) == 0) {
            entry.expect(register, isThere);
            known |= bit;
            full |= isThere ? bit : 0;
        } else if ((full & bit) != 0 != isThere) {
            throw new Unsupported();
        }
    }

    /** ST(i) must not be empty; its value is loaded where it is not known. */
    void require(FpuTracking x87, int i) {
        int r = register(i);
        expect(r, true);
        if (significands[r] == null) {
            significands[r] = x87.load(64, entry.offset(r), CpuState.ST);
            exponents[r] = x87.load(32, entry.offset(r), CpuState.ST + 8);
        }
    }

    Node significand(int i) {
        return significands[register(i)];
    }

    /** Sign and exponent in the low 16 bits; above them anything. */
    Node exponent(int i) {
        return exponents[register(i)];
    }

    void set(int i, Node significand, Node exponent) {
        int r = register(i);
        significands[r] = significand;
        exponents[r] = exponent;
        dirty |= 1 << r;
        if ((known & full & 1 << r) == 0) {
            known |= 1 << r;
            full |= 1 << r;
            retagged |= 1 << r;
        }
    }

    void push(Node significand, Node exponent) {
        expect(register(-1), false);
        top = register(-1);
        set(0, significand, exponent);
        clearC1();
    }

    void pop() {
        int bit = 1 << register(0);
        known |= bit;
        full &= ~bit;
        retagged |= bit;
        top = register(1);
    }

    void exchange(int i) {
        Node significand = significand(0), exponent = exponent(0);
        set(0, significand(i), exponent(i));
        set(i, significand, exponent);
        clearC1();
    }

    void clearC1() {
        isC1Written = true;
        roundedUp = null;
    }

    /** C1 and PE by a function's second result. */
    void flags(NodeFactory f, Node second) {
        isC1Written = true;
        roundedUp = second;
        inexact = inexact == null ? second : f.or(inexact, second);
    }

    /** C0, C2 and C3 at their places. */
    void codes(Node v) {
        codes = v;
    }

    void note(long address, int fop) {
        instruction = address;
        opcode = fop;
        isNoted = true;
    }

    void noteData(Node offset, int segment) {
        data = offset;
        dataSegment = segment;
    }

    Node status(NodeFactory f) {
        if (status == null) {
            int kept = ~((top != 0 ? TOP : 0) | (isC1Written ? C1 : 0) | (codes != null ? CODES : 0));
            Node v = f.and(entry.status, f.constant(32, kept));
            if (top != 0) {
                v = f.or(v, f.shl(f.and(f.add(entry.top, f.constant(32, top)), f.constant(32, 7)), f.constant(32, 11)));
            }
            if (inexact != null) {
                v = f.or(v, f.and(f.shr(inexact, f.constant(32, 12)), f.constant(32, INEXACT >>> 12)));
            }
            if (roundedUp != null) {
                v = f.or(v, f.and(f.shr(roundedUp, f.constant(32, 7)), f.constant(32, C1)));
            }
            status = codes == null ? v : f.or(v, codes);
        }
        return status;
    }

    /** What memory lacks. */
    List<Store> stores(NodeFactory f) {
        if (stores == null) {
            List<Store> list = new ArrayList<>();
            for (int r = 0; r < 8; r++) {
                if ((dirty >> r & 1) != 0) {
                    list.add(new Store(entry.offset(r), CpuState.ST, significands[r], 0));
                    list.add(new Store(entry.offset(r), CpuState.ST + 8, f.zeroExtend(f.and(exponents[r], f.constant(32, 0xFFFF)), 64), 0));
                }
            }
            if (isWritten || status(f) != entry.status) {
                list.add(new Store(null, CpuState.FSW, status(f), 0));
            }
            if (isWritten || retagged != 0) {
                list.add(new Store(null, CpuState.FTW, tags(f), 0));
            }
            list.addAll(notes(f));
            stores = list;
        }
        return stores;
    }

    /** The pointers of the last instruction, where memory lacks them. */
    List<Store> notes(NodeFactory f) {
        List<Store> list = new ArrayList<>();
        if (isNoted) {
            list.add(new Store(null, CpuState.FPU_IP, f.constant(64, instruction), 0));
            list.add(new Store(null, CpuState.FOP, f.constant(32, opcode), 0));
            list.add(new Store(null, CpuState.FPU_CS, null, CpuState.SELECTOR + 4));
        }
        if (data != null) {
            list.add(new Store(null, CpuState.FPU_DP, data, 0));
            list.add(new Store(null, CpuState.FPU_DS, null, CpuState.SELECTOR + dataSegment * 4));
        }
        return list;
    }

    /** The same when these have been stored. */
    FpuStack withoutNotes() {
        FpuStack s = new FpuStack(this);
        s.isNoted = false;
        s.data = null;
        return s;
    }

    // Over an edge, registers counted from the TOP of then

    /** What the next block can begin with; all values that it may want are made. */
    FpuShape shape(NodeFactory f) {
        int loaded = 0;
        for (int r = 0; r < 8; r++) {
            loaded |= significands[r] != null ? 1 << r : 0;
        }
        status(f);
        tags(f);
        topNow(f);
        return new FpuShape(fromTop(loaded), fromTop(dirty), fromTop(known), fromTop(full & known), entry.knowsDefaultModes());
    }

    private int fromTop(int registers) {
        return (registers | registers << 8) >> top & 0xFF;
    }

    Node tags(NodeFactory f) {
        if (tags == null) {
            tags = retagged == 0 ? entry.tags : f.or(f.and(entry.tags, f.xor(physical(f, retagged), f.constant(32, -1))), physical(f, retagged & full));
        }
        return tags;
    }

    Node topNow(NodeFactory f) {
        if (topNow == null) {
            topNow = top == 0 ? entry.top : f.and(f.add(entry.top, f.constant(32, top)), f.constant(32, 7));
        }
        return topNow;
    }

    /** Where ST(i) lies behind {@link CpuState#ST}. */
    Node offset(int i) {
        return entry.offset(register(i));
    }

    boolean isDirty(int i) {
        return (dirty >> register(i) & 1) != 0;
    }

    /** Registers as bits of the tag word. */
    private Node physical(NodeFactory f, int registers) {
        return f.and(f.shr(f.shl(f.constant(32, registers * 0x101), entry.top), f.constant(32, 8)), f.constant(32, 0xFF));
    }
}
