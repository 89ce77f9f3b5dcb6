// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Which pages of 4 KiB of a range of linear memory were ever written: a large range is mostly zero, and to look at it costs. */
public interface WrittenPages {
    /** False only for a page that holds nothing but zeros. */
    boolean mayHoldData(int page);

    /** A saved state puts something into the page, or clears it. */
    void loaded(int page);
}
