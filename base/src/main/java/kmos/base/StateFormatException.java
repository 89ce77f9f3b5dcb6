// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** A saved state that cannot be read: truncated, corrupt or of another kind. The message says what, for the user. */
public final class StateFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StateFormatException(String message) {
        super(message);
    }
}
