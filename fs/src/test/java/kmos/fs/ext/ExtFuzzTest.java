// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.fs.Volume;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations against a model, and random damage; seeds are in the tests' names. */
class ExtFuzzTest {
    private static final long NOW = 1_800_000_000_000_000_000L;

    /** What the model knows of a file: its bytes, or null for a directory. Two paths may share one (hard links). */
    private static final class Node {
        byte[] bytes;
        /** Value of its attribute user.fuzz, or null. */
        byte[] attribute;
        final List<String> trace = new ArrayList<>();

        boolean isDirectory() {
            return bytes == null;
        }
    }

    private final Map<String, Node> model = new TreeMap<>();
    private Random random;
    private Volume v;
    private long now = NOW;

    @ParameterizedTest(name = "seed {0}, block size {1}")
    @CsvSource({"1, 1024", "2, 1024", "3, 2048", "4, 4096", "5, 1024"})
    void operations_agreeWithTheModel_andE2fsck(int seed, int blockSize) throws Exception {
        operations(seed, blockSize, 600);
    }

    @Tag("soak")
    @ParameterizedTest(name = "seeds from kmos.fuzz.seed on, block size {0}")
    @ValueSource(ints = {1024, 2048, 4096})
    void operations_agreeWithTheModel_andE2fsck_forLong(int blockSize) throws Exception {
        int first = Integer.getInteger("kmos.fuzz.seed", 1000);
        for (int seed = first; seed < first + 60; seed++) {
            System.out.println("ext2 fuzz seed " + seed + " block size " + blockSize);
            model.clear();
            operations(seed, blockSize, 2000);
        }
    }

    @Tag("soak")
    @Test
    void corruption_givesErrnoOnly_forLong(@TempDir Path folder) throws Exception {
        int first = Integer.getInteger("kmos.fuzz.seed", 1000);
        for (int seed = first; seed < first + 40; seed++) {
            System.out.println("ext2 corruption seed " + seed);
            Path each = Files.createDirectories(folder.resolve("seed" + seed));
            corruption_givesErrnoOnly(seed, each);
        }
    }

    private void operations(int seed, int blockSize, int count) throws Exception {
        random = new Random(seed);
        v = new Volume(Volume.mke2fs(1536, null, "-b", "" + blockSize, "-N", "64"), false);
        Node root = new Node();
        model.put("", root);
        for (int i = 0; i < count; i++) {
            now += 1_000_000_000L;
            try {
                step();
            } catch (ErrnoException e) {
                assertEquals(Errno.ENOSPC, e.errno(), "seed " + seed + " operation " + i);
            }
            if (i % 200 == 199) {
                v.sync();
                Volume.assertRecovers(v.disk.durable);
            }
        }
        v.unmount();
        Volume.assertClean(v.disk.bytes());
        v = new Volume(v.disk.bytes(), true);
        compare();
    }

    private void step() {
        String[] paths = model.keySet().toArray(new String[0]);
        String path = paths[random.nextInt(paths.length)];
        Node node = model.get(path);
        String fresh = (node.isDirectory() ? path : parent(path)) + "/" + "n".repeat(1 + random.nextInt(40)) + random.nextInt(30);
        switch (random.nextInt(13)) {
            case 0, 1 -> create(fresh, Inode.S_IFREG | 0644);
            case 2 -> create(fresh, Inode.S_IFDIR | 0755);
            case 3, 4 -> {
                if (!node.isDirectory()) {
                    write(path, node, random.nextInt(80_000), random.nextInt(30_000) + 1);
                }
            }
            case 5 -> {
                if (!node.isDirectory()) {
                    int size = random.nextInt(100_000);
                    Inode file = v.walk(path);
                    try {
                        v.truncate(file, size, now);
                        node.bytes = Arrays.copyOf(node.bytes, size);
                    } finally {
                        v.release(file);
                    }
                }
            }
            case 6 -> remove(path, node);
            case 7 -> {
                if (!node.isDirectory() && !model.containsKey(fresh)) {
                    Inode file = v.walk(path);
                    Inode directory = v.walk(parent(fresh));
                    try {
                        v.disk.run(() -> directory.link(name(fresh), file, now));
                        model.put(fresh, node);
                    } finally {
                        v.release(file);
                        v.release(directory);
                    }
                }
            }
            case 8 -> attribute(path, node);
            case 9 -> exchange(path, paths[random.nextInt(paths.length)]);
            case 10 -> unnamed(fresh);
            default -> rename(path, paths[random.nextInt(paths.length)], fresh);
        }
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void create(String path, int mode) {
        Inode directory = v.walk(parent(path));
        try {
            Inode made = v.disk.run(() -> directory.create(name(path), mode, 0, 0, 0, now));
            v.release(made);
            assertNull(model.get(path));
            Node node = new Node();
            node.bytes = (mode & Inode.S_IFMT) == Inode.S_IFDIR ? null : new byte[0];
            model.put(path, node);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST || !model.containsKey(path)) {
                throw e;
            }
        } finally {
            v.release(directory);
        }
    }

    private void write(String path, Node node, int offset, int count) {
        byte[] data = new byte[count];
        random.nextBytes(data);
        Inode file = v.walk(path);
        try {
            v.write(file, offset, data, now);
        } catch (ErrnoException full) {
            byte[] got = v.read(file); // what got in before the disk was full stays
            node.bytes = got;
            throw full;
        } finally {
            v.release(file);
        }
        node.bytes = Arrays.copyOf(node.bytes, Math.max(node.bytes.length, offset + count));
        System.arraycopy(data, 0, node.bytes, offset, count);
    }

    private void attribute(String path, Node node) {
        byte[] value = random.nextInt(4) == 0 ? null : new byte[random.nextInt(200)];
        if (value != null) {
            random.nextBytes(value);
        }
        Inode inode = v.walk(path);
        try {
            v.disk.run(() -> inode.setAttribute("user.fuzz", value, now));
            node.attribute = value;
        } finally {
            v.release(inode);
        }
    }

    /** Two names change places, files and directories alike; not one that lies in the other. */
    private void exchange(String a, String b) {
        if (a.isEmpty() || b.isEmpty() || a.equals(b) || a.startsWith(b + "/") || b.startsWith(a + "/") || model.get(a) == model.get(b)) {
            return;
        }
        Inode one = v.walk(a);
        Inode two = v.walk(b);
        Inode first = v.walk(parent(a));
        Inode second = v.walk(parent(b));
        try {
            v.disk.run(() -> first.exchange(name(a), one, second, name(b), two, now));
            Map<String, Node> changed = new TreeMap<>();
            for (String p : new TreeSet<>(model.keySet())) {
                if (p.equals(a) || p.startsWith(a + "/")) {
                    changed.put(b + p.substring(a.length()), model.remove(p));
                } else if (p.equals(b) || p.startsWith(b + "/")) {
                    changed.put(a + p.substring(b.length()), model.remove(p));
                }
            }
            model.putAll(changed);
        } finally {
            v.release(one);
            v.release(two);
            v.release(first);
            v.release(second);
        }
    }

    /** A file without a name gets some bytes, and then a name or not. */
    private void unnamed(String fresh) {
        Inode directory = v.walk(parent(fresh));
        try {
            Inode file = v.disk.run(() -> directory.unnamed(Inode.S_IFREG | 0600, 0, 0, now));
            byte[] data = new byte[random.nextInt(9000) + 1];
            random.nextBytes(data);
            try {
                v.write(file, 0, data, now);
                if (random.nextBoolean() && !model.containsKey(fresh)) {
                    v.disk.run(() -> directory.link(name(fresh), file, now));
                    Node node = new Node();
                    node.bytes = data;
                    model.put(fresh, node);
                }
            } finally {
                v.release(file);
            }
        } finally {
            v.release(directory);
        }
    }

    private boolean hasChildren(String path) {
        return model.keySet().stream().anyMatch(p -> p.startsWith(path + "/"));
    }

    private void remove(String path, Node node) {
        if (path.isEmpty()) {
            return;
        }
        Inode directory = v.walk(parent(path));
        Inode victim = v.walk(path);
        try {
            if (node.isDirectory()) {
                v.disk.run(() -> directory.rmdir(name(path), victim, now));
            } else {
                v.disk.run(() -> directory.unlink(name(path), victim, now));
            }
            model.remove(path);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTEMPTY || !hasChildren(path)) {
                throw e;
            }
        } finally {
            v.release(victim);
            v.release(directory);
        }
    }

    private void rename(String from, String existing, String fresh) {
        String to = random.nextBoolean() ? existing : fresh;
        Node moved = model.get(from);
        Node replaced = model.get(to);
        if (from.isEmpty() || to.isEmpty() || to.startsWith(from + "/") || to.equals(from) || moved == replaced
            || from.startsWith(to + "/") || replaced != null && replaced.isDirectory() != moved.isDirectory()) {
            return; // the VFS refuses these
        }
        Inode source = v.walk(from);
        Inode oldDirectory = v.walk(parent(from));
        Inode newDirectory = v.walk(parent(to));
        Inode victim = replaced == null ? null : v.walk(to);
        try {
            v.disk.run(() -> oldDirectory.rename(name(from), source, newDirectory, name(to), victim, now));
            Map<String, Node> changed = new TreeMap<>();
            for (String p : new TreeSet<>(model.keySet())) {
                if (p.equals(from) || p.startsWith(from + "/")) {
                    changed.put(to + p.substring(from.length()), model.remove(p));
                }
            }
            model.putAll(changed);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTEMPTY || !hasChildren(to)) {
                throw e;
            }
        } finally {
            if (victim != null) {
                v.release(victim);
            }
            v.release(source);
            v.release(oldDirectory);
            v.release(newDirectory);
        }
    }

    private void compare() {
        Map<String, TreeSet<String>> children = new TreeMap<>();
        for (Map.Entry<String, Node> e : model.entrySet()) {
            if (e.getValue().isDirectory()) {
                children.computeIfAbsent(e.getKey(), k -> new TreeSet<>()).addAll(List.of(".", ".."));
            }
            if (!e.getKey().isEmpty()) {
                children.computeIfAbsent(parent(e.getKey()), k -> new TreeSet<>()).add(name(e.getKey()));
            }
        }
        children.get("").add("lost+found");
        for (Map.Entry<String, Node> e : model.entrySet()) {
            Inode inode = v.walk(e.getKey());
            assertArrayEquals(e.getValue().attribute, v.disk.run(() -> inode.attribute("user.fuzz")), e.getKey());
            v.release(inode);
            if (e.getValue().isDirectory()) {
                assertEquals(children.get(e.getKey()), new TreeSet<>(v.list(e.getKey())), e.getKey());
            } else {
                assertArrayEquals(e.getValue().bytes, v.read(e.getKey()), e.getKey());
            }
        }
    }

    /** Damage in the first blocks, where the structures are, then every operation on everything that can be reached. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {11, 12, 13, 14})
    void corruption_givesErrnoOnly(int seed, @TempDir Path folder) throws Exception {
        Random r = new Random(seed);
        Files.createDirectories(folder.resolve("a/b"));
        Files.write(folder.resolve("a/big"), new byte[400_000]);
        byte[] some = new byte[60_000];
        r.nextBytes(some);
        Files.write(folder.resolve("a/b/some"), some);
        Files.createSymbolicLink(folder.resolve("link"), Path.of("z".repeat(80)));
        byte[] image = Volume.mke2fs(1024, folder, "-b", "1024", "-N", "64");
        for (int round = 0; round < 60; round++) {
            byte[] bad = image.clone();
            int hits = 1 + r.nextInt(40);
            for (int i = 0; i < hits; i++) {
                int at = 1024 + r.nextInt(round % 2 == 0 ? 64 * 1024 : bad.length - 1024);
                bad[at] = (byte) (r.nextInt(3) == 0 ? 0xFF : r.nextInt(256));
            }
            try {
                exercise(new Volume(bad, false));
            } catch (ErrnoException expected) {
                assertEquals(false, expected.errno() == 0);
            }
        }
    }

    private static void exercise(Volume v) {
        Inode root = v.disk.run(v.fs::root);
        visit(v, root, 0);
        attempt(() -> v.disk.run(() -> root.create("new", Inode.S_IFREG | 0644, 0, 0, 0, NOW)));
        attempt(() -> v.disk.run(() -> root.create("newdir", Inode.S_IFDIR | 0755, 0, 0, 0, NOW)));
        Inode fresh = attempt(() -> v.walk("/new"));
        if (fresh != null) {
            attempt(() -> {
                v.write(fresh, 20_000, new byte[30_000], NOW);
                return null;
            });
            attempt(() -> {
                v.truncate(fresh, 100, NOW);
                return null;
            });
        }
        attempt(() -> {
            v.unmount();
            return null;
        });
    }

    private static void visit(Volume v, Inode inode, int depth) {
        if (inode.isSymlink()) {
            attempt(() -> v.disk.run(inode::readLink));
        } else if (inode.isRegular() && inode.size() < 1 << 20) {
            attempt(() -> v.read(inode));
            attempt(() -> {
                v.write(inode, 30_000, new byte[10], NOW);
                return null;
            });
            attempt(() -> {
                v.truncate(inode, 5000, NOW);
                return null;
            });
        } else if (inode.isDirectory() && depth < 4) {
            List<String> names = new ArrayList<>();
            long[] position = {0};
            attempt(() -> {
                for (int i = 0; i < 20; i++) {
                    v.disk.run(() -> inode.readDirectory(position[0], (name, number, type, next) -> {
                        names.add(name);
                        position[0] = next;
                        return true;
                    }));
                }
                return null;
            });
            for (String name : names) {
                if (!name.equals(".") && !name.equals("..") && names.size() < 100) {
                    Inode child = attempt(() -> v.disk.run(() -> inode.lookup(name)));
                    if (child != null) {
                        visit(v, child, depth + 1);
                        if (!child.isDirectory()) {
                            attempt(() -> {
                                v.disk.run(() -> inode.unlink(name, child, NOW));
                                return null;
                            });
                        }
                        v.release(child);
                    }
                }
            }
        }
    }

    private static <T> T attempt(java.util.function.Supplier<T> operation) {
        try {
            return operation.get();
        } catch (ErrnoException corrupt) {
            return null;
        }
    }
}
