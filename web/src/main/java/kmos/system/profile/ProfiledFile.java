// SPDX-License-Identifier: Apache-2.0
package kmos.system.profile;

import kmos.base.Memory;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.mm.PageCache;

/** A file that is mapped where samples fall, and its functions as far as the page cache has them. */
final class ProfiledFile {
    private final PageCache cache;
    private final Inode inode;
    private final String path;
    private SymbolTable symbols;
    private long samples;
    private long nextLook = 1;
    /** The page that was looked at last; only while symbols are looked for. */
    private CachedPage page;
    private long pageIndex = -1;

    ProfiledFile(PageCache cache, Inode inode, String path) {
        this.cache = cache;
        this.inode = inode;
        this.path = path;
    }

    String path() {
        return path;
    }

    /** Another sample in it. The more of them, the more of the file has been read by then: symbols that were missing are looked for again. */
    void sampled() {
        if (++samples == nextLook) {
            nextLook *= 2;
            look();
        }
    }

    void look() {
        if (symbols == null || !symbols.isComplete()) {
            pageIndex = -1;
            SymbolTable seen = SymbolTable.of(this::byteAt);
            page = null;
            if (symbols == null || seen.size() >= symbols.size()) {
                symbols = seen;
            }
        }
    }

    /** Only pages that are in memory anyway: reading one would change what the guest does next. */
    private int byteAt(long offset) {
        long index = offset >> 12;
        if (index != pageIndex) {
            pageIndex = index;
            page = offset < 0 || offset >= inode.size() ? null : cache.peek(inode, index);
        }
        return page == null ? -1 : Memory.get8(page.address() + (int) (offset & 0xFFF));
    }

    /** The function at an offset, "file+offset" of its first instruction when only that is known, or of the instruction itself. */
    String functionAt(long offset) {
        String name = symbols == null ? null : symbols.nameAt(offset);
        return name != null ? name : path.substring(path.lastIndexOf('/') + 1) + "+0x" + Long.toHexString(symbols == null ? offset : symbols.startOf(offset));
    }
}
