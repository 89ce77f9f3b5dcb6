// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

/** A recording that cannot be used; the message says why, for the user. */
public final class BadRecordingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadRecordingException(String message) {
        super(message);
    }
}
