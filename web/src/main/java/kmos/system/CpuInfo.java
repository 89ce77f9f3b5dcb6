// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import kmos.cpu.CpuModel;

/** The text of /proc/cpuinfo, as CPUID tells it. */
final class CpuInfo {
    private CpuInfo() { }

    static String text(CpuModel model) {
        int signature = model.signature();
        return "processor\t: 0\n"
            + "vendor_id\t: GenuineIntel\n"
            + "cpu family\t: 6\n"
            + "model\t\t: " + (signature >>> 12 & 0xF0 | signature >>> 4 & 15) + "\n"
            + "model name\t: kmOS virtual x86-64 processor\n"
            + "stepping\t: " + (signature & 15) + "\n"
            + "cpu MHz\t\t: 4000.000\n"
            + "physical id\t: 0\n"
            + "siblings\t: 1\n"
            + "core id\t\t: 0\n"
            + "cpu cores\t: 1\n"
            + "fpu\t\t: yes\n"
            + "fpu_exception\t: yes\n"
            + "cpuid level\t: " + (model.xcr0() == 0 ? 7 : 13) + "\n"
            + "wp\t\t: yes\n"
            + "flags\t\t: " + model.flagNames() + "\n"
            + "bogomips\t: 8000.00\n"
            + "clflush size\t: 64\n"
            + "cache_alignment\t: 64\n"
            + "address sizes\t: 36 bits physical, 48 bits virtual\n"
            + "\n";
    }
}
