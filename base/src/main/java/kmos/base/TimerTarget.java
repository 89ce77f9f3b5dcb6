// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** What a timer calls: a saved object; the code says which of its timers it was. */
public interface TimerTarget extends Stateful {
    void timerExpired(int code, long nowNs);
}
