// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Part of the machine's state: one method saves, loads and hashes it. */
public interface Stateful {
    /** {@code field = s.i32("field", field)} for every field that is not derived; the order must not depend on hashing. */
    void state(StateFields s);
}
