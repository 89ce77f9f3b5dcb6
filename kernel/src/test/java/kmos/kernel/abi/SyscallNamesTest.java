// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.kernel.syscall.LinuxSyscalls;
import kmos.kernel.syscall.Syscall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyscallNamesTest {
    @ParameterizedTest
    @CsvSource({"true, 0, read", "true, 41, socket", "true, 59, execve", "false, 1, exit", "false, 11, execve", "false, 102, socketcall",
        "true, 400, system call 400", "true, 99999, system call 99999", "false, -1, system call -1"})
    void names(boolean is64Bit, int number, String name) {
        assertEquals(name, SyscallNames.of(is64Bit, number));
    }

    /** Every row of the table stands at its call's number in both ABIs; on i386 the wide variant of a call may serve. */
    @Test
    void theTablesNumbersAreLinuxs() {
        StringBuilder wrong = new StringBuilder();
        for (Syscall row : new LinuxSyscalls().rows()) {
            check(wrong, row, true, row.amd64());
            check(wrong, row, false, row.i386());
        }
        assertEquals("", wrong.toString());
    }

    private static void check(StringBuilder wrong, Syscall row, boolean is64Bit, int number) {
        if (number < 0 || number > 450) {
            return;
        }
        String linux = SyscallNames.of(is64Bit, number);
        boolean isWideVariant = !is64Bit && (linux.equals(row.name() + "32") || linux.equals(row.name() + "64") || linux.equals(row.name() + "_time64"));
        // The narrow and old variants carry the kernel's internal names.
        boolean isOldVariant = !is64Bit && (row.name().equals(linux + "16") || row.name().equals("old_" + linux)
            || linux.equals("_new" + row.name()) || linux.equals("u" + row.name()));
        if (!linux.equals(row.name()) && !isWideVariant && !isOldVariant) {
            wrong.append(is64Bit ? "amd64 " : "i386 ").append(number).append(": ").append(row.name()).append(" is ").append(linux).append('\n');
        }
    }
}
