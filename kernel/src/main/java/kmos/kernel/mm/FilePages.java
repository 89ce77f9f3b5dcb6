// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.CachedPage;
import kmos.fs.Inode;

/** The cached pages of one file by page number (open addressing), and the areas that map it. */
public final class FilePages implements Stateful {
    private Inode inode;
    private final List<CachedPage> pages = new ArrayList<>();
    private final List<VmArea> areas = new ArrayList<>();
    private int dirtyCount;
    /** A transfer to the disk failed since the last sync. */
    private boolean hasWriteError;
    /** Derived: hash slots, position in pages plus 1, 0 is free. */
    private int[] slots = new int[16];

    /** For loading a saved state. */
    public FilePages() { }

    FilePages(Inode inode) {
        this.inode = inode;
    }

    Inode inode() {
        return inode;
    }

    /** In no particular but a deterministic order. */
    List<CachedPage> pages() {
        return pages;
    }

    List<VmArea> areas() {
        return areas;
    }

    int dirtyCount() {
        return dirtyCount;
    }

    void dirtyChanged(int by) {
        dirtyCount += by;
    }

    boolean hasWriteError() {
        return hasWriteError;
    }

    void setWriteError(boolean failed) {
        hasWriteError = failed;
    }

    CachedPage find(long index) {
        int mask = slots.length - 1;
        for (int i = hash(index) & mask;; i = i + 1 & mask) {
            int at = slots[i];
            if (at == 0) {
                return null;
            }
            CachedPage page = pages.get(at - 1);
            if (page.index() == index) {
                return page;
            }
        }
    }

    void add(CachedPage page) {
        pages.add(page);
        if (pages.size() * 2 > slots.length) {
            rehash(slots.length * 2);
        } else {
            insert(page.index(), pages.size());
        }
    }

    void remove(CachedPage page) {
        int at = position(page.index());
        CachedPage last = pages.remove(pages.size() - 1);
        if (last != page) {
            pages.set(at, last);
        }
        rehash(slots.length);
    }

    /** Removes all pages that are marked in the flags array (by position): one rebuild for many. */
    void removeAll(boolean[] marked) {
        int kept = 0;
        int size = pages.size();
        for (int i = 0; i < size; i++) {
            if (!marked[i]) {
                pages.set(kept++, pages.get(i));
            }
        }
        while (pages.size() > kept) {
            pages.remove(pages.size() - 1);
        }
        rehash(slots.length);
    }

    private int position(long index) {
        int mask = slots.length - 1;
        for (int i = hash(index) & mask;; i = i + 1 & mask) {
            if (pages.get(slots[i] - 1).index() == index) {
                return slots[i] - 1;
            }
        }
    }

    private void rehash(int size) {
        slots = new int[size];
        for (int i = 0; i < pages.size(); i++) {
            insert(pages.get(i).index(), i + 1);
        }
    }

    private void insert(long index, int value) {
        int mask = slots.length - 1;
        int i = hash(index) & mask;
        while (slots[i] != 0) {
            i = i + 1 & mask;
        }
        slots[i] = value;
    }

    private static int hash(long index) {
        int h = (int) (index ^ index >>> 32) * 0x9E3779B1;
        return h ^ h >>> 15;
    }

    /** Derived fields after loading; the pages themselves are loaded by then. */
    void rebuild() {
        int size = 16;
        while (size < pages.size() * 2) {
            size *= 2;
        }
        rehash(size);
        inode.setCachedPages(this);
    }

    @Override
    public void state(StateFields s) {
        inode = s.ref("inode", inode, Inode.class);
        s.refs("pages", pages, CachedPage.class);
        s.refs("areas", areas, VmArea.class);
        dirtyCount = s.i32("dirtyCount", dirtyCount);
        hasWriteError = s.bool("hasWriteError", hasWriteError);
    }
}
