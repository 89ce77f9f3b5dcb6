// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Invariants of ours. A broken one is a bug: it stops the machine with a dump, whatever the guest did. */
public final class Check {
    private Check() { }

    public static void that(boolean holds, String invariant) {
        if (!holds) {
            throw new AssertionError(invariant);
        }
    }

    public static void that(boolean holds, String invariant, Object detail) {
        if (!holds) {
            throw new AssertionError(invariant + ": " + detail);
        }
    }
}
