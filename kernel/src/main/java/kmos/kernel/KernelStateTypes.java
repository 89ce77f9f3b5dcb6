// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateTypes;
import kmos.base.TimerQueue;
import kmos.fs.block.BlockStateTypes;
import kmos.fs.ext.ExtType;
import kmos.fs.CachedPage;
import kmos.kernel.command.GuestCommand;
import kmos.kernel.driver.FrameBuffers;
import kmos.kernel.exec.ExecState;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.FilePages;
import kmos.kernel.mm.ShmemInode;
import kmos.kernel.mm.VmArea;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalActions;
import kmos.kernel.task.Futex;
import kmos.kernel.task.PosixTimer;
import kmos.kernel.task.ProcessTimers;
import kmos.kernel.task.RoundRobin;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.task.Tracing;
import kmos.kernel.vfs.VfsStateTypes;

/** The kernel's part of the table STATE_TYPES: every class whose objects are created when a state is loaded. */
public final class KernelStateTypes {
    private KernelStateTypes() { }

    public static void register(StateTypes types, Kernel kernel) {
        types.fixed(kernel.chaos());
        types.add("Timer", TimerQueue.Timer.class, TimerQueue.Timer::new);
        BlockStateTypes.register(types, new FrameBuffers(kernel.machine().memory(), kernel.frames()));
        ExtType.registerState(types);
        tasks(types, kernel);
        memory(types, kernel);
        VfsStateTypes.register(types, kernel);
    }

    private static void tasks(StateTypes types, Kernel kernel) {
        types.add("Task", Task.class, () -> new Task(kernel));
        types.add("ThreadGroup", ThreadGroup.class, () -> new ThreadGroup(kernel));
        types.add("Tracing", Tracing.class, Tracing::new);
        types.add("ProcessTimers", ProcessTimers.class, () -> new ProcessTimers(kernel));
        types.add("PosixTimer", PosixTimer.class, () -> new PosixTimer(kernel));
        types.add("RoundRobin", RoundRobin.class, RoundRobin::new);
        types.add("FutexWaiter", Futex.Waiter.class, Futex.Waiter::new);
        types.add("SignalActions", SignalActions.class, SignalActions::new);
        types.add("SigInfo", SigInfo.class, SigInfo::new);
        types.add("GuestCommand", GuestCommand.class, GuestCommand::new);
        types.add("ExecState", ExecState.class, ExecState::new);
    }

    private static void memory(StateTypes types, Kernel kernel) {
        types.fixed(kernel.shmem()).fixed(kernel.flusher());
        types.add("AddressSpace", AddressSpace.class, () -> new AddressSpace(kernel));
        types.add("VmArea", VmArea.class, VmArea::new);
        types.add("FilePages", FilePages.class, FilePages::new);
        types.add("CachedPage", CachedPage.class, CachedPage::new);
        types.add("ShmemInode", ShmemInode.class, ShmemInode::new);
    }
}
