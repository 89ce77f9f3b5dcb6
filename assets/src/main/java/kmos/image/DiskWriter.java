// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import kmos.base.ErrnoException;
import kmos.base.Memory;
import kmos.fs.CachedPage;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.fs.block.BlockBuffers;
import kmos.fs.block.BlockCache;
import kmos.fs.block.MbrPartitions;
import kmos.fs.block.MemoryDisk;
import kmos.fs.block.Partition;
import kmos.fs.ext.ExtMkfs;
import kmos.fs.ext.ExtType;

/** Writes a tree onto a disk: master boot record, one partition, ext2 through kmos.fs.ext. Same tree, same bytes. */
final class DiskWriter {
    private static final long NS = 1_000_000_000L;
    private static final int PAGE = Memory.START;

    private final byte[] disk = new byte[(int) Recipe.DISK_BYTES];
    private final Map<String, Inode> made = new HashMap<>();
    private final RootTree tree;

    private DiskWriter(RootTree tree) {
        this.tree = tree;
    }

    static byte[] write(RootTree tree) {
        DiskWriter w = new DiskWriter(tree);
        try {
            w.run();
        } catch (ErrnoException e) {
            throw new BuildFailure("the image's file system: " + e.getMessage() + (e.errno() == kmos.base.Errno.ENOSPC
                ? " (Recipe.DISK_BYTES is too small)" : ""), e);
        }
        return w.disk;
    }

    private void run() {
        long sectors = Recipe.DISK_BYTES / 512 - Recipe.FIRST_SECTOR;
        byte[] mbr = MbrPartitions.format(Recipe.FIRST_SECTOR, sectors, MbrPartitions.LINUX, Recipe.DISK_SIGNATURE);
        System.arraycopy(mbr, 0, disk, 0, mbr.length);
        Partition partition = new Partition(new MemoryDisk(disk), Recipe.FIRST_SECTOR, sectors);
        BlockCache cache = new BlockCache(partition, 0, new Buffers(), 4096);
        ExtMkfs.format(cache, new ExtMkfs.Options(Recipe.BLOCK_SIZE, sectors * 512 / Recipe.BLOCK_SIZE, Recipe.INODES_PER_GROUP,
            Recipe.UUID, Recipe.LABEL, Recipe.EPOCH_SECONDS));
        FileSystem fs = new ExtType().mount(cache, false);
        made.put("", fs.root());
        makeNames();
        for (String path : dataOrder()) {
            RootTree.Node node = tree.nodes().get(path);
            if (node.content() != null && node.content().length > 0) {
                writeData(made.get(path), node.content());
            }
        }
        setTimes();
        for (Inode inode : made.values()) {
            inode.release();
        }
        fs.unmount();
    }

    private void makeNames() {
        List<String> links = new ArrayList<>();
        for (Map.Entry<String, RootTree.Node> e : tree.nodes().entrySet()) {
            String path = e.getKey();
            RootTree.Node node = e.getValue();
            if (node.isHardLink()) {
                links.add(path);
                continue;
            }
            Inode directory = parent(path);
            long now = Recipe.EPOCH_SECONDS * NS;
            made.put(path, node.target() != null ? directory.symlink(name(path), node.target(), node.uid(), node.gid(), now)
                : directory.create(name(path), node.mode(), node.uid(), node.gid(), 0, now));
        }
        for (String path : links) {
            String target = tree.nodes().get(path).target();
            Inode inode = made.get(target);
            if (inode == null) {
                throw new BuildFailure("/" + path + " is a hard link to /" + target + ", which is not in the image");
            }
            parent(path).link(name(path), inode, Recipe.EPOCH_SECONDS * NS);
        }
    }

    private Inode parent(String path) {
        return made.get(path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "");
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private Set<String> dataOrder() {
        Set<String> order = new LinkedHashSet<>();
        for (String path : Recipe.BOOT_FILES) {
            if (tree.nodes().containsKey(path)) {
                order.add(path);
            }
        }
        order.addAll(tree.nodes().keySet());
        return order;
    }

    private static void writeData(Inode file, byte[] content) {
        for (int at = 0; at < content.length; at += CachedPage.SIZE) {
            int n = Math.min(CachedPage.SIZE, content.length - at);
            CachedPage page = new CachedPage(file, at / CachedPage.SIZE, PAGE);
            Memory.fill(PAGE, CachedPage.SIZE, 0);
            Memory.write(PAGE, content, at, n);
            file.prepareWrite(page, 0, n);
            file.writePage(page);
            if (page.error() != 0) {
                throw new ErrnoException(page.error());
            }
        }
        file.setSize(content.length, Recipe.EPOCH_SECONDS * NS);
    }

    /** Children first: making them changed their directories. */
    private void setTimes() {
        for (Map.Entry<String, RootTree.Node> e : new TreeMap<>(tree.nodes()).descendingMap().entrySet()) {
            Inode inode = made.get(e.getKey());
            if (inode != null) {
                long time = e.getValue().seconds() * NS;
                inode.setTimes(time, time, Recipe.EPOCH_SECONDS * NS);
            }
        }
        made.get("").setTimes(Recipe.EPOCH_SECONDS * NS, Recipe.EPOCH_SECONDS * NS, Recipe.EPOCH_SECONDS * NS);
    }

    /** Buffers behind the page that data goes through. */
    private static final class Buffers implements BlockBuffers {
        private final List<Integer> free = new ArrayList<>();
        private int next = PAGE + CachedPage.SIZE;

        @Override
        public int allocate() {
            if (!free.isEmpty()) {
                return free.remove(free.size() - 1);
            }
            next += SIZE;
            return next - SIZE;
        }

        @Override
        public void free(int address) {
            free.add(address);
        }
    }
}
