// SPDX-License-Identifier: Apache-2.0
/**
 * A monolithic UNIX kernel with the Linux system-call ABI, in Java. It plays ring 0: it owns real x86 page tables in
 * guest RAM, runs user code by {@code CpuContext.run} and handles what comes back.
 *
 * <p>Read first: {@link kmos.kernel.Kernel} (the event loop), {@link kmos.kernel.syscall.LinuxSyscalls} (the table),
 * {@link kmos.kernel.task.Task}. Nothing here ever waits: see {@link kmos.kernel.task.Task#blockOn}.
 */
package kmos.kernel;
