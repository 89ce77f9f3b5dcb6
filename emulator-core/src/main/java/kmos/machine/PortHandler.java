// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** A device's side of I/O ports. width is 8, 16 or 32; values are unsigned. */
public interface PortHandler {
    int readPort(int port, int width);

    void writePort(int port, int width, int value);
}
