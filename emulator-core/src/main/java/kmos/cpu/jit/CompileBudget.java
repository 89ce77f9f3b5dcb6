// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * How much of the run time compiling may take. Two bounds: milliseconds within a slice, and a share of the time of the last slices, which grows with how
 * hot the next candidate is. So a program that is over soon loses little, and one that turns out to be hot is compiled soon.
 */
public final class CompileBudget {
    /** Milliseconds of a slice after which nothing more is begun. */
    private static final double SLICE_MS = 4;
    /** The run time that the share is of: the last milliseconds, older ones counting less and less. */
    private static final double WINDOW_MS = 500;
    /** The share for what has just reached the threshold, and for the hottest. */
    private static final double LEAST_SHARE = 0.05, MOST_SHARE = 0.5;

    /** What the first region is taken to need, when the compiler itself is cold; and how much the last one counts in what the next is taken to need. */
    private static final double FIRST_MS = 12, WEIGHT = 0.25;

    private double ran;
    private double compiled;
    private double begin;
    private double inSlice;
    private double longest;
    private double expected = FIRST_MS;

    /** A slice begins, by the host's clock. */
    public void beginSlice(double now) {
        begin = now;
        inSlice = 0;
    }

    public void endSlice(double now) {
        ran += now - begin;
        if (ran > WINDOW_MS) {
            compiled *= WINDOW_MS / ran;
            ran = WINDOW_MS;
        }
    }

    /** Whether a candidate may be compiled now; heat: its entries, 1 for the threshold. */
    public boolean allows(double heat) {
        return inSlice < SLICE_MS && compiled + expected <= ran * Math.min(MOST_SHARE, LEAST_SHARE * heat);
    }

    /** Compiling took so long. */
    public void spend(double ms) {
        compiled += ms;
        inSlice += ms;
        expected += (ms - expected) * WEIGHT;
        longest = Math.max(longest, inSlice);
    }

    /** The most that compiling has taken of a slice so far, milliseconds. */
    public double longestMs() {
        return longest;
    }
}
