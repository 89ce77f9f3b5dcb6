// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Guest time: nanoseconds since power-on, moved by guest work and idle jumps only, never by the host's clock. */
public interface Clock {
    long nowNs();
}
