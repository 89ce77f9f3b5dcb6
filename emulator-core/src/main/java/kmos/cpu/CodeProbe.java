// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/**
 * An instruction that somebody wants to know of, in one address space, and when it was last about to run. Blocks end before it, at a record that leaves
 * the interpreter; everything else runs as ever, compiled or not. The guest cannot see it, and nothing of it is state.
 */
final class CodeProbe {
    private boolean isOn;
    private boolean isPassing;
    private long address;
    private long cr3;
    private long hit;

    void begin(long linear, long ofCr3) {
        isOn = true;
        address = linear;
        cr3 = ofCr3;
        hit = -1;
    }

    void end() {
        isOn = false;
        isPassing = false;
    }

    boolean isOn() {
        return isOn;
    }

    long address() {
        return address;
    }

    /** Guest time at which it was last about to run, -1: it was not. */
    long hit() {
        return hit;
    }

    /** The processor is about to run what is at a linear address. True: only that one instruction, which is not stopped before. */
    boolean arrives(long linear, long currentCr3, long cycles) {
        isPassing = linear == address;
        if (isPassing && currentCr3 == cr3) {
            hit = cycles;
        }
        return isPassing;
    }

    /** Since {@link #arrives} has said so, until its block is decoded. */
    boolean isPassing() {
        return isPassing;
    }

    /** Of a block that is decoded at linear: how many bytes behind it is, if that is less than left; -1: not there, or this block is to pass it. */
    int offsetFrom(long linear, int left) {
        long offset = address - linear;
        boolean stops = isOn && !isPassing && offset >= 0 && offset < left;
        isPassing = false;
        return stops ? (int) offset : -1;
    }

    /** Whether it is on this page of the linear address space, so that no region may take it in. */
    boolean isOnPage(long page) {
        return isOn && address >>> 12 == page;
    }
}
