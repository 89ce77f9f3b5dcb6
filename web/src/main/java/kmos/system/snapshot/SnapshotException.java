// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

/** A snapshot that cannot be restored here. The message goes to the user: what is wrong, and what would help. */
public final class SnapshotException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SnapshotException(String message) {
        super(message);
    }
}
