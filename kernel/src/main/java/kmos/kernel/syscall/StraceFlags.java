// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

/** Names of flag bits and numbers, in strace's order. */
final class StraceFlags {
    /** One bit or value and its name. */
    record Flag(long bits, String name) { }

    private StraceFlags() { }

    private static Flag[] table(String text) {
        String[] parts = text.split(" ");
        Flag[] flags = new Flag[parts.length / 2];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = new Flag(Long.parseLong(parts[2 * i], 16), parts[2 * i + 1]);
        }
        return flags;
    }

    static Flag[] prot() {
        return table("1 PROT_READ 2 PROT_WRITE 4 PROT_EXEC 1000000 PROT_GROWSDOWN");
    }

    static Flag[] mmap() {
        return table("1 MAP_SHARED 2 MAP_PRIVATE 10 MAP_FIXED 20 MAP_ANONYMOUS 40 MAP_32BIT 100 MAP_GROWSDOWN 800 MAP_DENYWRITE "
            + "1000 MAP_EXECUTABLE 2000 MAP_LOCKED 4000 MAP_NORESERVE 8000 MAP_POPULATE 20000 MAP_STACK 100000 MAP_FIXED_NOREPLACE");
    }

    static void append(StringBuilder line, long value, Flag[] flags, String none) {
        if (value == 0) {
            line.append(none);
            return;
        }
        long left = value;
        boolean isFirst = true;
        for (Flag f : flags) {
            if ((left & f.bits) == f.bits) {
                line.append(isFirst ? "" : "|").append(f.name);
                left &= ~f.bits;
                isFirst = false;
            }
        }
        if (left != 0) {
            line.append(isFirst ? "" : "|").append("0x").append(Long.toHexString(left));
        }
    }

    static void open(StringBuilder line, int flags) {
        line.append(switch (flags & 3) {
            case 0 -> "O_RDONLY";
            case 1 -> "O_WRONLY";
            case 2 -> "O_RDWR";
            default -> "O_ACCMODE";
        });
        if ((flags & ~3) != 0) {
            line.append('|');
            append(line, flags & ~3, table("40 O_CREAT 80 O_EXCL 100 O_NOCTTY 200 O_TRUNC 400 O_APPEND 800 O_NONBLOCK 101000 O_SYNC 1000 O_DSYNC "
                + "4000 O_DIRECT 8000 O_LARGEFILE 410000 O_TMPFILE 10000 O_DIRECTORY 20000 O_NOFOLLOW 40000 O_NOATIME 80000 O_CLOEXEC 200000 O_PATH"), "0");
        }
    }

    static void cloneFlags(StringBuilder line, long flags) {
        int signal = (int) flags & 0xFF;
        append(line, flags & 0xFFFFFF00L, table("100 CLONE_VM 200 CLONE_FS 400 CLONE_FILES 800 CLONE_SIGHAND 2000 CLONE_PTRACE 4000 CLONE_VFORK "
            + "8000 CLONE_PARENT 10000 CLONE_THREAD 20000 CLONE_NEWNS 40000 CLONE_SYSVSEM 80000 CLONE_SETTLS 100000 CLONE_PARENT_SETTID "
            + "200000 CLONE_CHILD_CLEARTID 400000 CLONE_DETACHED 1000000 CLONE_CHILD_SETTID"), "0");
        if (signal != 0) {
            line.append('|').append(kmos.kernel.abi.SignalAbi.name(signal));
        }
    }

    static String clock(int clock) {
        return switch (clock) {
            case 0 -> "CLOCK_REALTIME";
            case 1 -> "CLOCK_MONOTONIC";
            case 2 -> "CLOCK_PROCESS_CPUTIME_ID";
            case 3 -> "CLOCK_THREAD_CPUTIME_ID";
            case 4 -> "CLOCK_MONOTONIC_RAW";
            case 5 -> "CLOCK_REALTIME_COARSE";
            case 6 -> "CLOCK_MONOTONIC_COARSE";
            case 7 -> "CLOCK_BOOTTIME";
            default -> String.valueOf(clock);
        };
    }

    static String futex(int op) {
        String[] names = {"FUTEX_WAIT", "FUTEX_WAKE", "FUTEX_FD", "FUTEX_REQUEUE", "FUTEX_CMP_REQUEUE", "FUTEX_WAKE_OP", "FUTEX_LOCK_PI",
            "FUTEX_UNLOCK_PI", "FUTEX_TRYLOCK_PI", "FUTEX_WAIT_BITSET", "FUTEX_WAKE_BITSET"};
        int command = op & 0x7F;
        String name = command < names.length ? names[command] : String.valueOf(command);
        return name + ((op & 128) != 0 ? "_PRIVATE" : "") + ((op & 256) != 0 ? "|FUTEX_CLOCK_REALTIME" : "");
    }

    static String ioctl(int command) {
        return switch (command) {
            case 0x5401 -> "TCGETS";
            case 0x5402 -> "TCSETS";
            case 0x5403 -> "TCSETSW";
            case 0x5404 -> "TCSETSF";
            case 0x540E -> "TIOCSCTTY";
            case 0x540F -> "TIOCGPGRP";
            case 0x5410 -> "TIOCSPGRP";
            case 0x5413 -> "TIOCGWINSZ";
            case 0x5414 -> "TIOCSWINSZ";
            case 0x541B -> "FIONREAD";
            case 0x5421 -> "FIONBIO";
            case 0x80045430 -> "TIOCGPTN";
            case 0x40045431 -> "TIOCSPTLCK";
            default -> "0x" + Integer.toHexString(command);
        };
    }
}
