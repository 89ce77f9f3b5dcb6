// SPDX-License-Identifier: Apache-2.0
package kmos.system;

/** The text of /proc/cpuinfo, as CPUID tells it. */
final class CpuInfo {
    private CpuInfo() { }

    static String text() {
        return "processor\t: 0\n"
            + "vendor_id\t: GenuineIntel\n"
            + "cpu family\t: 6\n"
            + "model\t\t: 15\n"
            + "model name\t: kmOS virtual x86-64 processor\n"
            + "stepping\t: 11\n"
            + "cpu MHz\t\t: 1000.000\n"
            + "physical id\t: 0\n"
            + "siblings\t: 1\n"
            + "core id\t\t: 0\n"
            + "cpu cores\t: 1\n"
            + "fpu\t\t: yes\n"
            + "fpu_exception\t: yes\n"
            + "cpuid level\t: 7\n"
            + "wp\t\t: yes\n"
            + "flags\t\t: fpu de tsc msr pae cx8 sep pge cmov pat clflush mmx fxsr sse sse2 syscall nx rdtscp lm cx16 popcnt hypervisor lahf_lm\n"
            + "bogomips\t: 2000.00\n"
            + "clflush size\t: 64\n"
            + "cache_alignment\t: 64\n"
            + "address sizes\t: 36 bits physical, 48 bits virtual\n"
            + "\n";
    }
}
