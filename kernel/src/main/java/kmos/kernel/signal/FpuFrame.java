// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.Check;
import kmos.base.ErrnoException;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;
import kmos.machine.PhysicalMemory;

/**
 * The floating-point part of a signal frame (Linux arch/x86/kernel/fpu/signal.c): the FXSAVE image or, when CPUID claims
 * XSAVE, the whole XSAVE area with its size and features in the image's last 48 bytes and a magic number behind it. An
 * i386 frame has the old FSAVE image before it, and that is what counts for the x87 registers when the handler returns.
 *
 * <pre>
 * i386   fx-112  FSAVE environment (28), ST0-7 (80), status (2), magic 0 (2)
 * both   fx      FXSAVE image; 464: magic1, extended_size, xfeatures (8), xstate_size
 *        fx+512  XSAVE header and the other features; then magic2
 * </pre>
 */
final class FpuFrame {
    static final int FSAVE = 112;
    private static final int FXSAVE = 512, SOFTWARE = 464, HEADER = 512;
    private static final int FP_XSTATE_MAGIC1 = 0x46505853, FP_XSTATE_MAGIC2 = 0x46505845;
    private static final int X87_SSE = 3, SSE_AVX = 6, MXCSR_MASK = 0xFFFF;
    /** What restore gets from read: registers to their initial values, image not usable, FXSAVE image, XSAVE area. */
    static final int INITIAL = 0, BAD = 1, FX_ONLY = 2, XSTATE = 3;

    private FpuFrame() { }

    /** Bytes from the image on. */
    static int size(CpuContext cpu) {
        int xstate = cpu.xsaveSize();
        return xstate == 0 ? FXSAVE : xstate + 4;
    }

    /** Where the image lies when the frame ends at top. */
    static long place(CpuContext cpu, long top) {
        return top - size(cpu) & -64L;
    }

    private static int image(Task task) {
        // The second half of the task's context frame is free while its registers are on the processor.
        return task.contextFrame() + CpuContext.CONTEXT_SIZE;
    }

    /** Writes image or area to fx; the pages are writable. */
    static void write(Task task, CpuContext cpu, long fx, boolean isI386) {
        PhysicalMemory memory = task.kernel().machine().memory();
        UserSpace user = task.user();
        int image = image(task);
        int xstate = cpu.xsaveSize();
        memory.fill(image, Math.max(FXSAVE, xstate), 0);
        if (xstate == 0) {
            cpu.fxsave(image);
            user.copyOutFromRam(image, fx, FXSAVE);
        } else {
            cpu.xsave(image);
            memory.write64(image + HEADER, memory.read64(image + HEADER) | X87_SSE);
            memory.write32(image + SOFTWARE, FP_XSTATE_MAGIC1);
            memory.write32(image + SOFTWARE + 4, xstate + 4 + (isI386 ? FSAVE : 0));
            memory.write64(image + SOFTWARE + 8, cpu.xcr0());
            memory.write32(image + SOFTWARE + 16, xstate);
            user.copyOutFromRam(image, fx, xstate);
            user.write32(fx + xstate, FP_XSTATE_MAGIC2);
        }
        if (isI386) {
            FsaveImage.write(user, memory, image, fx - FSAVE, cpu.selector(CpuContext.CS), cpu.selector(CpuContext.DS));
            user.write16(fx - FSAVE + FsaveImage.SIZE, memory.read16(image + 2));
            user.write16(fx - FSAVE + FsaveImage.SIZE + 2, 0);
        }
    }

    /** Fetches what pointer names into the kernel; changes nothing a program can see. NotReady. */
    static int read(Task task, CpuContext cpu, long pointer, boolean isI386) {
        if (pointer == 0) {
            return INITIAL;
        }
        PhysicalMemory memory = task.kernel().machine().memory();
        int image = image(task);
        long fx = isI386 ? pointer + FSAVE : pointer;
        try {
            int kind = kind(task, cpu, fx);
            int size = kind == XSTATE ? cpu.xsaveSize() : FXSAVE;
            // XRSTOR wants 64 bytes of alignment, FXRSTOR 16; an i386 frame is copied first and may lie anywhere.
            int alignment = isI386 ? 1 : kind == XSTATE ? 64 : 16;
            if ((fx & alignment - 1) != 0 || task.user().copyInToRam(fx, image, size) != size
                || (memory.read32(image + 24) & ~MXCSR_MASK) != 0 || kind == XSTATE && !isHeaderValid(memory, cpu, image + HEADER)) {
                return BAD;
            }
            if (isI386) {
                FsaveImage.read(task.user(), memory, image, pointer);
                if (kind == XSTATE && (memory.read64(image + HEADER) & 6) == 0) {
                    // copy_uabi_to_xstate takes MXCSR only with SSE or AVX: it stays as it is in the handler's fresh state.
                    memory.write32(image + 24, 0x1F80);
                }
            }
            return kind;
        } catch (ErrnoException fault) {
            return BAD;
        }
    }

    /** check_xstate_in_sigframe: both magic numbers, or it counts as an FXSAVE image alone. */
    private static int kind(Task task, CpuContext cpu, long fx) {
        int xstate = cpu.xsaveSize();
        if (xstate == 0) {
            return FX_ONLY;
        }
        UserSpace user = task.user();
        return user.read32(fx + SOFTWARE) == FP_XSTATE_MAGIC1 && user.read32(fx + xstate) == FP_XSTATE_MAGIC2 ? XSTATE : FX_ONLY;
    }

    /** What makes XRSTOR raise #GP: unknown features, the compacted form, reserved bytes (SDM vol. 1 §13.8). */
    private static boolean isHeaderValid(PhysicalMemory memory, CpuContext cpu, int header) {
        for (int i = 8; i < 64; i += 8) {
            if (memory.read64(header + i) != 0) {
                return false;
            }
        }
        return (memory.read64(header) & ~cpu.xcr0()) == 0;
    }

    /** Loads what read fetched. A bad image leaves initial values: the caller raises SIGSEGV. */
    static void restore(Task task, CpuContext cpu, int kind) {
        PhysicalMemory memory = task.kernel().machine().memory();
        int image = image(task);
        if (kind == INITIAL || kind == BAD) {
            memory.fill(image, FXSAVE, 0);
            memory.write16(image, 0x37F);
            memory.write32(image + 24, 0x1F80);
        }
        if (cpu.xsaveSize() == 0) {
            cpu.fxrstor(image);
            return;
        }
        if (kind != XSTATE) {
            memory.fill(image + HEADER, cpu.xsaveSize() - HEADER, 0);
            memory.write64(image + HEADER, X87_SSE);
        } else {
            // What the frame's software bytes do not ask for gets its initial state.
            long requested = memory.read64(image + SOFTWARE + 8);
            memory.write64(image + HEADER, memory.read64(image + HEADER) & requested);
            if ((requested & SSE_AVX) == 0) {
                memory.write32(image + 24, 0x1F80);
            }
        }
        Check.that(cpu.xrstor(image, cpu.xcr0()), "an XSAVE area passed the checks and is invalid", image);
    }
}
