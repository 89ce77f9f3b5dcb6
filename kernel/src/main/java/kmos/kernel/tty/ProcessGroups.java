// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.kernel.task.Task;

/** What a terminal needs of processes: signals to groups, and who is in which. */
public interface ProcessGroups {
    /** Sends to every process of the group; nothing when there is none. */
    void signalGroup(int processGroup, int signal);

    /** To the leader of the session (SIGHUP at a hangup). */
    void signalSessionLeader(int session, int signal);

    /** Whether the group has no member whose parent is in another group of the same session. */
    boolean isOrphaned(int processGroup);

    /** Whether the group has a member in the session. */
    boolean isInSession(int processGroup, int session);

    boolean exists(int processGroup);

    /** Whether the task ignores or blocks the signal. */
    boolean isIgnoredOrBlocked(Task task, int signal);

    /** Takes the terminal away from all processes of a session. */
    void detachSession(int session);
}
