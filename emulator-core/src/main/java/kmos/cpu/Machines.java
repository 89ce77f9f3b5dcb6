// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.cpu.fpu.FloatUnit;

/** From a vCPU's base address to its object, for slow paths: the one mutable static. */
public final class Machines {
    private static Cpu[] cpus;

    private Machines() { }

    static Cpu cpu(int base) {
        return cpus[Memory.get32(base + CpuState.HANDLE)];
    }

    /** A vCPU's software floating point. */
    public static FloatUnit floats(int base) {
        return cpu(base).floats();
    }

    /** The compiler of a vCPU learns when a frame is written. */
    public static void watchFrame(int base, int frame) {
        cpu(base).markCode(frame);
    }

    /** Registers a vCPU and returns its handle. */
    static int add(Cpu cpu) {
        if (cpus == null) {
            cpus = new Cpu[4];
        }
        for (int i = 0; i < cpus.length; i++) {
            if (cpus[i] == null) {
                cpus[i] = cpu;
                return i;
            }
        }
        Cpu[] larger = new Cpu[cpus.length * 2];
        System.arraycopy(cpus, 0, larger, 0, cpus.length);
        int handle = cpus.length;
        larger[handle] = cpu;
        cpus = larger;
        return handle;
    }

    static void remove(int handle) {
        cpus[handle] = null;
    }
}
