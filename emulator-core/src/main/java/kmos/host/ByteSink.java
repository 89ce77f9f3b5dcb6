// SPDX-License-Identifier: Apache-2.0
package kmos.host;

/** Takes bytes that leave the machine on a serial line. */
public interface ByteSink {
    void put(int value);
}
