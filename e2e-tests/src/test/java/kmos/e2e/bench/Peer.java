// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.io.IOException;
import java.util.List;

/** Somebody who runs the programs: a column of the table. */
interface Peer extends AutoCloseable {
    /** The column's name. */
    String name();

    /** The column that it is compared with: native code of the same word size. */
    String reference();

    /** Runs it once. Empty when it did not end in time; IOException says what went wrong otherwise. */
    List<Sample> run(Row row, int timeoutSeconds) throws IOException, InterruptedException;

    /** Runs of a row on one machine: 1 where nothing gets warm, for those that are slow. */
    default int runs(int wanted) {
        return wanted;
    }

    @Override
    void close() throws IOException;
}
