// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.util.List;
import kmos.cpu.Cpu;
import kmos.kernel.Kernel;
import kmos.kernel.syscall.Syscall;
import kmos.kernel.task.Task;
import kmos.machine.VirtualClock;

/** A machine between two slices as text for people: its tasks and what each waits for, its registers. Looking changes nothing. */
public final class StateText {
    private static final String[] REGISTERS = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    /** A fork bomb has thousands. */
    private static final int MOST_TASKS = 300;
    private static final int PAGE_KIB = 4;

    private StateText() { }

    /** Memory in use, and a line for each task: * runs; number, parent's number, state's letter as in ps, system call it is in, name. */
    public static String kernel(KmosSystem system) {
        Kernel kernel = system.kernel();
        StringBuilder out = new StringBuilder();
        long used = (long) (system.machine().memory().frameCount() - kernel.frames().freeFrames()) * PAGE_KIB;
        out.append(used / 1024).append(" MiB in use, ").append(system.cpu().instructionCount()).append(" instructions\n");
        out.append("   PID  PPID S SYSTEM CALL      NAME\n");
        List<Task> tasks = kernel.pids().tasks();
        for (Task task : tasks.subList(0, Math.min(tasks.size(), MOST_TASKS))) {
            out.append(task == kernel.current() ? '*' : ' ');
            right(out, Integer.toString(task.tid()), 5);
            right(out, Integer.toString(task.group().parentPid()), 6);
            out.append(' ').append(task.taskState().letter()).append(' ');
            Syscall call = task.isInSyscall() ? kernel.syscalls().row(task.is64Bit(), task.syscallNumber()) : null;
            left(out, call == null ? "" : call.name(), 17);
            out.append(task.name()).append('\n');
        }
        if (tasks.size() > MOST_TASKS) {
            out.append("and ").append(tasks.size() - MOST_TASKS).append(" more\n");
        }
        return out.toString();
    }

    private static void right(StringBuilder out, String text, int width) {
        out.append(" ".repeat(Math.max(0, width - text.length()))).append(text);
    }

    private static void left(StringBuilder out, String text, int width) {
        out.append(text).append(" ".repeat(Math.max(0, width - text.length())));
    }

    /** Guest time, who runs, and the processor's registers. */
    public static String processor(KmosSystem system) {
        Cpu cpu = system.cpu();
        Task task = system.kernel().current();
        StringBuilder out = new StringBuilder();
        out.append("guest time ").append(system.machine().clock().cycles() / VirtualClock.CYCLES_PER_NS).append(" ns, ").append(cpu.instructionCount()).append(" instructions\n");
        out.append("task ").append(task == null ? "none" : "tid " + task.tid() + " " + task.name()).append('\n');
        out.append("rip ").append(Long.toHexString(cpu.instructionPointer())).append(" flags ").append(Long.toHexString(cpu.flags()))
            .append(" cr3 ").append(Long.toHexString(cpu.cr3())).append(' ').append(cpu.bits()).append(" bit\n");
        for (int i = 0; i < REGISTERS.length; i++) {
            out.append(REGISTERS[i]).append(' ').append(Long.toHexString(cpu.register(i))).append(i % 4 == 3 ? '\n' : ' ');
        }
        return out.toString();
    }
}
