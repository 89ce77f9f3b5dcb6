// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.kernel.task.Task;

/** A symbolic link of /proc whose target depends on who follows it, or is an object rather than a text. */
public interface MagicLink {
    /** Where following leads, or null: then the text is followed. EACCES, ENOENT. task: who follows. */
    Path follow(Task task);

    /** What readlink(2) answers. */
    String text(Task task);
}
