// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import kmos.base.Memory;
import kmos.device.video.VbeDisplay;
import kmos.machine.PhysicalMemory;
import kmos.system.KmosSystem;

/** Takes images of guest RAM and video memory, and brings them back: only what was written since the last image is looked at. */
final class MemoryHistory {
    private final PhysicalMemory ram;
    private final int videoAddress;
    private final int videoPages;
    private PageImage ramNow;
    private PageImage videoNow;
    /** RAM equals ramNow but for the frames written in this period and later; what was never written is zero. */
    private int period = 1;

    MemoryHistory(KmosSystem system) {
        ram = system.machine().memory();
        VbeDisplay display = system.board().display();
        videoAddress = display.memoryAddress();
        videoPages = display.memorySize() / PageImage.PAGE;
        ramNow = PageImage.empty(ram.frameCount());
        videoNow = PageImage.empty(videoPages);
    }

    /** The RAM image of the last {@link #capture} or {@link #restore}. */
    PageImage ram() {
        return ramNow;
    }

    PageImage video() {
        return videoNow;
    }

    /** Takes images of both; returns how many pages are new. */
    int capture() {
        int now = ram.endPeriod();
        PageImage.Editor next = new PageImage.Editor(ramNow);
        int copied = 0;
        for (int f = 0; f < ram.frameCount(); f++) {
            if (ram.lastWritten(f) >= period) {
                copied += capture(next, f, ram.linear(f << PhysicalMemory.FRAME_SHIFT)) ? 1 : 0;
            }
        }
        ramNow = next.image();
        period = now;
        PageImage.Editor video = new PageImage.Editor(videoNow);
        for (int p = 0; p < videoPages; p++) {
            copied += capture(video, p, videoAddress + p * PageImage.PAGE) ? 1 : 0;
        }
        videoNow = video.image();
        return copied;
    }

    private static boolean capture(PageImage.Editor image, int number, int address) {
        long[] old = image.page(number);
        if (old == null ? Memory.isZero(address, PageImage.PAGE) : isEqual(old, address)) {
            return false;
        }
        if (Memory.isZero(address, PageImage.PAGE)) {
            image.put(number, null);
            return false;
        }
        long[] page = new long[PageImage.WORDS];
        for (int i = 0; i < PageImage.WORDS; i++) {
            page[i] = Memory.get64(address + i * 8);
        }
        image.put(number, page);
        return true;
    }

    private static boolean isEqual(long[] page, int address) {
        for (int i = 0; i < PageImage.WORDS; i++) {
            if (page[i] != Memory.get64(address + i * 8)) {
                return false;
            }
        }
        return true;
    }

    /** Makes memory what the images say. */
    void restore(PageImage ramThen, PageImage videoThen) {
        ram.endPeriod();
        for (int f = 0; f < ram.frameCount(); f++) {
            if (ram.lastWritten(f) >= period || ramNow.page(f) != ramThen.page(f)) {
                ram.written(f << PhysicalMemory.FRAME_SHIFT, PhysicalMemory.FRAME_SIZE);
                put(ramThen.page(f), ram.linear(f << PhysicalMemory.FRAME_SHIFT));
            }
        }
        period = ram.endPeriod();
        ramNow = ramThen;
        for (int p = 0; p < videoPages; p++) {
            long[] page = videoThen.page(p);
            int address = videoAddress + p * PageImage.PAGE;
            if (page == null ? !Memory.isZero(address, PageImage.PAGE) : !isEqual(page, address)) {
                put(page, address);
            }
        }
        videoNow = videoThen;
    }

    private static void put(long[] page, int address) {
        if (page == null) {
            Memory.fill(address, PageImage.PAGE, 0);
            return;
        }
        for (int i = 0; i < PageImage.WORDS; i++) {
            Memory.put64(address + i * 8, page[i]);
        }
    }
}
