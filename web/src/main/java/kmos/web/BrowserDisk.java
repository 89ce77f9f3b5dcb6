// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.util.HashMap;
import java.util.Map;
import kmos.system.replay.DiskHistory;

/**
 * The disk that worker.js holds: chunks of the image fetched over HTTP (http-disk.js) below an overlay of writes
 * (overlay.js). What is at hand is answered within the call, the rest between slices.
 */
final class BrowserDisk implements DiskHistory.Base {
    private record Pending(long token, Completion done) { }

    private final long sectors;
    /** Looked up by number only. */
    private final Map<Integer, Pending> pending = new HashMap<>();
    private int lastRequest;

    BrowserDisk(long sectors) {
        this.sectors = sectors;
    }

    @Override
    public long sectorCount() {
        return sectors;
    }

    @Override
    public void read(long sector, int count, int address, long token, Completion done) {
        int request = ++lastRequest;
        answer(request, Host.diskRead(request, sector, count, address), token, done);
    }

    @Override
    public void write(long sector, int count, int address, long token, Completion done) {
        int request = ++lastRequest;
        answer(request, Host.diskWrite(request, sector, count, address), token, done);
    }

    @Override
    public void flush(long token, Completion done) {
        int request = ++lastRequest;
        answer(request, Host.diskFlush(request), token, done);
    }

    @Override
    public void showOriginal(boolean isPast) {
        Host.diskPast(isPast ? 1 : 0);
    }

    private void answer(int request, int result, long token, Completion done) {
        if (result == Host.LATER) {
            pending.put(request, new Pending(token, done));
        } else {
            done.complete(token, text(result));
        }
    }

    /** The answer to a request that was put off. */
    void done(int request, int result) {
        Pending one = pending.remove(request);
        if (one != null) {
            one.done.complete(one.token, text(result));
        }
    }

    /** The page has the exact words; the drive reports an error. */
    private static String text(int result) {
        return result == Host.DONE ? null : "the browser could not do it";
    }
}
