// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import static kmos.kernel.abi.MmanAbi.MAP_ANONYMOUS;
import static kmos.kernel.abi.MmanAbi.MAP_FIXED;
import static kmos.kernel.abi.MmanAbi.MAP_FIXED_NOREPLACE;
import static kmos.kernel.abi.MmanAbi.MAP_PRIVATE;
import static kmos.kernel.abi.MmanAbi.MREMAP_MAYMOVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.kernel.TestSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressSpaceTest {
    private static final int RW = VmArea.READ | VmArea.WRITE | VmArea.MAY_WRITE;
    private static final long AT = 0x40000000L;

    private TestSystem system;
    private Kernel kernel;
    private AddressSpace space;
    private UserSpace user;
    private int freeBefore;

    @BeforeEach
    void setUp() {
        system = new TestSystem(8, new KernelConfig());
        kernel = system.kernel;
        freeBefore = kernel.frames().freeFrames();
        make(true);
    }

    private void make(boolean is64Bit) {
        space = AddressSpace.create(kernel, is64Bit);
        space.setMmapBase(0x70000000L);
        user = new UserSpace(kernel, space);
    }

    @AfterEach
    void tearDown() {
        system.close();
    }

    private long map(long at, int pages, int flags) {
        return space.map(at, pages * 4096L, flags, MAP_PRIVATE | MAP_ANONYMOUS | (at == 0 ? 0 : MAP_FIXED), null, null, 0);
    }

    @Test
    void largeBlocksDoNotMeetInTheTlb() {
        int pages = 1024;
        long first = map(0, pages, RW), second = map(0, pages, RW), small = map(0, pages - 1, RW);
        assertEquals(pages + 32, first - second >> 12);
        assertEquals(pages - 1, second - small >> 12);
    }

    private int store(long page) {
        assertEquals(0, PageFault.handle(kernel, space, page, PageFault.WRITE | PageFault.USER));
        return (int) (space.pageTable().get(page) & PageTable.FRAME);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pagesThatAreNeighboursAreSoInRamToo_whateverTheirOrder(boolean is64Bit) {
        space.release();
        make(is64Bit);
        // Over the end of a page table.
        map(AT - 8 * 4096L, 16, RW);
        map(AT + 0x1000000L, 16, RW);
        int middle = store(AT);
        for (int i : new int[] {1, -1, 3, 2, -2, -5, -4, -3, 7, 6}) {
            // Others take frames meanwhile.
            kernel.frames().allocate();
            store(AT + 0x1000000L + (i + 8) * 4096L);
            assertEquals(middle + i * 4096, store(AT + i * 4096L), "page " + i);
        }
    }

    @Test
    void aPageWhoseNeighbourHasNoFreeOneBesideIsPlacedElsewhere() {
        map(AT, 4, RW);
        int first = store(AT);
        assertEquals(first + 4096, kernel.frames().allocateAt((first >>> 12) + 1));
        assertEquals(first + 2 * 4096, store(AT + 2 * 4096L));
        int between = store(AT + 4096);
        assertNotEquals(first + 4096, between);
        assertEquals(1, kernel.frames().references(between));
    }

    @Test
    void whenNoBlockIsFree_pagesAreFoundAllTheSame() {
        int taken = kernel.frames().allocateInFreeBlock(0);
        while (taken >= 0) {
            taken = kernel.frames().allocateInFreeBlock(0);
        }
        map(AT, 64, RW);
        int free = kernel.frames().freeFrames() + space.pageTable().tableFrames();
        for (int i = 0; i < 64; i++) {
            store(AT + i * 4096L);
        }
        assertEquals(free - 64, kernel.frames().freeFrames() + space.pageTable().tableFrames());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void demandZero_thenStored_thenReleased_givesAllFramesBack(boolean is64Bit) {
        space.release();
        make(is64Bit);
        map(AT, 4, RW);
        assertEquals(0, user.read32(AT + 4096));
        assertEquals(kernel.zeroFrame(), (int) (space.pageTable().get(AT + 4096) & PageTable.FRAME));
        user.write32(AT + 4094, 0x12345678);
        assertEquals(0x12345678, user.read32(AT + 4094));
        assertEquals(2, space.residentPages());
        space.checkInvariants();
        space.release();
        assertEquals(freeBefore, kernel.frames().freeFrames());
    }

    @Test
    void fork_sharesFramesUntilOneSideWrites() {
        map(AT, 2, RW);
        user.write32(AT, 1);
        AddressSpace child = space.fork();
        UserSpace childUser = new UserSpace(kernel, child);
        assertEquals(space.pageTable().get(AT) & PageTable.FRAME, child.pageTable().get(AT) & PageTable.FRAME);
        childUser.write32(AT, 2);
        assertEquals(1, user.read32(AT));
        assertEquals(2, childUser.read32(AT));
        user.write32(AT, 3);
        assertEquals(2, childUser.read32(AT));
        child.release();
        space.release();
        assertEquals(freeBefore, kernel.frames().freeFrames());
    }

    @Test
    void sharedAnonymous_isSeenOnBothSidesOfFork() {
        ShmemInode object = new ShmemInode(kernel.shmem(), 8192);
        object.retain();
        space.map(AT, 8192, RW | VmArea.SHARED, MAP_FIXED, object, null, 0);
        kernel.releaseInode(object);
        AddressSpace child = space.fork();
        new UserSpace(kernel, child).write32(AT + 4096, 7);
        assertEquals(7, user.read32(AT + 4096));
        space.release();
        child.release();
        assertEquals(freeBefore, kernel.frames().freeFrames());
    }

    @Test
    void privateFileMapping_doesNotChangeTheFile() {
        Inode file = system.file("/f", new byte[] {1, 2, 3}, 0644);
        space.map(AT, 4096, RW, MAP_FIXED, file, null, 0);
        assertEquals(1, user.read8(AT));
        user.write8(AT, 9);
        assertEquals(9, user.read8(AT));
        byte[] back = new byte[3];
        kernel.pageCache().read(file, 0, back, 0, 3);
        assertEquals(1, back[0]);
    }

    @Test
    void accessBehindTheFilesEnd_isBusError() {
        Inode file = system.file("/f", new byte[] {1}, 0644);
        space.map(AT, 8192, RW, MAP_FIXED, file, null, 0);
        assertEquals(PageFault.NO_BACKING, PageFault.handle(kernel, space, AT + 4096, PageFault.USER));
    }

    @Test
    void faultCodes_tellHoleFromProtection() {
        map(AT, 1, VmArea.READ);
        assertEquals(PageFault.NO_AREA, PageFault.handle(kernel, space, AT + 4096, PageFault.USER));
        assertEquals(PageFault.NO_ACCESS, PageFault.handle(kernel, space, AT, PageFault.USER | PageFault.WRITE));
        assertEquals(PageFault.NO_ACCESS, PageFault.handle(kernel, space, AT, PageFault.USER | PageFault.FETCH));
        assertEquals(PageFault.NO_AREA, PageFault.handle(kernel, space, -4096L, PageFault.USER | PageFault.PROTECTION));
    }

    @Test
    void mprotect_splitsAreasAndTakesRightsAway() {
        map(AT, 4, RW);
        user.write32(AT + 4096, 5);
        space.protect(AT + 4096, 4096, VmArea.READ);
        assertEquals(3, space.areas().size());
        assertEquals(Errno.EFAULT, errno(() -> user.write32(AT + 4096, 6)));
        assertEquals(5, user.read32(AT + 4096));
        space.protect(AT + 4096, 4096, VmArea.READ | VmArea.WRITE);
        user.write32(AT + 4096, 6);
        assertEquals(1, space.areas().size());
        space.checkInvariants();
    }

    @Test
    void mprotectOverAHole_isEnomem() {
        map(AT, 1, RW);
        assertEquals(Errno.ENOMEM, errno(() -> space.protect(AT, 8192, VmArea.READ)));
    }

    @Test
    void munmapInTheMiddle_leavesBothEnds() {
        map(AT, 3, RW);
        user.write32(AT + 8192, 1);
        space.unmap(AT + 4096, 4096);
        assertEquals(2, space.areas().size());
        assertEquals(2, space.totalPages());
        assertEquals(1, user.read32(AT + 8192));
        assertEquals(Errno.EFAULT, errno(() -> user.read32(AT + 4096)));
        space.checkInvariants();
    }

    @Test
    void neighboursWithTheSameRights_areOneArea() {
        map(AT, 1, RW);
        map(AT + 8192, 1, RW);
        map(AT + 4096, 1, RW);
        assertEquals(1, space.areas().size());
        assertEquals(3, space.totalPages());
        space.checkInvariants();
    }

    @Test
    void searchGoesDownFromTheBase_andFindsTheFirstGap() {
        long a = map(0, 2, VmArea.READ);
        long b = map(0, 1, RW);
        assertEquals(0x70000000L - 8192, a);
        assertEquals(a - 4096, b);
        space.unmap(a, 8192);
        assertEquals(a + 4096, map(0, 1, VmArea.EXEC));
    }

    @Test
    void fixedNoReplace_isEexistOverAnArea() {
        map(AT, 1, RW);
        assertEquals(Errno.EEXIST, errno(() -> space.map(AT, 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, null, null, 0)));
    }

    @Test
    void brk_growsShrinksAndStopsBeforeAnArea() {
        space.setBrk(AT);
        assertEquals(AT + 5000, space.setBrkEnd(AT + 5000));
        user.write8(AT + 4999, 1);
        map(AT + 0x10000, 1, VmArea.READ);
        assertEquals(AT + 5000, space.setBrkEnd(AT + 0x20000));
        assertEquals(AT, space.setBrkEnd(AT));
        assertEquals(Errno.EFAULT, errno(() -> user.read8(AT)));
        space.checkInvariants();
    }

    @Test
    void mremap_movesPagesWhenThereIsNoRoom() {
        map(AT, 2, RW);
        map(AT + 8192, 1, VmArea.READ);
        user.write32(AT + 4096, 77);
        long to = space.remap(AT, 8192, 16384, MREMAP_MAYMOVE, 0);
        assertNotEquals(AT, to);
        assertEquals(77, user.read32(to + 4096));
        assertEquals(0, user.read32(to + 12288));
        assertEquals(Errno.EFAULT, errno(() -> user.read32(AT)));
        space.checkInvariants();
    }

    @Test
    void stack_growsOnDemandButNotOverTheGuardGap() {
        int stack = RW | VmArea.GROWS_DOWN | VmArea.STACK;
        map(AT, 1, stack);
        user.write32(AT - 3 * 4096, 1);
        assertEquals(4, space.totalPages());
        map(AT - 0x200000, 1, RW);
        assertEquals(Errno.EFAULT, errno(() -> user.write32(AT - 0x180000, 1)));
        space.checkInvariants();
    }

    @Test
    void truncatedFile_leavesMappingsAndCache() {
        Inode file = system.file("/f", new byte[8192], 0644);
        space.map(AT, 8192, VmArea.READ, MAP_FIXED, file, null, 0);
        assertEquals(0, user.read8(AT + 4096));
        kernel.pageCache().truncate(file, 4096);
        file.setSize(4096, 0);
        assertEquals(PageFault.NO_BACKING, PageFault.handle(kernel, space, AT + 4096, PageFault.USER));
        assertEquals(0, user.read8(AT));
    }

    private static int errno(Runnable r) {
        return assertThrows(ErrnoException.class, r::run).errno();
    }
}
