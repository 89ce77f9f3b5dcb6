// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.util.function.Consumer;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.driver.PicDriver;
import kmos.kernel.exec.Vdso;
import kmos.kernel.mm.PageFault;
import kmos.kernel.signal.FatalFaults;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalDelivery;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.signal.UmipEmulation;
import kmos.kernel.syscall.Dispatcher;
import kmos.kernel.task.Exit;
import kmos.kernel.task.OutOfMemory;
import kmos.kernel.task.Task;
import kmos.kernel.task.TaskState;
import kmos.kernel.task.ThreadGroup;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import kmos.machine.InterruptController;
import kmos.machine.Machine;
import kmos.machine.VirtualClock;

/**
 * The heart: timers and interrupts that are due, then the next task until it enters the kernel, its quantum ends or a
 * timer is due. Where a slice ends cannot be seen by a program: no decision depends on it.
 */
public final class EventLoop implements Stateful {
    private static final int SYSENTER_LENGTH = 2;

    private final Kernel kernel;
    private final Machine machine;
    private final Dispatcher dispatcher;
    private final PicDriver pic;
    private final UmipEmulation umip = new UmipEmulation();
    /** The task whose registers are on the processor, or null. */
    private Task loaded;
    /** The task that is served, also while its registers are not needed. */
    private Task current;
    private boolean isMemoryShort;

    EventLoop(Kernel kernel, Dispatcher dispatcher) {
        this.kernel = kernel;
        this.machine = kernel.machine();
        this.dispatcher = dispatcher;
        pic = new PicDriver(machine.ports());
    }

    Task current() {
        return current;
    }

    public PicDriver pic() {
        return pic;
    }

    void memoryIsShort() {
        isMemoryShort = true;
    }

    /**
     * Runs for at most so many cycles, less when all tasks wait. Returns the guest time (ns) at which there is something
     * to do again: now (call again), a deadline (nothing to do before it, unless the outside brings an event), or
     * TimerQueue.NEVER.
     */
    public long runSlice(long cycles) {
        VirtualClock clock = machine.clock();
        long end = clock.cycles() + cycles;
        while (kernel.state() == KernelState.RUNNING) {
            long now = clock.nowNs();
            machine.timers().runUntil(now);
            if (machine.isWaitingForHost()) {
                return now;
            }
            serveInterrupts();
            if (isMemoryShort) {
                isMemoryShort = false;
                OutOfMemory.kill(kernel);
            }
            kernel.background();
            if (clock.cycles() >= end) {
                return clock.nowNs();
            }
            Task task = kernel.scheduler().pick();
            if (task == null) {
                current = null;
                if (hasPendingInterrupt()) {
                    continue;
                }
                return machine.timers().nextDeadlineNs();
            }
            step(task, Math.min(end, VirtualClock.cyclesAt(Math.min(kernel.scheduler().quantumEndNs(), machine.timers().nextDeadlineNs()))));
        }
        return TimerQueue.NEVER;
    }

    /** Idle: guest time goes on to ns, counted as idle time. */
    public void idleTo(long ns) {
        long now = machine.clock().nowNs();
        if (ns > now) {
            kernel.times().idle(ns - now, kernel.pids().hasDiskSleeper());
            machine.clock().advanceToNs(ns);
            kernel.scheduler().idled();
        }
    }

    private boolean hasPendingInterrupt() {
        InterruptController c = machine.interrupts();
        return c != null && c.hasPending();
    }

    private void serveInterrupts() {
        InterruptController c = machine.interrupts();
        while (c != null && c.hasPending()) {
            int vector = c.acknowledge();
            machine.clock().advanceNs(KernelConfig.INTERRUPT_NS);
            kernel.times().interrupt(KernelConfig.INTERRUPT_NS);
            int irq = vector - PicDriver.FIRST_VECTOR;
            if (kernel.trace().on(Log.IRQ)) {
                kernel.trace().debug(Log.IRQ, "line " + irq + " " + kernel.interrupts().name(irq));
            }
            kernel.interrupts().handle(irq);
            pic.endOfInterrupt(irq);
        }
    }

    private void step(Task task, long until) {
        current = task;
        if (task.isStarting()) {
            boot(task);
            return;
        }
        load(task);
        if (task.isInSyscall()) {
            dispatcher.dispatch(task);
            kernel.flusher().check();
        }
        if (!returnToUser(task)) {
            return;
        }
        VirtualClock clock = machine.clock();
        if (clock.cycles() >= until) {
            return;
        }
        long start = clock.nowNs();
        task.leaveKernel();
        int exit = machine.cpu().run(until);
        task.chargeUser(clock.nowNs() - start);
        switch (exit) {
            case CpuExit.SLICE_END:
                return;
            case CpuExit.INT80:
                dispatcher.enter(task, false);
                kernel.flusher().check();
                break;
            case CpuExit.SYSCALL:
                if (machine.cpu().bits() == 64) {
                    dispatcher.enter(task, true);
                    kernel.flusher().check();
                } else {
                    FatalFaults.raise(task, SigInfo.fault(SignalAbi.SIGILL, SignalAbi.ILL_ILLOPN, machine.cpu().instructionPointer()), "invalid opcode", 0);
                }
                break;
            case CpuExit.SYSENTER:
                sysenter(task);
                kernel.flusher().check();
                break;
            case CpuExit.FAULT:
                fault(task);
                kernel.flusher().check();
                break;
            default:
                FatalFaults.raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "general protection fault", 0);
                break;
        }
    }

    /**
     * Linux do_SYSENTER_32: wherever the instruction stood, the program goes on at the vdso's landing pad, with the stack
     * pointer that it left in EBP; the sixth argument lies there. Without a vdso, or in 64-bit mode, there is no such place.
     */
    private void sysenter(Task task) {
        CpuContext cpu = machine.cpu();
        long landingPad = cpu.bits() == 64 ? 0 : Vdso.landingPad(task.space());
        if (landingPad == 0) {
            FatalFaults.raise(task, SigInfo.fault(SignalAbi.SIGSEGV, SignalAbi.SEGV_MAPERR, 0), "sysenter", 0);
            return;
        }
        long stack = cpu.register(CpuContext.RBP) & 0xFFFFFFFFL;
        long sixth = 0;
        boolean isReadable = true;
        try {
            sixth = task.user().read32(stack) & 0xFFFFFFFFL;
        } catch (NotReady page) {
            cpu.setInstructionPointer(cpu.instructionPointer() - SYSENTER_LENGTH);
            task.parkOn(page.queue());
            return;
        } catch (ErrnoException badStack) {
            isReadable = false;
        }
        cpu.setInstructionPointer(landingPad);
        cpu.setRegister(CpuContext.RSP, stack);
        if (!isReadable) {
            machine.clock().advanceNs(KernelConfig.SYSCALL_NS);
            task.chargeSystem(KernelConfig.SYSCALL_NS);
            cpu.setRegister(CpuContext.RAX, -Errno.EFAULT & 0xFFFFFFFFL);
            return;
        }
        cpu.setRegister(CpuContext.RBP, sixth);
        dispatcher.enter(task, false);
    }

    private void boot(Task task) {
        machine.clock().advanceNs(KernelConfig.SYSCALL_NS);
        task.chargeSystem(KernelConfig.SYSCALL_NS);
        try {
            if (!kernel.commands().step(task)) {
                Boot.step(task);
            }
        } catch (NotReady block) {
            task.parkOn(block.queue());
        }
    }

    /** Puts the task's registers, page table and TLS descriptors onto the processor. */
    private void load(Task task) {
        if (loaded == task) {
            return;
        }
        CpuContext cpu = machine.cpu();
        if (loaded != null && !loaded.isEnded()) {
            cpu.save(loaded.contextFrame());
        }
        if (kernel.trace().on(Log.SCHED)) {
            kernel.trace().debug(Log.SCHED, (loaded == null ? "nobody" : name(loaded)) + " -> " + name(task));
        }
        kernel.probe().contextSwitch(machine.clock().cycles());
        machine.clock().advanceNs(KernelConfig.SWITCH_NS);
        task.chargeSystem(KernelConfig.SWITCH_NS);
        loaded = task;
        kernel.descriptors().load(task);
        cpu.setPageTable(task.space().pageTable().root(), task.space().pageTable().paging());
        cpu.load(task.contextFrame());
    }

    private static String name(Task task) {
        return task.name() + "[" + task.tid() + "]";
    }

    /** The task has a new address space and is about to get fresh registers (exec). */
    public void adopt(Task task) {
        CpuContext cpu = machine.cpu();
        if (loaded != task && loaded != null && !loaded.isEnded()) {
            cpu.save(loaded.contextFrame());
        }
        loaded = task;
        kernel.descriptors().load(task);
        cpu.setPageTable(task.space().pageTable().root(), task.space().pageTable().paging());
    }

    /** The registers of a task that is stopped come onto the processor for a moment, in place of those of the running one. */
    public void onRegistersOf(Task stopped, Consumer<CpuContext> work) {
        CpuContext cpu = machine.cpu();
        Task running = loaded;
        if (running == stopped) {
            work.accept(cpu);
            return;
        }
        if (running != null) {
            cpu.save(running.contextFrame());
        }
        kernel.descriptors().load(stopped);
        cpu.load(stopped.contextFrame());
        work.accept(cpu);
        cpu.save(stopped.contextFrame());
        if (running != null) {
            kernel.descriptors().load(running);
            cpu.load(running.contextFrame());
        }
    }

    /** The registers of a task are nowhere any more: it has ended. */
    public void forget(Task task) {
        if (loaded == task) {
            loaded = null;
            machine.cpu().setPageTable(0, CpuContext.PAGING_OFF);
        }
    }

    /** Work before user mode: what exec, clone and signals left. False when the task does not go there now. */
    private boolean returnToUser(Task task) {
        if (task.taskState() != TaskState.READY || kernel.scheduler().running() != task) {
            return false;
        }
        try {
            if (task.setChildTid() != 0) {
                writeChildTid(task);
            }
            return SignalDelivery.deliver(task, dispatcher);
        } catch (NotReady page) {
            task.parkOn(page.queue());
            return false;
        }
    }

    private static void writeChildTid(Task task) {
        long address = task.setChildTid();
        try {
            task.user().write32(address, task.tid());
        } catch (ErrnoException badAddress) {
            // Linux ignores a bad CLONE_CHILD_SETTID address, too.
            task.setSetChildTid(0);
            return;
        }
        task.setSetChildTid(0);
    }

    private void fault(Task task) {
        CpuContext cpu = machine.cpu();
        machine.clock().advanceNs(KernelConfig.FAULT_NS);
        task.chargeSystem(KernelConfig.FAULT_NS);
        if (cpu.exitVector() != FatalFaults.PAGE_FAULT) {
            try {
                if (cpu.exitVector() != FatalFaults.GENERAL_PROTECTION || !umip.emulate(task, cpu)) {
                    FatalFaults.exception(task, cpu);
                }
            } catch (NotReady page) {
                task.parkOn(page.queue());
            }
            return;
        }
        int result;
        if (kernel.trace().on(Log.MM)) {
            kernel.trace().debug(Log.MM, name(task) + " fault at 0x" + Long.toHexString(cpu.exitAddress()) + " error " + cpu.exitErrorCode() + " ip 0x"
                + Long.toHexString(cpu.instructionPointer()));
        }
        try {
            result = PageFault.handle(kernel, task.space(), cpu.exitAddress(), cpu.exitErrorCode());
        } catch (NotReady page) {
            task.parkOn(page.queue());
            return;
        }
        if (result == PageFault.OUT_OF_MEMORY) {
            // The same instruction faults again when others have run and memory was freed.
            isMemoryShort = true;
            kernel.scheduler().yield();
        } else if (result != 0) {
            int error = FatalFaults.pageFaultError(task, cpu.exitAddress(), cpu.exitErrorCode());
            task.setTrap(FatalFaults.PAGE_FAULT, error, cpu.exitAddress());
            SigInfo info = SigInfo.fault(result >>> 8, result & 0xFF, cpu.exitAddress());
            if (info.signal == SignalAbi.SIGBUS) {
                // As in Linux no "segfault" line: a page of a file could not be read, or lies behind its end.
                SignalSending.force(task, info);
            } else {
                FatalFaults.raise(task, info, "segfault", error);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        loaded = s.ref("loaded", loaded, Task.class);
        current = s.ref("current", current, Task.class);
        s.struct("umip", umip);
        isMemoryShort = s.bool("isMemoryShort", isMemoryShort);
    }
}
