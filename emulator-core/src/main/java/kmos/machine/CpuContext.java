// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Stateful;

/**
 * One processor as a kernel sees it: registers, address translation and run-until-something-happens.
 * Numbers are Intel's (RAX RCX RDX RBX RSP RBP RSI RDI R8..R15; ES CS SS DS FS GS).
 */
public interface CpuContext extends Stateful {
    int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
    int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

    /** Bytes that {@link #save} writes: everything a program can see of its processor. */
    int CONTEXT_SIZE = 2048;

    /** Paging: none, two-level 32-bit, PAE (three levels), four-level (SDM vol. 3A §4.1). */
    int PAGING_OFF = 0, PAGING_32BIT = 2, PAGING_PAE = 3, PAGING_4LEVEL = 4;

    long register(int number);

    void setRegister(int number, long value);

    long instructionPointer();

    void setInstructionPointer(long value);

    /** RFLAGS with all flags materialised. */
    long flags();

    void setFlags(long value);

    int selector(int segment);

    long segmentBase(int segment);

    /** In bytes, unsigned, as the loaded descriptor's granularity makes it. */
    long segmentLimit(int segment);

    /** Sets FS or GS base alone, as WRMSR to FS_BASE and GS_BASE does. */
    void setSegmentBase(int segment, long base);

    /**
     * Loads a segment register at the given privilege through GDT or LDT. Returns 0, or the exception vector (#GP 13,
     * #NP 11, #SS 12) that the load would raise.
     */
    int loadSegment(int segment, int selector);

    /** Physical address of the GDT's first byte and its limit; descriptors are read when a selector is loaded. */
    void setGdt(int physical, int limit);

    /** The same for the LDT, which may lie in several frames; none at all without frames. */
    void setLdt(int[] frames, int limit);

    /**
     * A fresh user context: flat segments of user mode (CPL 3), 32- or 64-bit, all registers 0, FPU as after FNINIT
     * (control word 0x37F), MXCSR 0x1F80, RFLAGS 0x202. Selectors are cs and ss (also DS, ES in 32-bit mode).
     */
    void resetUser(int bits, int cs, int ss);

    /** 32 or 64 (or 16), from the code segment. */
    int bits();

    /** Switches address space: CR3 and the paging mode. */
    void setPageTable(long cr3, int paging);

    long cr3();

    /** INVLPG: forget the translation of one page of the current address space. */
    void invalidatePage(long linear);

    /** Forget the translations of an address space that is not necessarily the current one. */
    void flushTlb(long cr3);

    /** Writes this context (registers, segments, FPU, SSE) to CONTEXT_SIZE bytes of physical memory. */
    void save(int physical);

    void load(int physical);

    /** FXSAVE image, 512 bytes in physical memory (SDM vol. 1 §10.5.1); 64-bit layout when bits() is 64. */
    void fxsave(int physical);

    /** Loads an FXSAVE image; reserved MXCSR bits are masked. */
    void fxrstor(int physical);

    /** Bytes of {@link #xsave}'s area, or 0 when this processor has no XSAVE: then FXSAVE's image is all there is. */
    int xsaveSize();

    /** XCR0: the state components that XSAVE manages; 0 without XSAVE. */
    long xcr0();

    /** The whole XSAVE area (SDM vol. 1 chapter 13, standard form) to physical memory. */
    void xsave(int physical);

    /** Loads the components of an XSAVE area, absent ones as they are initially. False when the area is invalid: nothing changed. */
    boolean xrstor(int physical, long components);

    /** Runs until clock reaches untilCycle or something happens. Returns a {@link CpuExit}; the clock has moved. */
    int run(long untilCycle);

    /** Exception vector of the last FAULT. */
    int exitVector();

    /** Its error code, 0 where there is none. For #PF: SDM vol. 3A §4.7. */
    int exitErrorCode();

    /** DR6 bits of the last #DB: 0 to 3 breakpoints, 14 single step; 0 for INT1 (SDM vol. 3B §17.2.3). */
    int exitDebugStatus();

    /** DR0 to DR3 or DR7 of this context (SDM vol. 3B §17.2). They are saved with it; resetUser clears them. */
    long debugRegister(int number);

    void setDebugRegister(int number, long value);

    /** CR2 for #PF. */
    long exitAddress();

    /** Instructions executed since power-on (statistics). */
    long instructionCount();
}
