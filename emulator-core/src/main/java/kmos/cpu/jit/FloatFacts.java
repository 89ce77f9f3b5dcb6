// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What is known about floating point at some place of a region: MXCSR, and vector registers (bits by register) as doubles and as floats. */
final class FloatFacts {
    static final FloatFacts NONE = new FloatFacts();

    /** Lowest lane zero or a normal number; all lanes no denormals. */
    private final int[] ordinary = new int[2];
    private final int[] normalized = new int[2];
    /** MXCSR has its default modes and PE is set. */
    private boolean isDefaultMode;

    private FloatFacts() { }

    FloatFacts(FloatFacts f) {
        for (int i = 0; i < 2; i++) {
            ordinary[i] = f.ordinary[i];
            normalized[i] = f.normalized[i];
        }
        isDefaultMode = f.isDefaultMode;
    }

    /** What both know. */
    FloatFacts and(FloatFacts f) {
        FloatFacts r = new FloatFacts(this);
        for (int i = 0; i < 2; i++) {
            r.ordinary[i] &= f.ordinary[i];
            r.normalized[i] &= f.normalized[i];
        }
        r.isDefaultMode &= f.isDefaultMode;
        return r;
    }

    /** Whether all that the other one knows is known here. */
    boolean hasAllOf(FloatFacts f) {
        boolean has = isDefaultMode || !f.isDefaultMode;
        for (int i = 0; i < 2; i++) {
            has &= (f.ordinary[i] & ~ordinary[i]) == 0 && (f.normalized[i] & ~normalized[i]) == 0;
        }
        return has;
    }

    boolean isDefaultMode() {
        return isDefaultMode;
    }

    private static int format(int bits) {
        return bits == 64 ? 0 : 1;
    }

    /** Of the lowest lane of a register as the block begins: the register, else -1. */
    private static int register(Node lane) {
        boolean isLowest = lane.op == (Node.VECTOR | VectorOps.F64_EXTRACT) || lane.op == (Node.VECTOR | VectorOps.F32_EXTRACT);
        return isLowest && lane.a.op == Node.XREG ? (int) lane.a.imm : -1;
    }

    boolean isOrdinary(Node lane) {
        int r = register(lane);
        return r >= 0 && (ordinary[format(lane.bits())] >> r & 1) != 0;
    }

    void setOrdinary(Node lane) {
        int r = register(lane);
        if (r >= 0) {
            ordinary[format(lane.bits())] |= 1 << r;
        }
    }

    boolean isNormalized(Node v, int bits) {
        return v.op == Node.XREG && (normalized[format(bits)] >> v.imm & 1) != 0;
    }

    void setNormalized(Node v, int bits) {
        if (v.op == Node.XREG) {
            normalized[format(bits)] |= 1 << v.imm;
        }
    }

    private static boolean isZero(Node v) {
        if (v.op != (Node.VECTOR | VectorOps.CONST)) {
            return false;
        }
        for (byte b : v.lanes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** What is known at the block's end, of the registers that it leaves. */
    FloatFacts of(Node[] registers, boolean isDefaultModeThen) {
        FloatFacts r = new FloatFacts();
        r.isDefaultMode = isDefaultModeThen;
        for (int i = 0; i < registers.length; i++) {
            Node v = registers[i].source();
            for (int f = 0; f < 2; f++) {
                int bits = f == 0 ? 64 : 32, replace = f == 0 ? VectorOps.F64_REPLACE : VectorOps.F32_REPLACE;
                boolean isLeaf = v.op == Node.XREG;
                boolean isOrdinary = isLeaf ? (ordinary[f] >> v.imm & 1) != 0 : v.op == (Node.VECTOR | replace) && v.b.isOrdinary;
                boolean isNormalized = isLeaf ? isNormalized(v, bits) : v.normalizedLanes == bits;
                r.ordinary[f] |= isOrdinary || isZero(v) ? 1 << i : 0;
                r.normalized[f] |= isNormalized || isZero(v) ? 1 << i : 0;
            }
        }
        return r;
    }
}
