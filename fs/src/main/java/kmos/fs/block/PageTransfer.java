// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.StateFields;
import kmos.fs.CachedPage;

/** The owner of one request of a page: tells the page, and hides what lies behind the end of the file. */
public final class PageTransfer implements BlockRequest.Owner {
    private BlockCache cache;
    private CachedPage page;

    /** For loading a saved state. */
    public PageTransfer() { }

    PageTransfer(BlockCache cache, CachedPage page) {
        this.cache = cache;
        this.page = page;
    }

    @Override
    public void requestDone(BlockRequest request, int errno) {
        if (request.operation() == BlockRequest.WRITE) {
            cache.changed();
        } else if (errno == 0) {
            long end = page.inode().size() - page.index() * CachedPage.SIZE;
            int from = request.address() - page.address();
            int to = from + request.sectorCount() * BlockDevice.SECTOR_SIZE;
            if (end < to) {
                cache.zeroPage(page, (int) Math.max(from, end), to);
            }
        }
        page.ioDone(errno);
    }

    @Override
    public void state(StateFields s) {
        cache = s.ref("cache", cache, BlockCache.class);
        page = s.ref("page", page, CachedPage.class);
    }
}
