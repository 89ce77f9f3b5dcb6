// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

/**
 * Reads and writes of a program's memory with the program's own rights, through its page tables; pages are brought in
 * as a fault would. A bad address gives EFAULT, a page on its way throws NotReady.
 */
public interface UserMemory {
    /** Bytes copied into to before the first bad address; -EFAULT when that is the first byte (count 0 gives 0). */
    int copyIn(long from, byte[] to, int offset, int count);

    int copyOut(byte[] from, int offset, long to, int count);

    /** The same between user memory and guest RAM at a physical address. */
    int copyInToRam(long from, int physical, int count);

    int copyOutFromRam(int physical, long to, int count);

    /** ErrnoException EFAULT for these. */
    int read8(long address);

    int read16(long address);

    int read32(long address);

    long read64(long address);

    void write8(long address, int value);

    void write16(long address, int value);

    void write32(long address, int value);

    void write64(long address, long value);

    /** A C pointer or long of the task's ABI, zero-extended. */
    long readWord(long address);

    void writeWord(long address, long value);

    /** A C string as chars 0-255; EFAULT; ENAMETOOLONG when there is no NUL within limit bytes. */
    String readString(long address, int limit);
}
