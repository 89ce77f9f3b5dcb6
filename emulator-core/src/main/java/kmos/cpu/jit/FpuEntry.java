// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.CpuState;

/**
 * The x87 where a block begins to follow its register stack: status, tags and TOP as values, from memory or from the block before, and what the instructions from
 * there on take for granted. That is tested once, before the first of them; where it does not hold, the interpreter does them all.
 */
final class FpuEntry {
    /** Rounding, precision and PM of the control word, and what they are by default. */
    static final int MODES = 0xF20, DEFAULT_MODES = 0x320;
    /** ES of the status word. */
    static final int SUMMARY = 0x80;
    private static final int REGISTERS = 8;

    final Node status;
    final Node tags;
    final Node top;
    /** Registers, counted from TOP: offsets of them in the register file, what the tags are tested for, and which must be there. */
    private final Node[] offsets = new Node[REGISTERS];
    private int tested;
    private int expected;
    private boolean needsDefaultModes;
    /** The block before knows that no exception is pending, and perhaps the modes. */
    private final boolean isInherited;
    private final boolean hasDefaultModes;
    private boolean isTested;

    /** From memory. */
    FpuEntry(BlockBuilder e, NodeFactory f) {
        this(f, e.stateLoad(32, CpuState.FSW), e.stateLoad(32, CpuState.FTW), null, false, false);
    }

    /** From locals. */
    FpuEntry(NodeFactory f, RegionLocals locals, FpuShape shape) {
        this(f, locals.fpuStatus(), locals.fpuTags(), locals.fpuTop(), true, shape.hasDefaultModes());
    }

    private FpuEntry(NodeFactory f, Node status, Node tags, Node topOrNull, boolean isInherited, boolean hasDefaultModes) {
        this.status = status;
        this.tags = tags;
        this.isInherited = isInherited;
        this.hasDefaultModes = hasDefaultModes;
        top = topOrNull != null ? topOrNull : f.and(f.shr(status, f.constant(32, 11)), f.constant(32, 7));
        for (int i = 0; i < REGISTERS; i++) {
            Node number = i == 0 ? top : f.and(f.add(top, f.constant(32, i)), f.constant(32, 7));
            offsets[i] = f.shl(number, f.constant(32, 4));
        }
    }

    /** Adds the test to the block, if it has none yet. */
    void test(FpuTracking x87, BlockBuilder e, NodeFactory f) {
        if (!isTested) {
            isTested = true;
            Node fromTop = f.shr(f.or(tags, f.shl(tags, f.constant(32, 8))), top);
            x87.check(this, status, fromTop, e.stateLoad(32, CpuState.FCW));
        }
    }

    boolean isSummaryTested() {
        return !isInherited;
    }

    /** Where a register lies behind {@link CpuState#ST}. */
    Node offset(int register) {
        return offsets[register & 7];
    }

    void expect(int register, boolean isThere) {
        tested |= 1 << register;
        expected |= isThere ? 1 << register : 0;
    }

    /** Somebody rounds. */
    void expectDefaultModes() {
        needsDefaultModes = !hasDefaultModes;
    }

    int tested() {
        return tested;
    }

    int expected() {
        return expected;
    }

    /** Whether the modes are known at the end of a block that began here. */
    boolean knowsDefaultModes() {
        return hasDefaultModes || needsDefaultModes;
    }

    boolean needsDefaultModes() {
        return needsDefaultModes;
    }
}
