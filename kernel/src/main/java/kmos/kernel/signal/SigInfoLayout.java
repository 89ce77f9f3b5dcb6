// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.UserMemory;

/** siginfo_t in user memory, 128 bytes (asm-generic/siginfo.h): the union starts at 16 in amd64, at 12 in i386. */
public final class SigInfoLayout {
    public static final int SIZE = 128;

    private SigInfoLayout() { }

    /** ErrnoException EFAULT; NotReady. */
    public static void write(UserMemory user, long at, SigInfo i, boolean is64Bit) {
        int words = is64Bit ? 16 : 12;
        byte[] zeros = new byte[SIZE];
        if (user.copyOut(zeros, 0, at, SIZE) != SIZE) {
            throw new kmos.base.ErrnoException(kmos.base.Errno.EFAULT);
        }
        user.write32(at, i.signal);
        user.write32(at + 4, i.errno);
        user.write32(at + 8, i.code);
        long u = at + words;
        if (i.code == SignalAbi.SI_TIMER) {
            user.write32(u, i.timerId);
            user.write32(u + 4, i.overrun);
            user.writeWord(u + 8, i.value);
        } else if (i.code <= 0) {
            user.write32(u, i.pid);
            user.write32(u + 4, i.uid);
            if (i.code != SignalAbi.SI_USER && i.code != SignalAbi.SI_TKILL) {
                user.writeWord(u + 8, i.value);
            }
        } else if (i.signal == SignalAbi.SIGCHLD && i.code != SignalAbi.SI_KERNEL) {
            user.write32(u, i.pid);
            user.write32(u + 4, i.uid);
            user.write32(u + 8, i.status);
            user.writeWord(u + (is64Bit ? 16 : 12), i.userTicks);
            user.writeWord(u + (is64Bit ? 24 : 16), i.systemTicks);
        } else if (i.code != SignalAbi.SI_KERNEL) {
            user.writeWord(u, i.address);
        }
    }

    /** What sigqueue passes: code, pid, uid and value as the program wrote them. */
    public static SigInfo read(UserMemory user, long at, int signal, boolean is64Bit) {
        SigInfo i = SigInfo.of(signal, user.read32(at + 8));
        i.errno = user.read32(at + 4);
        long u = at + (is64Bit ? 16 : 12);
        i.pid = user.read32(u);
        i.uid = user.read32(u + 4);
        i.value = user.readWord(u + 8);
        return i;
    }

    /** All that write writes; what the fields mean follows from signal and code. ErrnoException EFAULT; NotReady. */
    public static SigInfo readAll(UserMemory user, long at, boolean is64Bit) {
        SigInfo i = read(user, at, user.read32(at), is64Bit);
        long u = at + (is64Bit ? 16 : 12);
        if (i.code == SignalAbi.SI_TIMER) {
            i.timerId = i.pid;
            i.overrun = i.uid;
        } else if (i.signal == SignalAbi.SIGCHLD && i.code > 0 && i.code != SignalAbi.SI_KERNEL) {
            i.status = user.read32(u + 8);
            i.userTicks = user.readWord(u + (is64Bit ? 16 : 12));
            i.systemTicks = user.readWord(u + (is64Bit ? 24 : 16));
        } else if (i.code > 0 && i.code != SignalAbi.SI_KERNEL) {
            i.address = user.readWord(u);
        }
        return i;
    }
}
