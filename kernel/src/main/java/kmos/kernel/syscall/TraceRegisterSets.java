// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.PtraceAbi.*;

import kmos.base.LittleEndian;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.FsaveImage;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;
import kmos.machine.PhysicalMemory;

/**
 * The requests of ptrace(2) for registers: single words of struct user, whole sets in the form of the caller (PTRACE_GETREGS) or
 * of the task (PTRACE_GETREGSET). User memory is read before and written after the task's registers are on the processor.
 */
final class TraceRegisterSets {
    private static final int FXSAVE = 512, SOFTWARE = 464, MXCSR = 24, MXCSR_MASK = 0xFFFF;

    private TraceRegisterSets() { }

    static long request(Task task, Task target, int request, long address, long data) {
        boolean is64 = task.is64Bit();
        int words = is64 ? TraceRegisters.COUNT_64 * 8 : TraceRegisters.COUNT_32 * 4;
        switch (request) {
            case PTRACE_PEEKUSER:
                return peekUser(task, target, address, data);
            case PTRACE_POKEUSER:
                return pokeUser(task, target, address, data);
            case PTRACE_GETREGS:
                return getGeneral(task, target, is64, data, words);
            case PTRACE_SETREGS:
                return setGeneral(task, target, is64, data, words);
            case PTRACE_GETFPREGS:
                return is64 ? getFxsave(task, target, data, FXSAVE) : getFsave(task, target, data);
            case PTRACE_SETFPREGS:
                return is64 ? setFxsave(task, target, data, FXSAVE) : setFsave(task, target, data);
            case PTRACE_GETFPXREGS:
                return is64 ? -EIO : getFxsave(task, target, data, FXSAVE);
            case PTRACE_SETFPXREGS:
                return is64 ? -EIO : setFxsave(task, target, data, FXSAVE);
            case PTRACE_GETREGSET, PTRACE_SETREGSET:
                return registerSet(task, target, (int) address, data, request == PTRACE_SETREGSET);
            default:
                return -EIO;
        }
    }

    // Words of struct user

    private static long peekUser(Task task, Task target, long offset, long to) {
        boolean is64 = task.is64Bit();
        int word = is64 ? 8 : 4;
        if (!isWord(offset, is64)) {
            return -EIO;
        }
        int debug = debugOffset(offset, is64);
        long[] value = new long[1];
        task.kernel().loop().onRegistersOf(target, cpu -> {
            TraceRegisters registers = new TraceRegisters(target, cpu, is64);
            int index = (int) offset / word;
            value[0] = index < registers.count() ? registers.get(index) : debug >= 0 && debug < 8 * word ? registers.debugRegister(debug / word) : 0;
        });
        task.user().writeWord(to, value[0]);
        return 0;
    }

    /** Whether a word of struct user begins there. */
    private static boolean isWord(long offset, boolean is64) {
        return (offset & (is64 ? 7 : 3)) == 0 && Long.compareUnsigned(offset, is64 ? TraceRegisters.USER_64 : TraceRegisters.USER_32) < 0;
    }

    /** Distance from the debug registers in struct user. */
    private static int debugOffset(long offset, boolean is64) {
        return (int) offset - (is64 ? TraceRegisters.DEBUG_64 : TraceRegisters.DEBUG_32);
    }

    private static long pokeUser(Task task, Task target, long offset, long value) {
        boolean is64 = task.is64Bit();
        int word = is64 ? 8 : 4;
        if (!isWord(offset, is64)) {
            return -EIO;
        }
        int debug = debugOffset(offset, is64);
        int[] result = {is64 ? -EIO : 0};
        task.kernel().loop().onRegistersOf(target, cpu -> {
            TraceRegisters registers = new TraceRegisters(target, cpu, is64);
            int index = (int) offset / word;
            if (index < registers.count()) {
                result[0] = registers.set(index, value);
                registers.settleRestart();
            } else if (debug >= 0 && debug < 8 * word) {
                result[0] = registers.setDebugRegister(debug / word, value);
            }
        });
        return result[0];
    }

    // Sets

    private static long registerSet(Task task, Task target, int type, long vector, boolean isWrite) {
        UserSpace user = task.user();
        boolean is64 = task.is64Bit();
        long base = user.readWord(vector);
        long length = user.readWord(vector + (is64 ? 8 : 4));
        boolean is64Target = target.space().is64Bit();
        int xstate = task.kernel().machine().cpu().xsaveSize();
        int size;
        switch (type) {
            case NT_PRSTATUS: size = is64Target ? TraceRegisters.COUNT_64 * 8 : TraceRegisters.COUNT_32 * 4; break;
            case NT_PRFPREG: size = is64Target ? FXSAVE : FsaveImage.SIZE; break;
            case NT_PRXFPREG: size = is64Target ? 0 : FXSAVE; break;
            case NT_X86_XSTATE: size = xstate; break;
            default: size = 0; break;
        }
        int unit = is64Target || type == NT_X86_XSTATE ? 8 : 4;
        if (size == 0) {
            return type == NT_X86_XSTATE ? -ENODEV : -EINVAL;
        }
        if (length % unit != 0) {
            return -EINVAL;
        }
        int n = (int) (Long.compareUnsigned(length, size) < 0 ? length : size);
        user.prepareWrite(vector, is64 ? 16 : 8);
        long result = isWrite ? set(task, target, type, base, n) : get(task, target, type, base, n);
        if (result == 0) {
            user.writeWord(vector + (is64 ? 8 : 4), n);
        }
        return result;
    }

    private static long get(Task task, Task target, int type, long to, int n) {
        boolean is64Target = target.space().is64Bit();
        switch (type) {
            case NT_PRSTATUS: return getGeneral(task, target, is64Target, to, n);
            case NT_X86_XSTATE: return getXstate(task, target, to, n);
            case NT_PRFPREG: return is64Target ? getFxsave(task, target, to, n) : n < FsaveImage.SIZE ? -EINVAL : getFsave(task, target, to);
            default: return getFxsave(task, target, to, n);
        }
    }

    private static long set(Task task, Task target, int type, long from, int n) {
        boolean is64Target = target.space().is64Bit();
        switch (type) {
            case NT_PRSTATUS: return setGeneral(task, target, is64Target, from, n);
            case NT_X86_XSTATE: return setXstate(task, target, from, n);
            case NT_PRFPREG: return is64Target ? setFxsave(task, target, from, n) : n < FsaveImage.SIZE ? -EINVAL : setFsave(task, target, from);
            default: return setFxsave(task, target, from, n);
        }
    }

    private static long getGeneral(Task task, Task target, boolean is64, long to, int bytes) {
        int word = is64 ? 8 : 4;
        byte[] block = new byte[(is64 ? TraceRegisters.COUNT_64 : TraceRegisters.COUNT_32) * word];
        task.kernel().loop().onRegistersOf(target, cpu -> {
            TraceRegisters registers = new TraceRegisters(target, cpu, is64);
            for (int i = 0; i < registers.count(); i++) {
                if (is64) {
                    LittleEndian.put64(block, i * 8, registers.get(i));
                } else {
                    LittleEndian.put32(block, i * 4, (int) registers.get(i));
                }
            }
        });
        return task.user().copyOut(block, 0, to, bytes) == bytes ? 0 : -EFAULT;
    }

    private static long setGeneral(Task task, Task target, boolean is64, long from, int bytes) {
        int word = is64 ? 8 : 4;
        byte[] block = new byte[bytes];
        if (task.user().copyIn(from, block, 0, bytes) != bytes) {
            return -EFAULT;
        }
        int[] result = new int[1];
        task.kernel().loop().onRegistersOf(target, cpu -> {
            TraceRegisters registers = new TraceRegisters(target, cpu, is64);
            // A selector's load changes the base: bases come last.
            for (int pass = 0; pass < 2; pass++) {
                for (int i = 0; i < bytes / word && result[0] == 0; i++) {
                    if (registers.isBase(i) == (pass == 1)) {
                        result[0] = registers.set(i, is64 ? LittleEndian.get64(block, i * 8) : LittleEndian.get32(block, i * 4));
                    }
                }
            }
            registers.settleRestart();
        });
        return result[0];
    }

    // Floating point. The second half of the caller's context frame is free: its registers are saved in the first half meanwhile.

    private static int image(Task task) {
        return task.contextFrame() + CpuContext.CONTEXT_SIZE;
    }

    private static long getFxsave(Task task, Task target, long to, int bytes) {
        task.kernel().machine().memory().fill(image(task), FXSAVE, 0);
        task.kernel().loop().onRegistersOf(target, cpu -> cpu.fxsave(image(task)));
        return task.user().copyOutFromRam(image(task), to, bytes) == bytes ? 0 : -EFAULT;
    }

    /** -EINVAL: less than the whole, or reserved bits of MXCSR. */
    private static long setFxsave(Task task, Task target, long from, int bytes) {
        if (bytes != FXSAVE) {
            return -EINVAL;
        }
        if (task.user().copyInToRam(from, image(task), FXSAVE) != FXSAVE) {
            return -EFAULT;
        }
        if ((task.kernel().machine().memory().read32(image(task) + MXCSR) & ~MXCSR_MASK) != 0) {
            return -EINVAL;
        }
        task.kernel().loop().onRegistersOf(target, cpu -> cpu.fxrstor(image(task)));
        return 0;
    }

    private static long getFsave(Task task, Task target, long to) {
        int[] selectors = new int[2];
        task.kernel().loop().onRegistersOf(target, cpu -> {
            cpu.fxsave(image(task));
            selectors[0] = cpu.selector(CpuContext.CS);
            selectors[1] = cpu.selector(CpuContext.DS);
        });
        task.user().prepareWrite(to, FsaveImage.SIZE);
        FsaveImage.write(task.user(), task.kernel().machine().memory(), image(task), to, selectors[0], selectors[1]);
        return 0;
    }

    private static long setFsave(Task task, Task target, long from) {
        task.kernel().loop().onRegistersOf(target, cpu -> cpu.fxsave(image(task)));
        FsaveImage.read(task.user(), task.kernel().machine().memory(), image(task), from);
        task.kernel().loop().onRegistersOf(target, cpu -> cpu.fxrstor(image(task)));
        return 0;
    }

    private static long getXstate(Task task, Task target, long to, int bytes) {
        PhysicalMemory memory = task.kernel().machine().memory();
        task.kernel().loop().onRegistersOf(target, cpu -> {
            cpu.xsave(image(task));
            // A debugger learns here which components there are (USER_XSTATE_XCR0_WORD).
            memory.write64(image(task) + SOFTWARE, cpu.xcr0());
        });
        return task.user().copyOutFromRam(image(task), to, bytes) == bytes ? 0 : -EFAULT;
    }

    /** -EFAULT: less than the whole area; -EINVAL: a header or MXCSR that XRSTOR would refuse. */
    private static long setXstate(Task task, Task target, long from, int bytes) {
        if (bytes != task.kernel().machine().cpu().xsaveSize() || task.user().copyInToRam(from, image(task), bytes) != bytes) {
            return -EFAULT;
        }
        boolean[] isValid = new boolean[1];
        task.kernel().loop().onRegistersOf(target, cpu -> isValid[0] = cpu.xrstor(image(task), cpu.xcr0()));
        return isValid[0] ? 0 : -EINVAL;
    }
}
