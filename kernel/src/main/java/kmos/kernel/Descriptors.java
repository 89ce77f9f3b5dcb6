// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.kernel.mm.LocalDescriptors;
import kmos.kernel.task.Task;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;

/** The global descriptor table as Linux amd64 lays it out: user code and data, and the running task's three TLS entries. */
public final class Descriptors {
    public static final int TLS_FIRST = 12, TLS_COUNT = 3;
    private static final int ENTRIES = 16;
    /** Present, DPL 3, accessed; limit 4 GiB: 32-bit code, data, 64-bit code (SDM vol. 3A §3.4.5). */
    private static final long USER_CODE_32 = 0x00CFFB000000FFFFL, USER_DATA = 0x00CFF3000000FFFFL, USER_CODE_64 = 0x00AFFB000000FFFFL;

    private final Machine machine;
    private final PhysicalMemory memory;
    private final int table;

    Descriptors(Machine machine, int frame) {
        this.machine = machine;
        memory = machine.memory();
        table = frame;
        memory.write64(table + 4 * 8, USER_CODE_32);
        memory.write64(table + 5 * 8, USER_DATA);
        memory.write64(table + 6 * 8, USER_CODE_64);
        if (machine.cpu() != null) {
            machine.cpu().setGdt(table, ENTRIES * 8 - 1);
        }
    }

    /** Makes a task's TLS entries and local table the processor's. */
    public void load(Task task) {
        LocalDescriptors local = task.space().localDescriptors();
        machine.cpu().setLdt(local.frames(), local.entries() * 8 - 1);
        load(task.tls());
    }

    /** Writes TLS descriptors into the table. */
    public void load(long[] tls) {
        for (int i = 0; i < TLS_COUNT; i++) {
            int at = table + (TLS_FIRST + i) * 8;
            if (memory.read64(at) != tls[i]) {
                memory.write64(at, tls[i]);
            }
        }
    }
}
