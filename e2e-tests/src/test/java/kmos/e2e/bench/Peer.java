// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.io.IOException;
import java.util.List;

/** Somebody who runs the programs: a column of the table. */
abstract class Peer implements AutoCloseable {
    private final String name;
    private final String reference;
    private final boolean isSlow;

    /** name: the column's; reference: the column that it is compared with, native code of the same word size; isSlow: gets no warmer, rows run once. */
    Peer(String name, String reference, boolean isSlow) {
        this.name = name;
        this.reference = reference;
        this.isSlow = isSlow;
    }

    String name() {
        return name;
    }

    String reference() {
        return reference;
    }

    /** Runs of a row on one machine. */
    int runs(int wanted) {
        return isSlow ? 1 : wanted;
    }

    /** Runs it once. Empty when it did not end in time; IOException says what went wrong otherwise. */
    abstract List<Sample> run(Row row, int timeoutSeconds) throws IOException, InterruptedException;

    @Override
    public abstract void close() throws IOException;
}
