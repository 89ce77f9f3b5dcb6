// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * Who compiles and runs Wasm modules: the browser's engine, or a Wasm runtime on the JVM. One table of regions each, whose
 * slot 0 and emptied slots hold a function that answers {@link JitStatus#CONTINUE}.
 */
public interface JitBackend {
    int TABLE_SIZE = 32768;

    /** Compiles and instantiates the module in linear memory; its functions go to their table slots. False when the engine refuses it. */
    boolean install(int address, int length);

    /** Empties a table slot: whoever calls it from compiled code comes back at once, to the dispatcher. */
    void remove(int slot);

    /** Runs the region in a table slot; answers a {@link JitStatus}. */
    int run(int slot);

    /** Whether a region may go on in another one by a tail call; else it returns to the dispatcher. */
    boolean hasTailCalls();

    /** Whether the table's type is that of a region's function, so that no call tests it; else the type is funcref. */
    boolean hasTypedTable();

    /** Whether modules may use 128-bit vectors. */
    boolean hasSimd();

    /** The host's clock, for statistics. */
    double milliseconds();

    /** Forgets all modules. */
    void clear();
}
