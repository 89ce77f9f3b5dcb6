// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** A device's side of memory-mapped registers; offset is from the start of its window, width 8, 16, 32 or 64. */
public interface MmioHandler {
    long readMmio(int offset, int width);

    void writeMmio(int offset, int width, long value);
}
