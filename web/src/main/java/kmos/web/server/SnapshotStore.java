// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import java.io.IOException;
import java.util.Optional;

/** Where a server keeps snapshots, by the hash of their content. */
public interface SnapshotStore {
    /** Keeps the bytes under a name of hexadecimal digits, whole or not at all; what is there already stays and counts as new. */
    void put(String name, byte[] bytes) throws IOException;

    /** The bytes, or empty when there are none (any more). */
    Optional<byte[]> get(String name) throws IOException;

    /** Forgets what is older than it may be. */
    void expire() throws IOException;
}
