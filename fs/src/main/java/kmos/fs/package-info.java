// SPDX-License-Identifier: Apache-2.0
/**
 * File systems as the VFS sees them. Formats live in sub-packages ({@code kmos.fs.ext}) and know only
 * {@link kmos.fs.block}; the kernel's tmpfs, proc and friends implement the same {@link kmos.fs.Inode}.
 *
 * <p>Nothing here waits: what needs a block that is not in the cache throws {@link kmos.base.NotReady} before it changed
 * anything, and is called again. Failures throw {@link kmos.base.ErrnoException}.
 *
 * <p>Names are Strings of chars 0 to 255, one per byte, so that any byte sequence survives.
 */
package kmos.fs;
