// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import kmos.base.Errno;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.PeekMemory;
import kmos.kernel.task.Task;

/**
 * Prints system calls as strace(1) does: {@code write(1, "hello\n", 6) = 6}, with the thread id in front. Looks at user
 * memory without touching it, so that a machine runs the same with and without it.
 */
public final class Strace {
    /** Where lines go. */
    public interface Sink {
        void line(String text);
    }

    private static final int STRING_LIMIT = 32;

    private final Sink sink;

    public Strace(Sink sink) {
        this.sink = sink;
    }

    /** What can only be told before the call: execve's arguments, and calls that do not return. */
    void entered(Task task, Syscall row) {
        if (row == null) {
            return;
        }
        switch (row.name()) {
            case "execve", "execveat", "exit", "exit_group", "rt_sigreturn", "sigreturn" ->
                sink.line(prefix(task) + call(task, row, 0) + (row.name().startsWith("exec") ? " ..." : " = ?"));
            default -> {
                // Printed with its result.
            }
        }
    }

    void left(Task task, Syscall row, long result) {
        if (row == null) {
            sink.line(prefix(task) + "syscall_" + task.syscallNumber() + "() = " + result(result));
            return;
        }
        switch (row.name()) {
            case "exit", "exit_group", "rt_sigreturn", "sigreturn" -> {
                // Told at the entry.
            }
            case "execve", "execveat" -> sink.line(prefix(task) + "<... " + row.name() + " resumed> = " + (result == Task.NO_RESULT ? "0" : result(result)));
            default -> sink.line(prefix(task) + call(task, row, result) + " = " + (returnsAddress(row) && result >= 0 ? hex(result) : result(result)));
        }
    }

    private static boolean returnsAddress(Syscall row) {
        return row.name().startsWith("mmap") || row.name().equals("brk") || row.name().equals("mremap");
    }

    private static String prefix(Task task) {
        return "[pid " + task.tid() + "] ";
    }

    private static String result(long r) {
        if (r < 0 && r >= -4095) {
            int e = (int) -r;
            switch (e) {
                case Restart.ERESTARTSYS:
                    return "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
                case Restart.ERESTARTNOINTR:
                    return "? ERESTARTNOINTR (To be restarted)";
                case Restart.ERESTARTNOHAND:
                    return "? ERESTARTNOHAND (To be restarted if no handler)";
                case Restart.ERESTART_RESTARTBLOCK:
                    return "? ERESTART_RESTARTBLOCK (Interrupted by signal)";
                default:
                    return "-1 " + Errno.name(e) + " (" + Errno.message(e) + ")";
            }
        }
        return String.valueOf(r);
    }

    private static String call(Task task, Syscall row, long result) {
        StringBuilder line = new StringBuilder(row.name()).append('(');
        PeekMemory memory = new PeekMemory(task.kernel(), task.space(), task.is64Bit());
        for (int i = 0; i < row.arguments().length; i++) {
            if (i > 0) {
                line.append(", ");
            }
            argument(line, task, row, i, memory, result);
        }
        return line.append(')').toString();
    }

    private static void argument(StringBuilder line, Task task, Syscall row, int i, PeekMemory memory, long result) {
        long raw = task.args().raw(i);
        switch (row.arguments()[i]) {
            case INT, FD -> line.append((int) raw);
            case UINT -> line.append(raw & 0xFFFFFFFFL);
            case LONG, OFFSET -> line.append(task.is64Bit() ? raw : (int) raw);
            case SIZE -> line.append(Long.toUnsignedString(raw));
            case OCTAL, MODE -> line.append('0').append(Long.toOctalString(raw & 0xFFFFFFFFL));
            case HEX -> line.append(hex(raw));
            case DIR_FD -> line.append((int) raw == -100 ? "AT_FDCWD" : String.valueOf((int) raw));
            case PATH, STRING -> string(line, memory, raw, -1);
            case IN_BUFFER -> string(line, memory, raw, i + 1 < 6 ? task.args().raw(i + 1) : 0);
            case OUT_BUFFER -> {
                if (result >= 0) {
                    string(line, memory, raw, result);
                } else {
                    line.append(pointer(raw));
                }
            }
            case OPEN_FLAGS -> StraceFlags.open(line, (int) raw);
            case PROT -> StraceFlags.append(line, (int) raw, StraceFlags.prot(), "PROT_NONE");
            case MMAP_FLAGS -> StraceFlags.append(line, (int) raw, StraceFlags.mmap(), "0");
            case CLONE_FLAGS -> StraceFlags.cloneFlags(line, raw);
            case SIGNAL -> line.append((int) raw == 0 ? "0" : SignalAbi.name((int) raw));
            case OUT_FDS -> {
                if (result >= 0) {
                    line.append('[').append(memory.word32(raw)).append(", ").append(memory.word32(raw + 4)).append(']');
                } else {
                    line.append(pointer(raw));
                }
            }
            case STRING_ARRAY -> stringArray(line, memory, raw, task.is64Bit() ? 8 : 4);
            case WAIT_STATUS -> {
                if (raw == 0 || result <= 0) {
                    line.append(pointer(raw));
                } else {
                    waitStatus(line, memory.word32(raw));
                }
            }
            case TIMESPEC -> {
                if (raw == 0) {
                    line.append("NULL");
                } else {
                    int w = task.is64Bit() ? 8 : 4;
                    line.append("{tv_sec=").append(memory.word(raw)).append(", tv_nsec=").append(memory.word(raw + w)).append('}');
                }
            }
            case CLOCK -> line.append(StraceFlags.clock((int) raw));
            case FUTEX_OP -> line.append(StraceFlags.futex((int) raw));
            case IOCTL -> line.append(StraceFlags.ioctl((int) raw));
            case POINTER -> line.append(pointer(raw));
        }
    }

    private static String pointer(long value) {
        return value == 0 ? "NULL" : hex(value);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** length -1: up to a NUL. */
    private static void string(StringBuilder line, PeekMemory memory, long at, long length) {
        if (at == 0) {
            line.append("NULL");
            return;
        }
        int limit = length < 0 ? 256 : (int) Math.min(length, STRING_LIMIT);
        int start = line.length();
        line.append('"');
        for (int i = 0; i < limit; i++) {
            int c = memory.byteAt(at + i);
            if (c < 0) {
                if (i == 0) {
                    line.setLength(start);
                    line.append(hex(at));
                    return;
                }
                break;
            }
            if (c == 0 && length < 0) {
                break;
            }
            character(line, c, memory.byteAt(at + i + 1));
        }
        line.append('"');
        if (length > STRING_LIMIT) {
            line.append("...");
        }
    }

    private static void character(StringBuilder line, int c, int next) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\t' -> line.append("\\t");
            case '\r' -> line.append("\\r");
            case '"' -> line.append("\\\"");
            case '\\' -> line.append("\\\\");
            default -> {
                if (c >= 32 && c < 127) {
                    line.append((char) c);
                } else {
                    String digits = Integer.toOctalString(c);
                    boolean isDigitNext = next >= '0' && next <= '7';
                    line.append('\\').append(isDigitNext ? "0".repeat(3 - digits.length()) : "").append(digits);
                }
            }
        }
    }

    private static void stringArray(StringBuilder line, PeekMemory memory, long at, int word) {
        if (at == 0) {
            line.append("NULL");
            return;
        }
        line.append('[');
        for (int i = 0; i < 32; i++) {
            long each = memory.word(at + (long) i * word);
            if (each == 0 || each == -1) {
                break;
            }
            if (i > 0) {
                line.append(", ");
            }
            string(line, memory, each, -1);
        }
        line.append(']');
    }

    private static void waitStatus(StringBuilder line, int status) {
        if ((status & 0x7F) == 0) {
            line.append("[{WIFEXITED(s) && WEXITSTATUS(s) == ").append(status >> 8 & 0xFF).append("}]");
        } else if ((status & 0xFF) == 0x7F) {
            line.append("[{WIFSTOPPED(s) && WSTOPSIG(s) == ").append(SignalAbi.name(status >> 8 & 0xFF)).append("}]");
        } else if (status == 0xFFFF) {
            line.append("[{WIFCONTINUED(s)}]");
        } else {
            line.append("[{WIFSIGNALED(s) && WTERMSIG(s) == ").append(SignalAbi.name(status & 0x7F)).append("}]");
        }
    }
}
