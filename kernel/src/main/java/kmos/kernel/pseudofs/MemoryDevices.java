// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.kernel.vfs.CharDevices;
import kmos.kernel.vfs.Vfs;

/** The devices of major number 1: null, zero, full, random, urandom, kmsg. */
public final class MemoryDevices {
    public static final int MAJOR = 1, NULL = 3, ZERO = 5, FULL = 7, RANDOM = 8, URANDOM = 9, KMSG = 11;

    private MemoryDevices() { }

    public static void register(Vfs vfs) {
        CharDevices devices = vfs.charDevices();
        for (int minor : new int[] {NULL, ZERO, FULL, RANDOM, URANDOM}) {
            devices.add("mem", MAJOR, minor, 1, (task, path, flags, number) -> new MemoryFile(vfs, path, flags, number));
        }
        devices.add("mem", MAJOR, KMSG, 1, (task, path, flags, number) -> new KernelLogFile(vfs, path, flags));
    }
}
