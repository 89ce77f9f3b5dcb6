// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.RootContent;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.pseudofs.PseudoFileSystems;
import kmos.kernel.vfs.RootFiles;
import kmos.kernel.vfs.Vfs;

/** Host folders that appear in the guest, each as a tmpfs: modes and symbolic links included, owned by root. */
public final class CopyIn implements RootContent {
    /** A host folder and where it goes (absolute). */
    public record Folder(Path host, String guest) { }

    private final List<Folder> folders;
    private int next;

    public CopyIn(List<Folder> folders) {
        this.folders = folders;
    }

    @Override
    public void fill(Vfs vfs) {
        for (; next < folders.size(); next++) {
            Folder f = folders.get(next);
            makeMountPoint(vfs, f.guest());
            vfs.mounts().mount(PseudoFileSystems.create(vfs, "tmpfs", "mode=0755"), vfs.lookup(f.guest()), "copy-in", MountFlags.MS_RELATIME);
            try {
                copy(new RootFiles(vfs, vfs.lookup(f.guest())), f.host());
            } catch (IOException failed) {
                throw new UncheckedIOException("copy-in " + f.host() + ": " + failed.getMessage(), failed);
            }
        }
    }

    private static void makeMountPoint(Vfs vfs, String path) {
        for (int slash = path.indexOf('/', 1);; slash = path.indexOf('/', slash + 1)) {
            String here = slash < 0 ? path : path.substring(0, slash);
            if (!exists(vfs, here)) {
                int cut = here.lastIndexOf('/');
                Inode parent = vfs.lookup(cut == 0 ? "/" : here.substring(0, cut)).inode();
                vfs.release(parent.create(here.substring(cut + 1), Inode.S_IFDIR | 0755, 0, 0, 0, vfs.timeNs()));
            }
            if (slash < 0) {
                return;
            }
        }
    }

    private static boolean exists(Vfs vfs, String path) {
        try {
            vfs.lookup(path);
            return true;
        } catch (ErrnoException absent) {
            if (absent.errno() != Errno.ENOENT) {
                throw absent;
            }
            return false;
        }
    }

    private static void copy(RootFiles to, Path host) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(host)) {
            all = walk.sorted().toList();
        }
        for (Path p : all) {
            String name = "/" + latin1(host.relativize(p).toString());
            if (Files.isSymbolicLink(p)) {
                to.symlink(name, latin1(Files.readSymbolicLink(p).toString()), 0, 0);
            } else if (Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)) {
                if (!p.equals(host)) {
                    to.directory(name, mode(p), 0, 0);
                }
            } else if (Files.isRegularFile(p)) {
                to.file(name, mode(p), 0, 0, Files.readAllBytes(p));
            }
        }
    }

    /** Guest names are bytes in the low halves of chars; the host's are Unicode. */
    private static String latin1(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static int mode(Path p) throws IOException {
        Set<PosixFilePermission> set = Files.getPosixFilePermissions(p, LinkOption.NOFOLLOW_LINKS);
        int mode = 0;
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            mode = mode << 1 | (set.contains(permission) ? 1 : 0);
        }
        return mode;
    }
}
