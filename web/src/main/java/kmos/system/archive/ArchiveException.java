// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

/** An archive that cannot be unpacked; the message is for the user. */
public final class ArchiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ArchiveException(String message) {
        super(message);
    }

    @Override
    public String toString() {
        return getMessage();
    }
}
