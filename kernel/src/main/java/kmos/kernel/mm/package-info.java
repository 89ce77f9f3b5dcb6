// SPDX-License-Identifier: Apache-2.0
/**
 * Memory: frames of guest RAM, the page tables that the MMU walks, address spaces of areas, faults, the page cache.
 *
 * <p>Read first: {@link kmos.kernel.mm.AddressSpace}, {@link kmos.kernel.mm.PageFault}, {@link kmos.kernel.mm.PageCache}.
 * Invariants: areas are sorted, page-aligned and disjoint; a frame's count is the number of page-table entries and
 * cache pages that hold it; a frame that more than one address space may write is never mapped writable while private.
 */
package kmos.kernel.mm;
