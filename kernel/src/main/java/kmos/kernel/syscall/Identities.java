// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;

/** User and group ids (credentials(7)), with 32 bits and, for old i386 programs, with 16. */
final class Identities {
    private static final int OVERFLOW_ID = 65534;
    private static final int NGROUPS_MAX = 65536;

    private Identities() { }

    private static long low16(int id) {
        return (id & 0xFFFF0000) != 0 ? OVERFLOW_ID : id;
    }

    /** 16-bit argument to id: 0xFFFF means "leave it". */
    private static int wide(long id) {
        return (id & 0xFFFF) == 0xFFFF ? -1 : (int) id & 0xFFFF;
    }

    static long getuid(Task task, SyscallArgs args) {
        return task.credentials().uid() & 0xFFFFFFFFL;
    }

    static long geteuid(Task task, SyscallArgs args) {
        return task.credentials().euid() & 0xFFFFFFFFL;
    }

    static long getgid(Task task, SyscallArgs args) {
        return task.credentials().gid() & 0xFFFFFFFFL;
    }

    static long getegid(Task task, SyscallArgs args) {
        return task.credentials().egid() & 0xFFFFFFFFL;
    }

    static long getuid16(Task task, SyscallArgs args) {
        return low16(task.credentials().uid());
    }

    static long geteuid16(Task task, SyscallArgs args) {
        return low16(task.credentials().euid());
    }

    static long getgid16(Task task, SyscallArgs args) {
        return low16(task.credentials().gid());
    }

    static long getegid16(Task task, SyscallArgs args) {
        return low16(task.credentials().egid());
    }

    private static long users(Task task, int uid, int euid, int suid, int fsuid) {
        Credentials c = task.credentials();
        task.setCredentials(new Credentials(uid, euid, suid, fsuid, c.gid(), c.egid(), c.sgid(), c.fsgid(), c.groups()));
        if (c.euid() != euid || c.fsuid() != fsuid) {
            task.group().setDumpable(false);
            task.setParentDeathSignal(0);
        }
        return 0;
    }

    private static long groups(Task task, int gid, int egid, int sgid, int fsgid) {
        Credentials c = task.credentials();
        task.setCredentials(new Credentials(c.uid(), c.euid(), c.suid(), c.fsuid(), gid, egid, sgid, fsgid, c.groups()));
        if (c.egid() != egid || c.fsgid() != fsgid) {
            task.group().setDumpable(false);
            task.setParentDeathSignal(0);
        }
        return 0;
    }

    static long setuid(Task task, SyscallArgs args) {
        return setuid(task, args.int32(0));
    }

    static long setuid16(Task task, SyscallArgs args) {
        return setuid(task, wide(args.raw(0)));
    }

    private static long setuid(Task task, int id) {
        Credentials c = task.credentials();
        if (id == -1) {
            return -EINVAL;
        }
        if (c.isRoot()) {
            return users(task, id, id, id, id);
        }
        return id == c.uid() || id == c.suid() ? users(task, c.uid(), id, c.suid(), id) : -EPERM;
    }

    static long setgid(Task task, SyscallArgs args) {
        return setgid(task, args.int32(0));
    }

    static long setgid16(Task task, SyscallArgs args) {
        return setgid(task, wide(args.raw(0)));
    }

    private static long setgid(Task task, int id) {
        Credentials c = task.credentials();
        if (id == -1) {
            return -EINVAL;
        }
        if (c.isRoot()) {
            return groups(task, id, id, id, id);
        }
        return id == c.gid() || id == c.sgid() ? groups(task, c.gid(), id, c.sgid(), id) : -EPERM;
    }

    static long setreuid(Task task, SyscallArgs args) {
        return setreuid(task, args.int32(0), args.int32(1));
    }

    static long setreuid16(Task task, SyscallArgs args) {
        return setreuid(task, wide(args.raw(0)), wide(args.raw(1)));
    }

    private static long setreuid(Task task, int real, int effective) {
        Credentials c = task.credentials();
        if (!c.isRoot() && (real != -1 && real != c.uid() && real != c.euid()
            || effective != -1 && effective != c.uid() && effective != c.euid() && effective != c.suid())) {
            return -EPERM;
        }
        int uid = real == -1 ? c.uid() : real;
        int euid = effective == -1 ? c.euid() : effective;
        int suid = real != -1 || effective != -1 && effective != c.uid() ? euid : c.suid();
        return users(task, uid, euid, suid, euid);
    }

    static long setregid(Task task, SyscallArgs args) {
        return setregid(task, args.int32(0), args.int32(1));
    }

    static long setregid16(Task task, SyscallArgs args) {
        return setregid(task, wide(args.raw(0)), wide(args.raw(1)));
    }

    private static long setregid(Task task, int real, int effective) {
        Credentials c = task.credentials();
        if (!c.isRoot() && (real != -1 && real != c.gid() && real != c.egid()
            || effective != -1 && effective != c.gid() && effective != c.egid() && effective != c.sgid())) {
            return -EPERM;
        }
        int gid = real == -1 ? c.gid() : real;
        int egid = effective == -1 ? c.egid() : effective;
        int sgid = real != -1 || effective != -1 && effective != c.gid() ? egid : c.sgid();
        return groups(task, gid, egid, sgid, egid);
    }

    static long setresuid(Task task, SyscallArgs args) {
        return setresuid(task, args.int32(0), args.int32(1), args.int32(2));
    }

    static long setresuid16(Task task, SyscallArgs args) {
        return setresuid(task, wide(args.raw(0)), wide(args.raw(1)), wide(args.raw(2)));
    }

    private static long setresuid(Task task, int real, int effective, int saved) {
        Credentials c = task.credentials();
        if (!c.isRoot()) {
            for (int id : new int[] {real, effective, saved}) {
                if (id != -1 && id != c.uid() && id != c.euid() && id != c.suid()) {
                    return -EPERM;
                }
            }
        }
        int euid = effective == -1 ? c.euid() : effective;
        return users(task, real == -1 ? c.uid() : real, euid, saved == -1 ? c.suid() : saved, euid);
    }

    static long setresgid(Task task, SyscallArgs args) {
        return setresgid(task, args.int32(0), args.int32(1), args.int32(2));
    }

    static long setresgid16(Task task, SyscallArgs args) {
        return setresgid(task, wide(args.raw(0)), wide(args.raw(1)), wide(args.raw(2)));
    }

    private static long setresgid(Task task, int real, int effective, int saved) {
        Credentials c = task.credentials();
        if (!c.isRoot()) {
            for (int id : new int[] {real, effective, saved}) {
                if (id != -1 && id != c.gid() && id != c.egid() && id != c.sgid()) {
                    return -EPERM;
                }
            }
        }
        int egid = effective == -1 ? c.egid() : effective;
        return groups(task, real == -1 ? c.gid() : real, egid, saved == -1 ? c.sgid() : saved, egid);
    }

    static long getresuid(Task task, SyscallArgs args) {
        Credentials c = task.credentials();
        return put3(task, args, c.uid(), c.euid(), c.suid(), 32);
    }

    static long getresgid(Task task, SyscallArgs args) {
        Credentials c = task.credentials();
        return put3(task, args, c.gid(), c.egid(), c.sgid(), 32);
    }

    static long getresuid16(Task task, SyscallArgs args) {
        Credentials c = task.credentials();
        return put3(task, args, c.uid(), c.euid(), c.suid(), 16);
    }

    static long getresgid16(Task task, SyscallArgs args) {
        Credentials c = task.credentials();
        return put3(task, args, c.gid(), c.egid(), c.sgid(), 16);
    }

    private static long put3(Task task, SyscallArgs args, int a, int b, int c, int width) {
        int[] ids = {a, b, c};
        for (int i = 0; i < 3; i++) {
            if (width == 32) {
                task.user().write32(args.raw(i), ids[i]);
            } else {
                task.user().write16(args.raw(i), (int) low16(ids[i]));
            }
        }
        return 0;
    }

    /** Always succeeds with the old id; changes it only if allowed. */
    static long setfsuid(Task task, SyscallArgs args) {
        return setfsuid(task, args.int32(0));
    }

    static long setfsuid16(Task task, SyscallArgs args) {
        return setfsuid(task, wide(args.raw(0)));
    }

    private static long setfsuid(Task task, int id) {
        Credentials c = task.credentials();
        if (id != -1 && (c.isRoot() || id == c.uid() || id == c.euid() || id == c.suid() || id == c.fsuid())) {
            users(task, c.uid(), c.euid(), c.suid(), id);
        }
        return c.fsuid();
    }

    static long setfsgid(Task task, SyscallArgs args) {
        return setfsgid(task, args.int32(0));
    }

    static long setfsgid16(Task task, SyscallArgs args) {
        return setfsgid(task, wide(args.raw(0)));
    }

    private static long setfsgid(Task task, int id) {
        Credentials c = task.credentials();
        if (id != -1 && (c.isRoot() || id == c.gid() || id == c.egid() || id == c.sgid() || id == c.fsgid())) {
            groups(task, c.gid(), c.egid(), c.sgid(), id);
        }
        return c.fsgid();
    }

    static long getgroups(Task task, SyscallArgs args) {
        return getgroups(task, args, 4);
    }

    static long getgroups16(Task task, SyscallArgs args) {
        return getgroups(task, args, 2);
    }

    private static long getgroups(Task task, SyscallArgs args, int size) {
        int[] groups = task.credentials().groups();
        int room = args.int32(0);
        if (room < 0 || room > 0 && groups.length > room) {
            return -EINVAL;
        }
        if (room > 0) {
            for (int i = 0; i < groups.length; i++) {
                if (size == 4) {
                    task.user().write32(args.raw(1) + i * 4L, groups[i]);
                } else {
                    task.user().write16(args.raw(1) + i * 2L, (int) low16(groups[i]));
                }
            }
        }
        return groups.length;
    }

    static long setgroups(Task task, SyscallArgs args) {
        return setgroups(task, args, 4);
    }

    static long setgroups16(Task task, SyscallArgs args) {
        return setgroups(task, args, 2);
    }

    private static long setgroups(Task task, SyscallArgs args, int size) {
        Credentials c = task.credentials();
        if (!c.isRoot()) {
            return -EPERM;
        }
        long count = args.unsigned32(0);
        if (count > NGROUPS_MAX) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        int[] groups = new int[(int) count];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = size == 4 ? user.read32(args.raw(1) + i * 4L) : user.read16(args.raw(1) + i * 2L);
        }
        task.setCredentials(new Credentials(c.uid(), c.euid(), c.suid(), c.fsuid(), c.gid(), c.egid(), c.sgid(), c.fsgid(), groups));
        return 0;
    }

    private static final int CAPABILITY_VERSION_1 = 0x19980330, CAPABILITY_VERSION_2 = 0x20071026, CAPABILITY_VERSION_3 = 0x20080522;
    private static final long ALL_CAPABILITIES = (1L << 41) - 1;

    /** capget(2): root has all, others none. EINVAL: version (the preferred one is written); ESRCH; EFAULT. */
    static long capget(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        int words = capabilityWords(user, args.raw(0));
        if (words == 0) {
            return args.raw(1) == 0 ? 0 : -EINVAL;
        }
        int pid = user.read32(args.raw(0) + 4);
        if (pid < 0) {
            return -EINVAL;
        }
        Task t = pid == 0 ? task : task.kernel().pids().task(pid);
        if (t == null) {
            return -ESRCH;
        }
        if (args.raw(1) == 0) {
            return 0;
        }
        long effective = t.credentials().isRoot() ? ALL_CAPABILITIES : 0;
        long permitted = t.credentials().isRoot() || t.credentials().suid() == 0 ? ALL_CAPABILITIES : 0;
        for (int i = 0; i < words; i++) {
            user.write32(args.raw(1) + i * 12L, (int) (effective >>> i * 32));
            user.write32(args.raw(1) + i * 12L + 4, (int) (permitted >>> i * 32));
            user.write32(args.raw(1) + i * 12L + 8, 0);
        }
        return 0;
    }

    private static int capabilityWords(UserSpace user, long header) {
        int version = user.read32(header);
        if (version == CAPABILITY_VERSION_1) {
            return 1;
        }
        if (version == CAPABILITY_VERSION_2 || version == CAPABILITY_VERSION_3) {
            return 2;
        }
        user.write32(header, CAPABILITY_VERSION_3);
        return 0;
    }

    /** Sets cannot be cut down yet: EPERM unless what is asked for is what the task has. */
    static long capset(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        int words = capabilityWords(user, args.raw(0));
        if (words == 0) {
            return -EINVAL;
        }
        long effective = 0;
        for (int i = 0; i < words; i++) {
            effective |= (user.read32(args.raw(1) + i * 12L) & 0xFFFFFFFFL) << i * 32;
        }
        return (effective & ALL_CAPABILITIES) == (task.credentials().isRoot() ? ALL_CAPABILITIES : 0) ? 0 : -EPERM;
    }
}
