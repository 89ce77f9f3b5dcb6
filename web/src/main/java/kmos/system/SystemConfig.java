// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.util.function.IntFunction;
import kmos.cpu.CpuModel;
import kmos.cpu.jit.JitBackend;
import kmos.kernel.KernelConfig;

/** What a system is built from, beside the kernel's own settings. */
public final class SystemConfig {
    /** Guest RAM in MiB, 64 to 1536. */
    public int memoryMegabytes = 256;
    /** The processor: what it claims and can do. */
    public CpuModel cpuModel = CpuModel.v2();
    /** Room for decoded code, bytes. */
    public int codeCacheBytes = 24 << 20;
    /** Console font (PSF), or null: then the display stays dark and tty1 does not exist. */
    public byte[] font;
    /** Whether the kernel's log goes to the consoles, as it does on a booting machine. */
    public boolean showsKernelLog = true;
    /** Makes the back end for compiled code from the vCPU's base address; null: interpreter only. */
    public IntFunction<JitBackend> jit;
    /** Entries of a loop or function before it is compiled. */
    public int jitThreshold = 1500;
    /** Compiles as the host's time allows (CompileBudget), else at once. What the guest sees is the same. */
    public boolean boundsCompiler;
    public final KernelConfig kernel = new KernelConfig();
}
