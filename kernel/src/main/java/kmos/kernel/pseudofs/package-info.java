// SPDX-License-Identifier: Apache-2.0
/**
 * File systems without a device: tmpfs (and devtmpfs, which is one filled with nodes), devpts, proc, and the home of pipes.
 *
 * <p>Read first: {@link kmos.kernel.pseudofs.TmpFs}, {@link kmos.kernel.pseudofs.ProcFiles} (the table of /proc). Inodes
 * here keep their contents in Java objects and, for file data, in the page cache.
 */
package kmos.kernel.pseudofs;
