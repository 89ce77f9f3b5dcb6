// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.mm.UserSpace;
import kmos.machine.PhysicalMemory;

/** The x87 state as FSAVE writes it (struct user_i387_ia32_struct), made of an FXSAVE image and the other way (SDM vol. 1 §8.1.10). */
public final class FsaveImage {
    /** Bytes: environment (28) and ST0 to ST7. */
    public static final int SIZE = 108;

    private FsaveImage() { }

    /** FXSAVE image in RAM to user memory (convert_from_fxsr of an amd64 kernel): the selectors are those of now. */
    public static void write(UserSpace user, PhysicalMemory memory, int image, long fp, int cs, int ds) {
        int status = memory.read16(image + 2);
        user.write32(fp, memory.read16(image) | 0xFFFF0000);
        user.write32(fp + 4, status | 0xFFFF0000);
        user.write32(fp + 8, fullTags(memory, image, status >>> 11 & 7) | 0xFFFF0000);
        user.write32(fp + 12, memory.read32(image + 8));
        user.write32(fp + 16, cs);
        user.write32(fp + 20, memory.read32(image + 16));
        user.write32(fp + 24, ds | 0xFFFF0000);
        for (int i = 0; i < 8; i++) {
            user.copyOutFromRam(image + 32 + i * 16, fp + 28 + i * 10, 10);
        }
    }

    /** FXSAVE's one bit a register to two: valid 0, zero 1, special 2, empty 3 (SDM vol. 1 §8.1.7). */
    private static int fullTags(PhysicalMemory memory, int image, int top) {
        int abridged = memory.read8(image + 4);
        int tags = 0;
        for (int physical = 0; physical < 8; physical++) {
            int tag = 3;
            if ((abridged & 1 << physical) != 0) {
                int at = image + 32 + (physical - top & 7) * 16;
                int exponent = memory.read16(at + 8) & 0x7FFF;
                long significand = memory.read64(at);
                if (exponent == 0x7FFF) {
                    tag = 2;
                } else if (exponent == 0) {
                    tag = significand == 0 ? 1 : 2;
                } else {
                    tag = significand < 0 ? 0 : 2;
                }
            }
            tags |= tag << physical * 2;
        }
        return tags;
    }

    /** User memory into an FXSAVE image in RAM, of which the x87 part changes (convert_to_fxsr). ErrnoException EFAULT; NotReady. */
    public static void read(UserSpace user, PhysicalMemory memory, int image, long fp) {
        memory.write16(image, user.read16(fp));
        memory.write16(image + 2, user.read16(fp + 4));
        int full = user.read16(fp + 8);
        int abridged = 0;
        for (int i = 0; i < 8; i++) {
            abridged |= (full >>> i * 2 & 3) != 3 ? 1 << i : 0;
        }
        memory.write16(image + 4, abridged);
        memory.write16(image + 6, user.read16(fp + 18));
        memory.write64(image + 8, user.read32(fp + 12) & 0xFFFFFFFFL);
        memory.write64(image + 16, user.read32(fp + 20) & 0xFFFFFFFFL);
        for (int i = 0; i < 8; i++) {
            if (user.copyInToRam(fp + 28 + i * 10, image + 32 + i * 16, 10) != 10) {
                throw new ErrnoException(Errno.EFAULT);
            }
        }
    }
}
