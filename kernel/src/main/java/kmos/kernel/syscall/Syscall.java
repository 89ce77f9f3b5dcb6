// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

/** One row of {@link LinuxSyscalls}. A number is -1 where the architecture lacks the call. */
public record Syscall(int amd64, int i386, String name, SyscallBody body, ArgKind[] arguments, String support) {
    /** support of a row that does all that Linux does. */
    static final String FULL = "full";
}
