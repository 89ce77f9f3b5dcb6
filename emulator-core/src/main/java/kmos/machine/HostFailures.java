// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/**
 * Requests to the host that fail are the only answers a machine can see the difference of: they are recorded, by the guest time
 * at which the answer is due (one request at a time has it), and fail again in a replay without asking the host.
 */
public interface HostFailures {
    /** Nothing is known beforehand, and nobody wants to know. */
    HostFailures NONE = new HostFailures() {
        @Override
        public String expected(long deadlineNs) {
            return null;
        }

        @Override
        public void happened(long deadlineNs, String error) { }
    };

    /** The error that the request with this deadline has to end with, or null: ask the host. */
    String expected(long deadlineNs);

    /** The host answered with an error. */
    void happened(long deadlineNs, String error);
}
