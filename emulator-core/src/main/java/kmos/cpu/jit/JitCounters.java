// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What the compiler and compiled code did since the start: exact counts, for whoever looks on. Not state. */
public final class JitCounters {
    private long instructions;
    private long entries;
    private long leftToInterpreter;
    private long stops;
    private int regions;
    private int twins;
    private int refused;
    private int clears;
    private long emittedBytes;
    private double compilerMs;
    private double engineMs;

    /** The dispatcher ran compiled code: so many guest instructions, and the {@link JitStatus} with which it came back. */
    public void ran(int done, int status) {
        entries++;
        instructions += done;
        if (status == JitStatus.INTERPRET) {
            leftToInterpreter++;
        } else if (status == JitStatus.STOP) {
            stops++;
        }
    }

    /** A region became a module of so many bytes; the time of our compiler and of the engine's. */
    void compiled(int bytes, double oursMs, double enginesMs, boolean isTwin) {
        regions++;
        twins += isTwin ? 1 : 0;
        emittedBytes += bytes;
        compilerMs += oursMs;
        engineMs += enginesMs;
    }

    /** A place from which nothing could be gained, or whose module was too large or refused by the engine. */
    void notCompiled(double oursMs, double enginesMs) {
        refused++;
        compilerMs += oursMs;
        engineMs += enginesMs;
    }

    void cleared() {
        clears++;
    }

    /** Guest instructions done in compiled code, those of handlers that it called included. */
    public long instructions() {
        return instructions;
    }

    /** Entries from the interpreter's loop, each of which may have run through many regions; as many exits. */
    public long entries() {
        return entries;
    }

    /** Exits at an instruction that the interpreter had to do: a guard failed, an access that is not simple. */
    public long leftToInterpreter() {
        return leftToInterpreter;
    }

    /** Exits with a fault, a system call or the end of the slice. */
    public long stops() {
        return stops;
    }

    /** Regions compiled, twins included. */
    public int regions() {
        return regions;
    }

    /** Regions compiled again without assumptions about the stack. */
    public int twins() {
        return twins;
    }

    public int refused() {
        return refused;
    }

    /** Times that everything compiled was dropped for want of room, or because a state was loaded. */
    public int clears() {
        return clears;
    }

    /** Bytes of all modules so far. */
    public long emittedBytes() {
        return emittedBytes;
    }

    /** From guest code to module bytes, milliseconds. */
    public double compilerMs() {
        return compilerMs;
    }

    /** From module bytes to something that can be called, milliseconds. */
    public double engineMs() {
        return engineMs;
    }
}
