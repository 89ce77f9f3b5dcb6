// SPDX-License-Identifier: Apache-2.0
package kmos.image;

/** The image cannot be built; the message says what is missing and how to get it. */
final class BuildFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    BuildFailure(String message) {
        super(message);
    }

    BuildFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
