// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import org.teavm.interop.Import;

/**
 * What worker.js gives us. Bytes go through linear memory; a sector number is a double, because a long would be a BigInt.
 * None of these may throw: Java could not catch it.
 */
final class Host {
    /** Answers of the disk calls: comes later by {@link WebMachine#diskDone}; done; failed. */
    static final int LATER = 0, DONE = 1, FAILED = 2;

    private Host() { }

    /** Bytes that the guest sent on the serial line; valid during the call. */
    @Import(module = "host", name = "output")
    static native void output(int address, int count);

    /** What went wrong, UTF-8; the machine does not run any more. */
    @Import(module = "host", name = "failed")
    static native void failed(int address, int count);

    @Import(module = "host", name = "diskRead")
    static native int diskRead(int request, double sector, int count, int address);

    @Import(module = "host", name = "diskWrite")
    static native int diskWrite(int request, double sector, int count, int address);

    @Import(module = "host", name = "diskFlush")
    static native int diskFlush(int request);

    /** 1: from now on reads give what the disk held when the machine started, 0: what it holds. */
    @Import(module = "host", name = "diskPast")
    static native void diskPast(int isPast);
}
