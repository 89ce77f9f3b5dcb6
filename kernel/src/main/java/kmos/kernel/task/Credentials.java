// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

/** User and group ids of a task (credentials(7)). Immutable: set*id makes a new one. */
public record Credentials(int uid, int euid, int suid, int fsuid, int gid, int egid, int sgid, int fsgid, int[] groups) {
    public static final Credentials ROOT = new Credentials(0, 0, 0, 0, 0, 0, 0, 0, new int[0]);

    public boolean isMember(int group) {
        if (group == fsgid) {
            return true;
        }
        for (int g : groups) {
            if (g == group) {
                return true;
            }
        }
        return false;
    }

    /** Stands for all capabilities until they come. */
    public boolean isRoot() {
        return euid == 0;
    }
}
