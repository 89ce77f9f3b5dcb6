// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.block.BlockRequest;

/** What a disk or partition has done (Linux struct disk_stats): a line of /proc/diskstats. */
public final class DiskStatistics implements Stateful {
    /** Index of counters: BlockRequest's READ, WRITE, FLUSH. */
    private long[] requests = new long[3];
    private long[] merged = new long[3];
    private long[] sectors = new long[3];
    private long[] waitedNs = new long[3];
    private int inFlight;
    private long busyNs;
    private long busySinceNs;

    /** A request is in the queue from now on. */
    void submitted(long nowNs) {
        if (inFlight++ == 0) {
            busySinceNs = nowNs;
        }
    }

    /** It went to the disk as part of another one's command. */
    void merged(int operation) {
        merged[operation]++;
    }

    /** It is answered. isMerged: its command is counted by the first request of it. */
    void done(BlockRequest request, boolean isMerged, long nowNs) {
        int operation = request.operation();
        requests[operation] += isMerged ? 0 : 1;
        sectors[operation] += request.sectorCount();
        waitedNs[operation] += isMerged ? 0 : nowNs - request.submittedNs();
        busyNs += nowNs - busySinceNs;
        busySinceNs = nowNs;
        inFlight--;
    }

    public long requests(int operation) {
        return requests[operation];
    }

    public long mergedRequests(int operation) {
        return merged[operation];
    }

    public long sectors(int operation) {
        return sectors[operation];
    }

    /** Time from submission to answer, summed over commands. */
    public long waitedNs(int operation) {
        return waitedNs[operation];
    }

    public int inFlight() {
        return inFlight;
    }

    /** Time with at least one request under way. */
    public long busyNs(long nowNs) {
        return busyNs + (inFlight > 0 ? nowNs - busySinceNs : 0);
    }

    @Override
    public void state(StateFields s) {
        requests = s.longs("requests", requests);
        merged = s.longs("merged", merged);
        sectors = s.longs("sectors", sectors);
        waitedNs = s.longs("waitedNs", waitedNs);
        inFlight = s.i32("inFlight", inFlight);
        busyNs = s.i64("busyNs", busyNs);
        busySinceNs = s.i64("busySinceNs", busySinceNs);
    }
}
