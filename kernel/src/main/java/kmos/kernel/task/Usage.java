// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.kernel.mm.UserMemory;

/** struct rusage: times in ns, peak resident pages, faults, switches. */
public record Usage(long userNs, long systemNs, long maxPages, long minorFaults, long majorFaults, long voluntary, long involuntary) {
    public static Usage ofGroup(ThreadGroup g) {
        return new Usage(g.userNs(), g.systemNs(), g.maxPages(), g.minorFaults(), g.majorFaults(), g.voluntarySwitches(), g.involuntarySwitches());
    }

    public static Usage ofChildren(ThreadGroup g) {
        return new Usage(g.childrenUserNs(), g.childrenSystemNs(), g.childrenMaxPages(), g.childrenMinorFaults(), g.childrenMajorFaults(),
            g.childrenVoluntary(), g.childrenInvoluntary());
    }

    /** What wait4 reports of a child. */
    static Usage ofGroupWithChildren(ThreadGroup g) {
        return new Usage(g.userNs() + g.childrenUserNs(), g.systemNs() + g.childrenSystemNs(), Math.max(g.maxPages(), g.childrenMaxPages()),
            g.minorFaults() + g.childrenMinorFaults(), g.majorFaults() + g.childrenMajorFaults(), g.voluntarySwitches() + g.childrenVoluntary(),
            g.involuntarySwitches() + g.childrenInvoluntary());
    }

    public static Usage ofTask(Task t) {
        return new Usage(t.userNs(), t.systemNs(), t.group().maxPages(), t.minorFaults(), t.majorFaults(), t.voluntarySwitches(), t.involuntarySwitches());
    }

    /** 18 longs: 144 bytes in amd64, 72 in i386. */
    public void write(UserMemory user, long at, boolean is64Bit) {
        int w = is64Bit ? 8 : 4;
        long[] fields = new long[18];
        fields[0] = userNs / 1_000_000_000L;
        fields[1] = userNs / 1000 % 1_000_000;
        fields[2] = systemNs / 1_000_000_000L;
        fields[3] = systemNs / 1000 % 1_000_000;
        fields[4] = maxPages * 4;
        fields[8] = minorFaults;
        fields[9] = majorFaults;
        fields[16] = voluntary;
        fields[17] = involuntary;
        for (int i = 0; i < fields.length; i++) {
            if (is64Bit) {
                user.write64(at + i * w, fields[i]);
            } else {
                user.write32(at + i * w, (int) fields[i]);
            }
        }
    }
}
