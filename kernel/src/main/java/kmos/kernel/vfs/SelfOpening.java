// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.kernel.task.Task;

/** An inode that knows what opening it gives (files of /proc). */
public interface SelfOpening {
    FileDescription open(Task task, Path path, int flags);
}
