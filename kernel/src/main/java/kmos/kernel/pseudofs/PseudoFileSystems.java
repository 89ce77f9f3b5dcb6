// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EINVAL;

import java.util.List;
import kmos.base.ErrnoException;
import kmos.fs.FileSystem;
import kmos.kernel.vfs.Vfs;

/** File systems that mount(2) makes without a device, by type name. */
public final class PseudoFileSystems {
    private PseudoFileSystems() { }

    /** As in /proc/filesystems, "nodev". */
    public static final List<String> TYPES = List.of("sysfs", "tmpfs", "proc", "devtmpfs", "devpts", "ramfs");

    /** A new file system of the type, or null for an unknown type. options: as mount -o. EINVAL. */
    public static FileSystem create(Vfs vfs, String type, String options) {
        long ram = vfs.kernel().frames().totalFrames();
        switch (type) {
            case "tmpfs": {
                TmpFs fs = new TmpFs(vfs, type, ram / 2, ram / 2, 01777);
                apply(vfs, fs, options);
                return fs;
            }
            case "ramfs": return new TmpFs(vfs, type, ram, ram, 0755);
            case "sysfs": return new TmpFs(vfs, type, 0, ram, 0555);
            case "proc": return new ProcFs(vfs);
            case "devtmpfs": return vfs.devFs();
            case "devpts": return vfs.kernel().terminals().devPts();
            default: return null;
        }
    }

    public static void remount(Vfs vfs, TmpFs fs, String options) {
        apply(vfs, fs, options);
    }

    /** tmpfs(5): size, nr_blocks, nr_inodes, mode, uid, gid. */
    private static void apply(Vfs vfs, TmpFs fs, String options) {
        long now = vfs.timeNs();
        for (int from = 0; from < options.length();) {
            int comma = options.indexOf(',', from);
            int end = comma < 0 ? options.length() : comma;
            String option = options.substring(from, end);
            from = end + 1;
            int equals = option.indexOf('=');
            if (equals < 0) {
                continue;
            }
            String name = option.substring(0, equals);
            String value = option.substring(equals + 1);
            switch (name) {
                case "size": fs.setMaximumPages(size(vfs, value) + 4095 >>> 12); break;
                case "nr_blocks": fs.setMaximumPages(number(value, 10)); break;
                case "nr_inodes": fs.setMaximumInodes(number(value, 10)); break;
                case "mode": fs.root().setMode((int) number(value, 8), now); break;
                case "uid": fs.root().setOwner((int) number(value, 10), fs.root().gid(), now); break;
                case "gid": fs.root().setOwner(fs.root().uid(), (int) number(value, 10), now); break;
                default: throw new ErrnoException(EINVAL);
            }
        }
    }

    private static long size(Vfs vfs, String value) {
        int last = value.isEmpty() ? 0 : value.charAt(value.length() - 1) | 0x20;
        String digits = value.substring(0, Math.max(0, value.length() - 1));
        switch (last) {
            case 'k': return number(digits, 10) << 10;
            case 'm': return number(digits, 10) << 20;
            case 'g': return number(digits, 10) << 30;
            case '%' | 0x20: return vfs.kernel().frames().totalFrames() * 4096L / 100 * number(digits, 10);
            default: return number(value, 10);
        }
    }

    private static long number(String text, int radix) {
        long n = 0;
        if (text.isEmpty() || text.length() > 15) {
            throw new ErrnoException(EINVAL);
        }
        for (int i = 0; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), radix);
            if (digit < 0) {
                throw new ErrnoException(EINVAL);
            }
            n = n * radix + digit;
        }
        return n;
    }
}
