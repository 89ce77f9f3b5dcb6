// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.abi.MmanAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.ShmemInode;
import kmos.kernel.mm.VmArea;

/**
 * The vdso (vdso(7)) in every program: a page of data that the kernel keeps up to date, and behind it a shared object with
 * functions that read it. All programs share the same frames.
 */
public final class Vdso implements Stateful {
    private static final int PAGE = 4096, SEQUENCE = 0, REAL_TIME_OFFSET = 8;

    private final Kernel kernel;
    private Inode data;
    private Inode image64;
    private Inode image32;
    private int sequence;

    public Vdso(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Maps both into a new program; its address is then space.vdso(). ErrnoException ENOMEM. */
    void map(AddressSpace space) {
        if (image32 == null) {
            make();
        }
        int anywhere = MmanAbi.MAP_PRIVATE | MmanAbi.MAP_ANONYMOUS;
        long at = space.map(0, 2 * PAGE, VmArea.NO_RESERVE, anywhere, null, null, 0);
        int fixed = MmanAbi.MAP_PRIVATE | MmanAbi.MAP_FIXED;
        space.map(at, PAGE, VmArea.READ | VmArea.VVAR, fixed, data, null, 0);
        space.map(at + PAGE, PAGE, VmArea.READ | VmArea.EXEC | VmArea.MAY_WRITE | VmArea.VDSO, fixed, space.is64Bit() ? image64 : image32, null, 0);
        space.setVdso(at + PAGE);
    }

    /** When memory is short half-way, the rest is made with the next program. */
    private void make() {
        if (data == null) {
            data = page(new byte[PAGE]);
            timeChanged();
        }
        if (image64 == null) {
            image64 = page(VdsoImage.make(true));
        }
        image32 = page(VdsoImage.make(false));
    }

    private Inode page(byte[] bytes) {
        Inode inode = new ShmemInode(kernel.shmem(), PAGE).retain();
        CachedPage page = kernel.pageCache().get(inode, 0);
        kernel.machine().memory().write(kernel.pageCache().frame(page), bytes, 0, bytes.length);
        kernel.pageCache().markDirty(page);
        return inode;
    }

    /** Real time was set: programs see it with their next look. */
    public void timeChanged() {
        if (data == null) {
            return;
        }
        sequence++;
        byte[] b = new byte[16];
        LittleEndian.put32(b, SEQUENCE, sequence);
        LittleEndian.put64(b, REAL_TIME_OFFSET, kernel.realTimeOffsetNs());
        CachedPage page = kernel.pageCache().get(data, 0);
        kernel.machine().memory().write(kernel.pageCache().frame(page), b, 0, b.length);
    }

    /** AT_SYSINFO of an i386 program: its way into the kernel. */
    static long systemCall(AddressSpace space) {
        return space.vdso() + VdsoImage.CODE;
    }

    /** Where an i386 program goes on after sysenter; 0 without a vdso. */
    public static long landingPad(AddressSpace space) {
        return space.vdso() == 0 || space.is64Bit() ? 0 : space.vdso() + VdsoImage.CODE + VdsoCode.LANDING_PAD;
    }

    /** Where an i386 signal handler without a restorer returns to, or 0 without a vdso. */
    public static long signalReturn(AddressSpace space, boolean isRt) {
        return space.vdso() == 0 || space.is64Bit() ? 0 : space.vdso() + VdsoImage.CODE + (isRt ? VdsoCode.RT_SIGRETURN : VdsoCode.SIGRETURN);
    }

    @Override
    public void state(StateFields s) {
        data = s.ref("data", data, Inode.class);
        image64 = s.ref("image64", image64, Inode.class);
        image32 = s.ref("image32", image32, Inode.class);
        sequence = s.i32("sequence", sequence);
    }
}
