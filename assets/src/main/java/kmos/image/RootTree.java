// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kmos.fs.Inode;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** The root file system in memory, by path without a slash in front; parents sort before their children. */
final class RootTree {
    /** A file. mode holds type and permissions; content for regular files, target for symbolic and hard links. */
    record Node(int mode, int uid, int gid, long seconds, byte[] content, String target, boolean isHardLink) {
        boolean isDirectory() {
            return (mode & Inode.S_IFMT) == Inode.S_IFDIR;
        }
    }

    private static final List<String> PROGRAM_FOLDERS = List.of("usr/bin/", "usr/sbin/");
    private final TreeMap<String, Node> nodes = new TreeMap<>();
    private final StringBuilder dpkgStatus = new StringBuilder();

    Map<String, Node> nodes() {
        return nodes;
    }

    /** Merged /usr, and names with : and the like are kept as they are. */
    private static String merged(String path) {
        for (String folder : List.of("bin", "sbin", "lib", "lib64")) {
            if (path.equals(folder) || path.startsWith(folder + "/")) {
                return "usr/" + path;
            }
        }
        return path;
    }

    private static boolean isDropped(String path) {
        if (path.startsWith("usr/share/doc/")) {
            return !path.endsWith("/copyright");
        }
        for (String prefix : Recipe.DROPPED) {
            if (path.startsWith(prefix) || (path + "/").equals(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Unpacks a package over the tree. Files of the second architecture do not replace those of the first. */
    void addPackage(Path file, boolean isSecond) throws IOException {
        String control = DebPackage.read(file, (original, entry, content) -> {
            String path = merged(original);
            if (entry.isDirectory() || isDropped(path)) {
                return;
            }
            if (isSecond) {
                path = secondName(path, entry);
                if (path == null) {
                    return;
                }
            }
            add(path, node(entry, content, isSecond));
        });
        dpkgStatus.append(control.strip().replaceFirst("\n", "\nStatus: install ok installed\n")).append("\n\n");
    }

    /** Programs get a suffix; other files that are there already, and configuration, are skipped: null. */
    private String secondName(String path, TarArchiveEntry entry) {
        for (String folder : PROGRAM_FOLDERS) {
            if (path.startsWith(folder)) {
                return entry.isFile() ? path + Recipe.SECOND_SUFFIX : null;
            }
        }
        return nodes.containsKey(path) || path.startsWith("etc/") ? null : path;
    }

    private static Node node(TarArchiveEntry e, byte[] content, boolean isSecond) {
        int permissions = e.getMode() & 07777;
        long seconds = e.getModTime().getTime() / 1000;
        int uid = (int) e.getLongUserId();
        int gid = (int) e.getLongGroupId();
        if (e.isSymbolicLink()) {
            return new Node(Inode.S_IFLNK | 0777, uid, gid, seconds, null, e.getLinkName(), false);
        }
        if (e.isLink()) {
            String target = merged(DebPackage.normal(e.getLinkName()));
            return new Node(Inode.S_IFREG | permissions, uid, gid, seconds, null, isSecond ? target + Recipe.SECOND_SUFFIX : target, true);
        }
        return new Node(Inode.S_IFREG | permissions, uid, gid, seconds, content, null, false);
    }

    private void add(String path, Node node) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            directory(path.substring(0, slash), 0755);
        }
        nodes.put(path, node);
    }

    private void directory(String path, int permissions) {
        Node old = nodes.get(path);
        if (old == null) {
            nodes.put(path, new Node(Inode.S_IFDIR | permissions, 0, 0, Recipe.EPOCH_SECONDS, null, null, false));
        } else if (!old.isDirectory()) {
            throw new BuildFailure("/" + path + " is a file and a directory");
        }
    }

    void addSkeleton() {
        for (Map.Entry<String, Integer> d : new TreeMap<>(Recipe.DIRECTORIES).entrySet()) {
            add(d.getKey(), new Node(Inode.S_IFDIR | d.getValue(), 0, 0, Recipe.EPOCH_SECONDS, null, null, false));
        }
    }

    /** The home directory of the one ordinary user. */
    void addHome() {
        add("home/user", new Node(Inode.S_IFDIR | 0755, 1000, 1000, Recipe.EPOCH_SECONDS, null, null, false));
    }

    /** Links of the recipe, then busybox's names for what no package brought. */
    void addLinks() {
        for (Map.Entry<String, String> link : new TreeMap<>(Recipe.LINKS).entrySet()) {
            addLink(link.getKey(), link.getValue());
        }
        for (String name : (Recipe.APPLETS + " " + Recipe.BIN_APPLETS).split(" ")) {
            if (!hasProgram(name)) {
                addLink("usr/bin/" + name, "busybox");
            }
        }
        for (String name : Recipe.SBIN_APPLETS.split(" ")) {
            if (!hasProgram(name)) {
                addLink("usr/sbin/" + name, "../bin/busybox");
            }
        }
    }

    private boolean hasProgram(String name) {
        return nodes.containsKey("usr/bin/" + name) || nodes.containsKey("usr/sbin/" + name);
    }

    private void addLink(String path, String target) {
        add(path, new Node(Inode.S_IFLNK | 0777, 0, 0, Recipe.EPOCH_SECONDS, null, target, false));
    }

    /** Files of the overlay folder, owned by root but for those in the user's home. */
    void addOverlay(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            walk.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        for (Path file : files) {
            String path = folder.relativize(file).toString().replace('\\', '/');
            boolean isUsers = path.startsWith("home/user/");
            int uid = isUsers ? 1000 : 0;
            int gid = isUsers ? 1000 : path.endsWith("shadow") ? 42 : 0;
            addFile(path, Recipe.MODES.getOrDefault(path, 0644), uid, gid, Files.readAllBytes(file));
        }
        addFile("var/lib/dpkg/status", 0644, 0, 0, dpkgStatus.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void addFile(String path, int permissions, int uid, int gid, byte[] content) {
        add(path, new Node(Inode.S_IFREG | permissions, uid, gid, Recipe.EPOCH_SECONDS, content, null, false));
    }
}
