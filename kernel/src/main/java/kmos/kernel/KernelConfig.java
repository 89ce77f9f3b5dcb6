// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

/** What a kernel is started with; and the fixed costs of kernel work in guest time. */
public final class KernelConfig {
    /** Charges: entry by system call, by fault, by interrupt, and a context switch. */
    public static final long SYSCALL_NS = 200, FAULT_NS = 500, INTERRUPT_NS = 500, SWITCH_NS = 1000;
    /** Copies between kernel and program go at 4 bytes a nanosecond, serial output at 10 nanoseconds a byte. */
    public static final int COPY_BYTES_PER_NS_SHIFT = 2, SERIAL_NS_PER_BYTE = 10;
    public static final long QUANTUM_NS = 4_000_000;

    /** argv of the first program; the first one is its path. */
    public String[] init = {"/sbin/init"};
    /** Whether init was asked for by name: then nothing else is tried. */
    public boolean isInitGiven;
    /**
     * Run argv as process 2 below an init that only waits for orphans; when it ends, the machine is powered off with its
     * wait status (headless -- COMMAND).
     */
    public boolean isCommand;
    /** Process 1 is no program: it only waits for orphans, and what runs comes by {@link Kernel#commands} (the embedding API). */
    public boolean isHosted;
    /** Puts files into place before the first program, or null. */
    public RootContent rootContent;
    /** Whether init gets the console as its controlling terminal (a shell as init wants job control). */
    public boolean isConsoleControlling;
    public boolean isRootReadOnly;
    public String[] environment = {"HOME=/", "TERM=linux", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    /** The device that init has as its standard streams, below /dev. */
    public String console = "ttyS0";
    public String commandLine = "";
    /** The text of /proc/cpuinfo: what the processor says of itself. */
    public String cpuInfo = "";
    public String hostName = "kmos";
    /** Root file system: a device below /dev (hda1), or null for a tmpfs. */
    public String rootDevice;
    /** AT_HWCAP: CPUID leaf 1, EDX. */
    public int hardwareCapabilities;
    /** AT_HWCAP2: bit 0 MWAIT in ring 3, bit 1 FSGSBASE is enabled (asm/hwcap2.h). */
    public int hardwareCapabilities2;
    /** For tests ({@link Chaos}): every page fault waits once; every wait is woken once without reason. */
    public boolean missEveryPageOnce, spuriousWakeUps;
    /** For tests: after every system call all clean pages, metadata blocks and names are forgotten, so that the next one finds none. */
    public boolean forgetsCaches;
    public boolean isAddressRandomized = true;
    public long seed = 1;
    /** Guest's realtime at boot in seconds since 1970. */
    public long startEpochSeconds = 1_767_225_600L;
    /** First physical address that may be given out as a frame. */
    public int firstUsableFrame = 0x100000;
}
