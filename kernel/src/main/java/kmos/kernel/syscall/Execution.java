// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.exec.Exec;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;

/** execve(2) and execveat(2): arguments into the kernel, then {@link Exec}. */
final class Execution {
    /** One string, and all together with their pointers (a quarter of the stack limit, 6 MiB at most). */
    private static final int MAX_ARG_STRLEN = 131072;
    private static final long MAX_TOTAL = 6 << 20;

    private Execution() { }

    static long execve(Task task, SyscallArgs args) {
        if (Exec.isBuilt(task)) {
            return Exec.resume(task);
        }
        String path = task.user().readString(args.raw(0), Fcntl.PATH_MAX);
        if (path.isEmpty()) {
            return -ENOENT;
        }
        return run(task, Fcntl.AT_FDCWD, path, args.raw(1), args.raw(2), 0);
    }

    static long execveat(Task task, SyscallArgs args) {
        if (Exec.isBuilt(task)) {
            return Exec.resume(task);
        }
        int flags = args.int32(4);
        if ((flags & ~(Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW)) != 0) {
            return -EINVAL;
        }
        String path = task.user().readString(args.raw(1), Fcntl.PATH_MAX);
        if (path.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) == 0) {
            return -ENOENT;
        }
        return run(task, args.int32(0), path, args.raw(2), args.raw(3), flags);
    }

    private static long run(Task task, int dirfd, String path, long argv, long envp, int flags) {
        long stack = task.group().limit(SchedAbi.RLIMIT_STACK);
        long room = Math.max(MAX_ARG_STRLEN, stack < 0 ? MAX_TOTAL : Math.min(MAX_TOTAL, stack / 4)) - path.length();
        long[] left = {room};
        List<String> arguments = readVector(task, argv, left);
        List<String> environment = readVector(task, envp, left);
        Path file;
        String name = path;
        if (path.isEmpty()) {
            FileDescription open = task.files().get(dirfd);
            if (open == null) {
                return -EBADF;
            }
            if (open.path() == null) {
                return -EACCES;
            }
            file = open.path();
            name = "/dev/fd/" + dirfd;
        } else {
            boolean follows = (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
            file = PathWalk.lookup(task, dirfd, path, follows ? PathWalk.FOLLOW : PathWalk.NO_FOLLOW);
            if (file.inode().isSymlink()) {
                return -ELOOP;
            }
            if (dirfd != Fcntl.AT_FDCWD && !path.startsWith("/")) {
                name = "/dev/fd/" + dirfd + "/" + path;
            }
        }
        return Exec.exec(task, p -> PathWalk.lookup(task, Fcntl.AT_FDCWD, p, PathWalk.FOLLOW), file, name, arguments, environment);
    }

    /** A NULL-terminated array of strings; a NULL array is empty. E2BIG, EFAULT. */
    private static List<String> readVector(Task task, long at, long[] left) {
        List<String> strings = new ArrayList<>();
        if (at == 0) {
            return strings;
        }
        UserSpace user = task.user();
        int word = task.is64Bit() ? 8 : 4;
        for (long p = at;; p += word) {
            long address = user.readWord(p);
            if (address == 0) {
                return strings;
            }
            String s = readArgument(user, address);
            left[0] -= s.length() + 1 + word;
            if (left[0] < 0) {
                throw new ErrnoException(E2BIG);
            }
            strings.add(s);
        }
    }

    private static String readArgument(UserSpace user, long address) {
        try {
            return user.readString(address, MAX_ARG_STRLEN);
        } catch (ErrnoException failed) {
            throw failed.errno() == ENAMETOOLONG ? new ErrnoException(E2BIG) : failed;
        }
    }
}
