// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import kmos.base.Memory;
import kmos.host.BlockBackend;

/**
 * A disk whose past can be seen: what was written since history began lies in pages shared between moments, above the disk
 * as it was then. The disk below gets the writes too while the machine runs in the present, and none in the past.
 */
public final class DiskHistory implements BlockBackend {
    /** What the disk below may have to know. */
    public interface Base extends BlockBackend {
        /** true: reads give what the disk held when history began, whatever was written since. Reads under way are void. */
        void showOriginal(boolean isPast);
    }

    /** Is told what was written: sectors is a mask, bit 0 for the first sector of the page; words its content, little-endian. */
    public interface Written {
        void page(int number, int sectors, long[] words);
    }

    private static final int SECTOR = 512, SECTORS = PageImage.PAGE / SECTOR, WORDS = SECTOR / 8;

    private final BlockBackend base;
    private final boolean passesWrites;
    /** Pages have SECTORS masks behind their words: which sectors were written. */
    private PageImage.Editor written;
    private PageImage image;
    private boolean isPast;

    /** passesWrites: base is to have the present content; then it is a {@link Base}. Else it is never written. */
    public DiskHistory(BlockBackend base, boolean passesWrites) {
        this.base = base;
        this.passesWrites = passesWrites;
        image = PageImage.empty((int) ((base.sectorCount() + SECTORS - 1) / SECTORS));
        written = new PageImage.Editor(image);
    }

    @Override
    public long sectorCount() {
        return base.sectorCount();
    }

    /** The content now. */
    PageImage capture() {
        image = written.image();
        written = new PageImage.Editor(image);
        return image;
    }

    void restore(PageImage then) {
        image = then;
        written = new PageImage.Editor(then);
        tellBase();
    }

    static void tell(PageImage image, Written to) {
        for (int p = 0; p < image.pages(); p++) {
            long[] page = image.page(p);
            if (page != null) {
                to.page(p, (int) page[PageImage.WORDS], page);
            }
        }
    }

    /** In the past nothing reaches the disk below. */
    void setPast(boolean past) {
        isPast = past;
        tellBase();
    }

    private void tellBase() {
        if (base instanceof Base b) {
            b.showOriginal(isPast);
        }
    }

    @Override
    public void read(long sector, int count, int address, long token, Completion done) {
        if (isWritten(sector, count)) {
            copyOut(sector, count, address);
            done.complete(token, null);
            return;
        }
        base.read(sector, count, address, token, (t, error) -> {
            if (error == null) {
                copyOut(sector, count, address);
            }
            done.complete(t, error);
        });
    }

    private boolean isWritten(long sector, int count) {
        for (int i = 0; i < count; i++) {
            long[] page = written.page((int) ((sector + i) / SECTORS));
            if (page == null || (page[PageImage.WORDS] & 1L << (sector + i) % SECTORS) == 0) {
                return false;
            }
        }
        return true;
    }

    private void copyOut(long sector, int count, int address) {
        for (int i = 0; i < count; i++) {
            long[] page = written.page((int) ((sector + i) / SECTORS));
            int in = (int) ((sector + i) % SECTORS);
            if (page != null && (page[PageImage.WORDS] & 1L << in) != 0) {
                for (int w = 0; w < WORDS; w++) {
                    Memory.put64(address + i * SECTOR + w * 8, page[in * WORDS + w]);
                }
            }
        }
    }

    @Override
    public void write(long sector, int count, int address, long token, Completion done) {
        for (int i = 0; i < count; i++) {
            int number = (int) ((sector + i) / SECTORS);
            int in = (int) ((sector + i) % SECTORS);
            long[] page = written.page(number);
            if (page == null || page == image.page(number)) {
                page = page == null ? new long[PageImage.WORDS + 1] : page.clone();
                written.put(number, page);
            }
            for (int w = 0; w < WORDS; w++) {
                page[in * WORDS + w] = Memory.get64(address + i * SECTOR + w * 8);
            }
            page[PageImage.WORDS] |= 1L << in;
        }
        if (passesWrites && !isPast) {
            base.write(sector, count, address, token, done);
        } else {
            done.complete(token, null);
        }
    }

    @Override
    public void flush(long token, Completion done) {
        if (passesWrites && !isPast) {
            base.flush(token, done);
        } else {
            done.complete(token, null);
        }
    }

    /**
     * The disk below, which shows what it held when history began, is given all that was written up to here. buffer: linear
     * address of a page of scratch memory. The disk below must take it within the call.
     */
    void writeThrough(int buffer) {
        for (int p = 0; p < image.pages(); p++) {
            long[] page = written.page(p);
            for (int in = 0; page != null && in < SECTORS; in++) {
                if ((page[PageImage.WORDS] & 1L << in) != 0) {
                    for (int w = 0; w < WORDS; w++) {
                        Memory.put64(buffer + w * 8, page[in * WORDS + w]);
                    }
                    base.write((long) p * SECTORS + in, 1, buffer, 0, (token, error) -> { });
                }
            }
        }
    }
}
