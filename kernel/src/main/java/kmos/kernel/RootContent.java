// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.kernel.vfs.Vfs;

/** Files that the outside brings along (headless --copy-in): called once, after the first mounts. */
public interface RootContent {
    /** May throw NotReady (called again) and ErrnoException (the kernel says so and goes on). */
    void fill(Vfs vfs);
}
