// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * How much of the run time compiling may take. Two bounds: milliseconds within a slice, and a share of the time of the last slices, which grows with how
 * hot the next candidate is. So a program that is over soon loses little, and one that turns out to be hot is compiled soon.
 *
 * What has begun to run after a pause must be much hotter at first: a region costs far more than the time that is measured here. The engine compiles it twice,
 * and our compiler's own functions when they are first called, on threads that take a core from the machine where the host has few. Most programs are over
 * before that has paid.
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

    /** The heat that is asked for after a pause, and for how long; then it falls as the square of the time that the machine has run since rises. */
    private static final double COLD_HEAT = 250, COLD_MS = 300;
    /** Waiting so long is a pause: what runs next is something else, or was compiled meanwhile. */
    private static final double PAUSE_MS = 20;

    private double ran;
    private double compiled;
    private double begin;
    private double end;
    private boolean isWaiting;
    private double sincePause;
    private double inSlice;
    private double longest;
    private double expected = FIRST_MS;

    /** A slice begins, by the host's clock. */
    public void beginSlice(double now) {
        if (isWaiting && now - end >= PAUSE_MS) {
            sincePause = 0;
        }
        begin = now;
        inSlice = 0;
    }

    /** waits: the machine has nothing to do now. */
    public void endSlice(double now, boolean waits) {
        end = now;
        isWaiting = waits;
        sincePause += now - begin;
        ran += now - begin;
        if (ran > WINDOW_MS) {
            compiled *= WINDOW_MS / ran;
            ran = WINDOW_MS;
        }
    }

    /** Whether a candidate may be compiled now; heat: its entries, 1 for the threshold. */
    public boolean allows(double heat) {
        double age = Math.max(1, sincePause / COLD_MS);
        return heat * age * age >= COLD_HEAT && hasTimeFor(heat);
    }

    /** The same for what goes on with code that has been compiled already: it does not have to be hotter after a pause. */
    public boolean hasTimeFor(double heat) {
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
