// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.PageFault;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/**
 * SGDT, SIDT, SMSW, SLDT and STR in a program: with UMIP they raise #GP, and the kernel answers with dummy values, because old
 * programs (Wine's among them) use them (Linux arch/x86/kernel/umip.c).
 */
public final class UmipEmulation implements Stateful {
    private static final int NONE = -1, SGDT = 0, SIDT = 1, SMSW = 2, SLDT = 3, STR = 4;
    private static final String[] NAMES = {"SGDT", "SIDT", "SMSW", "SLDT", "STR"};
    private static final int MAX_LENGTH = 15;
    private static final long GDT_BASE = 0xFFFFFFFFFFFE0000L, IDT_BASE = 0xFFFFFFFFFFFF0000L;
    /** PE, MP, ET, NE, WP, AM, PG of CR0; selectors of TSS and LDT in Linux' table. */
    private static final long CR0 = 0x80050033L, TSS = 0x40, LDT = 0x50;
    private static final long WARNING_INTERVAL_NS = 120_000_000_000L;
    private static final int WARNING_BURST = 5;

    private long windowStart;
    private int windowLines;

    private final byte[] code = new byte[MAX_LENGTH];
    private final byte[] data = new byte[10];
    private int available;
    private int at;
    private boolean isTruncated;

    /**
     * After a #GP: true when the instruction was one of the five, and was either done or ended in SIGSEGV for its address.
     * Throws NotReady, with nothing changed, while its page is on its way.
     */
    public boolean emulate(Task task, CpuContext cpu) {
        int bits = cpu.bits();
        long mask = bits == 64 ? -1L : 0xFFFFFFFFL;
        available = task.user().copyIn(cpu.instructionPointer() + codeBase(cpu, bits) & mask, code, 0, MAX_LENGTH);
        at = 0;
        isTruncated = false;
        boolean has66 = false, has67 = false;
        int segment = -1;
        int b = next();
        while (isLegacyPrefix(b)) {
            has66 |= b == 0x66;
            has67 |= b == 0x67;
            segment = b == 0x64 ? CpuContext.FS : b == 0x65 ? CpuContext.GS : (b & 0xE7) == 0x26 ? b >> 3 & 3 : segment;
            b = next();
        }
        int rex = 0;
        if (bits == 64 && (b & 0xF0) == 0x40) {
            rex = b;
            b = next();
        }
        int second = next();
        int modRm = next();
        int instruction = b == 0x0F && !isTruncated ? identify(second, modRm) : NONE;
        if (instruction == NONE) {
            return false;
        }
        boolean isRegister = modRm >= 0xC0;
        int registerBytes = (rex & 8) != 0 ? 8 : (bits == 16) != has66 ? 2 : 4;
        int addressBits = bits == 64 ? has67 ? 32 : 64 : (bits == 16) != has67 ? 16 : 32;
        Operand operand = isRegister ? null : new Operand(cpu, bits, addressBits, rex, modRm, segment);
        if (isTruncated || operand != null && !operand.isInSegment) {
            return false;
        }
        int count = answer(task, instruction, bits == 64, isRegister ? registerBytes : 2);
        if (isRegister) {
            // Linux copies the operand's bytes over the saved register: the rest of it stays, of 64 bits, too.
            int number = modRm & 7 | (rex & 1) << 3;
            cpu.setRegister(number, merge(cpu.register(number), count));
        } else if (task.user().copyOut(data, 0, operand.linear, count) != count) {
            warn(task, cpu, NAMES[instruction]);
            segmentationFault(task, cpu, operand.linear);
            return true;
        }
        warn(task, cpu, NAMES[instruction]);
        cpu.setInstructionPointer(cpu.instructionPointer() + at & mask);
        return true;
    }

    private static long codeBase(CpuContext cpu, int bits) {
        return bits == 64 ? 0 : cpu.segmentBase(CpuContext.CS);
    }

    private int next() {
        if (at >= available) {
            isTruncated = true;
            return 0;
        }
        return code[at++] & 0xFF;
    }

    private long nextSigned(int bytes) {
        long v = 0;
        for (int i = 0; i < bytes; i++) {
            v |= (long) next() << 8 * i;
        }
        int unused = 64 - 8 * bytes;
        return v << unused >> unused;
    }

    private static boolean isLegacyPrefix(int b) {
        return b == 0x66 || b == 0x67 || b == 0xF2 || b == 0xF3 || (b & 0xE7) == 0x26 || b == 0x64 || b == 0x65;
    }

    private static int identify(int opcode, int modRm) {
        int field = modRm >> 3 & 7;
        if (opcode == 1) {
            return field == 4 ? SMSW : modRm >= 0xC0 ? NONE : field == 0 ? SGDT : field == 1 ? SIDT : NONE;
        }
        return opcode != 0 ? NONE : field == 0 ? SLDT : field == 1 ? STR : NONE;
    }

    /** Fills data; returns how many bytes of it the program gets. */
    private int answer(Task task, int instruction, boolean is64, int bytes) {
        if (instruction == SGDT || instruction == SIDT) {
            put(0, 0);
            put(2, instruction == SGDT ? GDT_BASE : IDT_BASE);
            return is64 ? 10 : 6;
        }
        put(0, instruction == SMSW ? CR0 : instruction == STR ? TSS : task.space().localDescriptors().entries() != 0 ? LDT : 0);
        return bytes;
    }

    private void put(int offset, long value) {
        for (int i = 0; i < 8; i++) {
            data[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    private long merge(long old, int bytes) {
        long v = old;
        for (int i = 0; i < bytes; i++) {
            v = v & ~(0xFFL << 8 * i) | (data[i] & 0xFFL) << 8 * i;
        }
        return v;
    }

    /** Linux' message, five times in two minutes at most. */
    private void warn(Task task, CpuContext cpu, String name) {
        Kernel kernel = task.kernel();
        if (windowLines == 0 || kernel.nowNs() - windowStart > WARNING_INTERVAL_NS) {
            windowStart = kernel.nowNs();
            windowLines = 0;
        }
        String[] lines = {name + " instruction cannot be used by applications.", "For now, expensive software emulation returns the result."};
        for (String line : lines) {
            if (windowLines < WARNING_BURST) {
                windowLines++;
                kernel.printk(4, place(task, cpu) + line);
            }
        }
    }

    private static String place(Task task, CpuContext cpu) {
        return "umip: " + task.name() + "[" + task.tid() + "] ip:" + Long.toHexString(cpu.instructionPointer()) + " sp:"
            + Long.toHexString(cpu.register(CpuContext.RSP)) + ": ";
    }

    /** The #PF that the write would have raised, as Linux words it: always "no such page". */
    private static void segmentationFault(Task task, CpuContext cpu, long address) {
        int error = PageFault.USER | PageFault.WRITE;
        task.setTrap(FatalFaults.PAGE_FAULT, error, address);
        long handler = task.group().actions().handler(SignalAbi.SIGSEGV);
        if (handler == SignalAbi.SIG_DFL || handler == SignalAbi.SIG_IGN) {
            task.kernel().printk(3, place(task, cpu) + "segfault in emulation. error" + Integer.toHexString(error));
        }
        SignalSending.force(task, SigInfo.fault(SignalAbi.SIGSEGV, SignalAbi.SEGV_MAPERR, address));
    }

    @Override
    public void state(StateFields s) {
        windowStart = s.i64("windowStart", windowStart);
        windowLines = s.i32("windowLines", windowLines);
    }

    /** The linear address behind a ModRM byte, read on from the instruction's bytes (SDM vol. 2A §2.1.5). */
    private final class Operand {
        final long linear;
        final boolean isInSegment;

        Operand(CpuContext cpu, int bits, int addressBits, int rex, int modRm, int override) {
            int mod = modRm >> 6, rm = modRm & 7;
            boolean isStack;
            long offset;
            if (addressBits == 16) {
                boolean isAbsolute = mod == 0 && rm == 6;
                isStack = rm == 2 || rm == 3 || rm == 6 && !isAbsolute;
                offset = isAbsolute ? 0 : registers16(cpu, rm);
                offset += isAbsolute || mod == 2 ? nextSigned(2) : mod == 1 ? nextSigned(1) : 0;
                offset &= 0xFFFF;
            } else {
                boolean isRip = false;
                int base = rm | (rex & 1) << 3;
                long index = 0;
                if (rm == 4) {
                    int sib = next();
                    base = sib & 7 | (rex & 1) << 3;
                    int number = sib >> 3 & 7 | (rex & 2) << 2;
                    index = number == 4 ? 0 : cpu.register(number) << (sib >> 6);
                } else if (mod == 0 && rm == 5) {
                    isRip = bits == 64;
                }
                boolean hasBase = mod != 0 || (base & 7) != 5;
                isStack = hasBase && (base == CpuContext.RSP || base == CpuContext.RBP);
                offset = (hasBase ? cpu.register(base) : 0) + index;
                offset += mod == 2 || !hasBase ? nextSigned(4) : mod == 1 ? nextSigned(1) : 0;
                offset += isRip ? cpu.instructionPointer() + at : 0;
                offset &= addressBits == 64 ? -1L : 0xFFFFFFFFL;
            }
            int segment = override >= 0 ? override : isStack ? CpuContext.SS : CpuContext.DS;
            if (bits == 64) {
                isInSegment = true;
                linear = offset + (segment >= CpuContext.FS ? cpu.segmentBase(segment) : 0);
            } else {
                isInSegment = Long.compareUnsigned(offset, cpu.segmentLimit(segment)) <= 0;
                linear = offset + cpu.segmentBase(segment) & 0xFFFFFFFFL;
            }
        }

        /** BX+SI BX+DI BP+SI BP+DI SI DI BP BX. */
        private long registers16(CpuContext cpu, int rm) {
            long base = rm == 0 || rm == 1 || rm == 7 ? cpu.register(CpuContext.RBX) : rm == 2 || rm == 3 || rm == 6 ? cpu.register(CpuContext.RBP) : 0;
            long index = rm > 5 ? 0 : cpu.register((rm & 1) == 0 ? CpuContext.RSI : CpuContext.RDI);
            return base + index;
        }
    }
}
