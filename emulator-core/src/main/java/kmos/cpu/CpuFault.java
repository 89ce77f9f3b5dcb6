// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/** An exception on its way out of an instruction. One per vCPU, reused; caught only in the interpreter's loop. */
public final class CpuFault extends RuntimeException {
    private static final long serialVersionUID = 1;
    public static final int DE = 0, DB = 1, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14, MF = 16, AC = 17, XM = 19;

    /** Internal: becomes #SS or #GP when the segment is known. */
    static final int NOT_CANONICAL = 256;

    private int vector;
    private int errorCode;
    private long address;
    private boolean isFetch;
    private int uncounted;

    CpuFault() {
        super(null, null, false, false);
    }

    CpuFault set(int vector, int errorCode, long address, boolean isFetch) {
        this.vector = vector;
        this.errorCode = errorCode;
        this.address = address;
        this.isFetch = isFetch;
        uncounted = 0;
        return this;
    }

    /** Of a branch that has already been counted as executed. */
    CpuFault setUncounted() {
        uncounted = 1;
        return this;
    }

    int uncounted() {
        return uncounted;
    }

    public int vector() {
        return vector;
    }

    public int errorCode() {
        return errorCode;
    }

    /** Faulting linear address of a page fault. */
    public long address() {
        return address;
    }

    /** While fetching the instruction: RIP already stands where it happened. */
    boolean isFetch() {
        return isFetch;
    }

    /** A fault without error code and address. */
    public static CpuFault of(int cpu, int vector) {
        return Machines.cpu(cpu).fault().set(vector, 0, 0, false);
    }

    public static CpuFault of(int cpu, int vector, int errorCode) {
        return Machines.cpu(cpu).fault().set(vector, errorCode, 0, false);
    }
}
