// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

/** Told where a run passes, without being seen by it: for going back to such a place. */
public interface ExecutionProbe {
    /** Nobody wants to know. */
    ExecutionProbe NONE = new ExecutionProbe() {
        @Override
        public void systemCall(long cycles) { }

        @Override
        public void contextSwitch(long cycles) { }
    };

    /** A system-call instruction was executed; cycles counts it already. */
    void systemCall(long cycles);

    /** Another task is about to be put onto the processor. */
    void contextSwitch(long cycles);
}
