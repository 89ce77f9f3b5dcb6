// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/** A segment descriptor's fields (SDM vol. 3A §3.4.5). */
record Descriptor(int low, int high) {
    /** Of the attributes: S, code, expand-down, writable; and their values for data that may be written. */
    static final int KIND = 0x1E, WRITABLE_DATA = 0x12;

    /** Type, S, DPL, P, AVL, L, D/B, G: bits 8 to 23 of the upper word, without the limit's. */
    int attributes() {
        return high >>> 8 & 0xF0FF;
    }

    int type() {
        return high >>> 8 & 15;
    }

    boolean isSystem() {
        return (high & 0x1000) == 0;
    }

    boolean isCode() {
        return (high & 0x1800) == 0x1800;
    }

    /** Code of 64-bit mode. */
    boolean isLong() {
        return isCode() && (high & 0x200000) != 0;
    }

    int privilege() {
        return high >>> 13 & 3;
    }

    boolean isPresent() {
        return (high & 0x8000) != 0;
    }

    boolean isConforming() {
        return isCode() && (high & 0x400) != 0;
    }

    /** Data that may be written. */
    boolean isWritable() {
        return !isSystem() && !isCode() && (high & 0x200) != 0;
    }

    boolean isReadable() {
        return !isSystem() && (!isCode() || (high & 0x200) != 0);
    }

    long base() {
        return (low >>> 16 | (high & 0xFF) << 16 | high & 0xFF000000) & 0xFFFFFFFFL;
    }

    int limit() {
        int limit = low & 0xFFFF | high & 0xF0000;
        return (high & 0x800000) != 0 ? limit << 12 | 0xFFF : limit;
    }
}
