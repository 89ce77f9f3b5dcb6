// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.util.TreeMap;
import kmos.base.StateBytes;

/**
 * A whole machine between two slices. state: as kmos.system.KmosSystem saves it, RAM included; disk: blocks of 4 KiB that differ
 * from the disk image, by number. The arrays are shared and must not be changed.
 */
public record MachineImage(byte[] state, TreeMap<Integer, byte[]> disk) {
    public static final int BLOCK_BYTES = 4096;

    /**
     * As one sequence, the form in which images are compared: length of the state, state, number of blocks, their numbers, their
     * contents. state: this one or a better comparable form of it.
     */
    byte[] plain(byte[] comparableState) {
        StateBytes out = new StateBytes(plainBytes(comparableState));
        putPlain(out, comparableState);
        return out.take();
    }

    int plainBytes(byte[] comparableState) {
        return comparableState.length + disk.size() * (BLOCK_BYTES + 4) + 8;
    }

    void putPlain(StateBytes out, byte[] comparableState) {
        out.put32(comparableState.length);
        out.put(comparableState, 0, comparableState.length);
        out.put32(disk.size());
        for (Integer number : disk.keySet()) {
            out.put32(number);
        }
        for (byte[] block : disk.values()) {
            out.put(block, 0, BLOCK_BYTES);
        }
    }

    static MachineImage ofPlain(byte[] plain) {
        return ofPlain(new SnapshotInput(plain));
    }

    static MachineImage ofPlain(SnapshotInput in) {
        byte[] state = in.bytes(in.count(in.get32()));
        int count = in.get32();
        if (count < 0 || (long) count * (BLOCK_BYTES + 4) != in.left()) {
            throw new SnapshotException("this snapshot is damaged: the blocks of its disk do not fit");
        }
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = in.get32();
        }
        TreeMap<Integer, byte[]> disk = new TreeMap<>();
        for (int number : numbers) {
            if (number < 0 || disk.put(number, in.bytes(BLOCK_BYTES)) != null) {
                throw new SnapshotException("this snapshot is damaged: a block of its disk has a wrong number");
            }
        }
        return new MachineImage(state, disk);
    }
}
