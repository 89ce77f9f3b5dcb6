// SPDX-License-Identifier: Apache-2.0
package kmos.device.input;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A small queue of bytes in a device. */
final class ByteFifo implements Stateful {
    private byte[] bytes;
    private int head, count;

    ByteFifo(int capacity) {
        bytes = new byte[capacity];
    }

    int room() {
        return bytes.length - count;
    }

    int count() {
        return count;
    }

    /** Drops the byte when full. */
    void put(int value) {
        if (count < bytes.length) {
            bytes[(head + count++) % bytes.length] = (byte) value;
        }
    }

    int take() {
        int value = bytes[head] & 0xFF;
        head = (head + 1) % bytes.length;
        count--;
        return value;
    }

    void clear() {
        count = 0;
    }

    @Override
    public void state(StateFields s) {
        byte[] waiting = new byte[count];
        for (int i = 0; i < count; i++) {
            waiting[i] = bytes[(head + i) % bytes.length];
        }
        byte[] kept = s.bytes("waiting", waiting);
        if (s.isLoading()) {
            head = 0;
            count = 0;
            for (byte b : kept) {
                put(b);
            }
        }
    }
}
