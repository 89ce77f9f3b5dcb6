// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.machine.PhysicalMemory;

/** A program's memory as the kernel reads and writes it: through its page table, with its rights, faults handled here. */
public final class UserSpace implements UserMemory {
    private final Kernel kernel;
    private final PhysicalMemory memory;
    private final AddressSpace space;
    private boolean is64Bit;

    public UserSpace(Kernel kernel, AddressSpace space) {
        this.kernel = kernel;
        this.memory = kernel.machine().memory();
        this.space = space;
        this.is64Bit = space.is64Bit();
    }

    public AddressSpace space() {
        return space;
    }

    /** The size of pointers and longs in the ABI of the present system call. */
    public void setWord64(boolean is64) {
        is64Bit = is64;
    }

    /** Physical address of a user byte, or -1; accessed and dirty bits are set as the MMU would. NotReady. */
    public int translate(long address, boolean isWrite) {
        if (Long.compareUnsigned(address, space.taskSize()) >= 0) {
            return -1;
        }
        PageTable table = space.pageTable();
        long needed = PageTable.PRESENT | PageTable.USER | (isWrite ? PageTable.WRITABLE : 0);
        int at = table.entry(address);
        long e = at < 0 ? 0 : memory.read64(at);
        if ((e & needed) != needed) {
            int code = PageFault.USER | (isWrite ? PageFault.WRITE : 0) | (int) (e & PageTable.PRESENT);
            int result = PageFault.handle(kernel, space, address, code);
            if (result == PageFault.OUT_OF_MEMORY) {
                if (kernel.current() != null && kernel.current().hasFatalSignal()) {
                    // Who is to be killed so that memory becomes free must not wait for memory.
                    return -1;
                }
                throw new NotReady(kernel.outOfMemory());
            }
            if (result != 0) {
                return -1;
            }
            at = table.entry(address);
            e = memory.read64(at);
            if ((e & needed) != needed) {
                return -1;
            }
        }
        long used = e | PageTable.ACCESSED | (isWrite ? PageTable.DIRTY : 0);
        if (used != e) {
            table.replaceQuietly(at, used);
        }
        return (int) (e & PageTable.FRAME) | (int) address & 0xFFF;
    }

    @Override
    public int copyIn(long from, byte[] to, int offset, int count) {
        for (int done = 0; done < count;) {
            int p = translate(from + done, false);
            if (p < 0) {
                return done > 0 ? done : -Errno.EFAULT;
            }
            int n = Math.min(count - done, 0x1000 - (p & 0xFFF));
            memory.read(p, to, offset + done, n);
            charge(n);
            done += n;
        }
        return count;
    }

    @Override
    public int copyOut(byte[] from, int offset, long to, int count) {
        for (int done = 0; done < count;) {
            int p = translate(to + done, true);
            if (p < 0) {
                return done > 0 ? done : -Errno.EFAULT;
            }
            int n = Math.min(count - done, 0x1000 - (p & 0xFFF));
            memory.write(p, from, offset + done, n);
            charge(n);
            done += n;
        }
        return count;
    }

    @Override
    public int copyInToRam(long from, int physical, int count) {
        for (int done = 0; done < count;) {
            int p = translate(from + done, false);
            if (p < 0) {
                return done > 0 ? done : -Errno.EFAULT;
            }
            int n = Math.min(count - done, 0x1000 - (p & 0xFFF));
            memory.copy(p, physical + done, n);
            charge(n);
            done += n;
        }
        return count;
    }

    @Override
    public int copyOutFromRam(int physical, long to, int count) {
        for (int done = 0; done < count;) {
            int p = translate(to + done, true);
            if (p < 0) {
                return done > 0 ? done : -Errno.EFAULT;
            }
            int n = Math.min(count - done, 0x1000 - (p & 0xFFF));
            memory.copy(physical + done, p, n);
            charge(n);
            done += n;
        }
        return count;
    }

    /** Copying takes time, as it does on any processor; and a program that copies much still ends its slice. */
    private void charge(int bytes) {
        long ns = bytes >> KernelConfig.COPY_BYTES_PER_NS_SHIFT;
        kernel.machine().clock().advanceNs(ns);
        if (kernel.current() != null) {
            kernel.current().chargeSystem(ns);
        }
    }

    /** Makes all pages of a range writable now, so that a later write of it cannot be NotReady. ErrnoException EFAULT. */
    public void prepareWrite(long address, long count) {
        for (long at = address & ~0xFFFL; at < address + count; at += 0x1000) {
            checked(at, true);
        }
    }

    /** Fills with zeros. ErrnoException EFAULT; NotReady. */
    public void clear(long address, long count) {
        for (long done = 0; done < count;) {
            int p = checked(address + done, true);
            int n = (int) Math.min(count - done, 0x1000 - (p & 0xFFF));
            memory.fill(p, n, 0);
            charge(n);
            done += n;
        }
    }

    @Override
    public int read8(long address) {
        return memory.read8(checked(address, false));
    }

    @Override
    public int read16(long address) {
        return (address & 0xFFF) <= 0xFFE ? memory.read16(checked(address, false)) : read8(address) | read8(address + 1) << 8;
    }

    @Override
    public int read32(long address) {
        return (address & 0xFFF) <= 0xFFC ? memory.read32(checked(address, false)) : read16(address) | read16(address + 2) << 16;
    }

    @Override
    public long read64(long address) {
        return (address & 0xFFF) <= 0xFF8 ? memory.read64(checked(address, false))
            : read32(address) & 0xFFFFFFFFL | (long) read32(address + 4) << 32;
    }

    @Override
    public void write8(long address, int value) {
        memory.write8(checked(address, true), value);
    }

    @Override
    public void write16(long address, int value) {
        if ((address & 0xFFF) <= 0xFFE) {
            memory.write16(checked(address, true), value);
        } else {
            checked(address + 1, true);
            write8(address, value);
            write8(address + 1, value >>> 8);
        }
    }

    @Override
    public void write32(long address, int value) {
        if ((address & 0xFFF) <= 0xFFC) {
            memory.write32(checked(address, true), value);
        } else {
            checked(address + 3, true);
            write16(address, value);
            write16(address + 2, value >>> 16);
        }
    }

    @Override
    public void write64(long address, long value) {
        if ((address & 0xFFF) <= 0xFF8) {
            memory.write64(checked(address, true), value);
        } else {
            checked(address + 7, true);
            write32(address, (int) value);
            write32(address + 4, (int) (value >>> 32));
        }
    }

    @Override
    public long readWord(long address) {
        return is64Bit ? read64(address) : read32(address) & 0xFFFFFFFFL;
    }

    @Override
    public void writeWord(long address, long value) {
        if (is64Bit) {
            write64(address, value);
        } else {
            write32(address, (int) value);
        }
    }

    @Override
    public String readString(long address, int limit) {
        StringBuilder text = new StringBuilder();
        for (int done = 0; done < limit;) {
            int p = checked(address + done, false);
            int n = Math.min(limit - done, 0x1000 - (p & 0xFFF));
            for (int i = 0; i < n; i++) {
                int c = memory.read8(p + i);
                if (c == 0) {
                    return text.toString();
                }
                text.append((char) c);
            }
            done += n;
        }
        throw new ErrnoException(Errno.ENAMETOOLONG);
    }

    private int checked(long address, boolean isWrite) {
        int p = translate(address, isWrite);
        if (p < 0) {
            throw new ErrnoException(Errno.EFAULT);
        }
        return p;
    }
}
