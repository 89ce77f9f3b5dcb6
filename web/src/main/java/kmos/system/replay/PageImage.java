// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

/**
 * The content of a range of memory or of a disk at one moment, in pages of 4 KiB; never changed, sharing what is equal with
 * the images before and after it. Pages without content are null.
 */
final class PageImage {
    static final int PAGE = 4096, WORDS = PAGE / 8;
    private static final int GROUP_SHIFT = 8, GROUP = 1 << GROUP_SHIFT;

    private final long[][][] groups;

    private PageImage(long[][][] groups) {
        this.groups = groups;
    }

    /** An image of so many pages, all null. */
    static PageImage empty(int pages) {
        return new PageImage(new long[pages + GROUP - 1 >>> GROUP_SHIFT][][]);
    }

    long[] page(int number) {
        long[][] group = groups[number >>> GROUP_SHIFT];
        return group == null ? null : group[number & GROUP - 1];
    }

    int pages() {
        return groups.length << GROUP_SHIFT;
    }

    /** Whether both have the same pages in the whole group of pages that begins at number; groupSize() are compared at once. */
    boolean sharesGroup(PageImage other, int number) {
        return groups[number >>> GROUP_SHIFT] == other.groups[number >>> GROUP_SHIFT];
    }

    static int groupSize() {
        return GROUP;
    }

    /** Changes an image into the next one. */
    static final class Editor {
        private final PageImage from;
        private final long[][][] groups;

        Editor(PageImage from) {
            this.from = from;
            groups = from.groups.clone();
        }

        long[] page(int number) {
            long[][] group = groups[number >>> GROUP_SHIFT];
            return group == null ? null : group[number & GROUP - 1];
        }

        void put(int number, long[] page) {
            int g = number >>> GROUP_SHIFT;
            if (groups[g] == from.groups[g]) {
                groups[g] = groups[g] == null ? new long[GROUP][] : groups[g].clone();
            }
            groups[g][number & GROUP - 1] = page;
        }

        PageImage image() {
            return new PageImage(groups);
        }
    }

    /** Pages that only the middle one of three images in a row has: what dropping it would free. */
    static int pagesOnlyIn(PageImage before, PageImage middle, PageImage after) {
        int count = 0;
        for (int g = 0; g < middle.groups.length; g++) {
            long[][] group = middle.groups[g];
            if (group == null || before != null && group == before.groups[g] || after != null && group == after.groups[g]) {
                continue;
            }
            for (int i = 0; i < GROUP; i++) {
                long[] page = group[i];
                if (page != null && (before == null || page != before.page(g * GROUP + i)) && (after == null || page != after.page(g * GROUP + i))) {
                    count++;
                }
            }
        }
        return count;
    }
}
