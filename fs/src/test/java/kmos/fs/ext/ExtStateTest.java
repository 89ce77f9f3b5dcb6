// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.StateReader;
import kmos.base.StateTypes;
import kmos.base.StateWriter;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.fs.Volume;
import kmos.fs.block.BlockBuffers;
import kmos.fs.block.BlockCache;
import kmos.fs.block.BlockStateTypes;
import kmos.fs.block.MissingBlocks;
import org.junit.jupiter.api.Test;

/** A file system saved at any point, blocks on their way included, goes on as the original does. */
class ExtStateTest {
    private static final int RANGE = 1 << 20;
    private static final long NOW = 1_800_000_000_000_000_000L;

    /** Buffers from a range of linear memory, lowest free first. */
    private static final class Range implements BlockBuffers, Stateful {
        private final int base;
        private byte[] isUsed = new byte[RANGE / SIZE];

        Range(int base) {
            this.base = base;
            Memory.fill(base, RANGE, 0);
        }

        @Override
        public int allocate() {
            for (int i = 0; i < isUsed.length; i++) {
                if (isUsed[i] == 0) {
                    isUsed[i] = 1;
                    return base + i * SIZE;
                }
            }
            return 0;
        }

        @Override
        public void free(int address) {
            isUsed[(address - base) / SIZE] = 0;
        }

        @Override
        public void state(StateFields s) {
            isUsed = s.bytes("isUsed", isUsed);
            s.memory("memory", base, RANGE);
        }
    }

    /** One machine's worth: a disk, and a file system that comes into being in steps. */
    private static final class World implements Stateful {
        final Range range;
        final MissingBlocks disk;
        BlockCache cache;
        FileSystem fs;
        Inode root;
        int step;
        final int base;

        World(int base, byte[] image, boolean isEmpty) {
            this.base = base;
            range = new Range(base);
            disk = new MissingBlocks(image);
            cache = isEmpty ? null : new BlockCache(disk, 0x801, range, 64);
        }

        /** One attempt at the next operation; a miss leaves it for the next time, when the disk has answered once. */
        void attempt() {
            try {
                operation();
                step++;
            } catch (NotReady miss) {
                if (step % 2 == 0) {
                    disk.answer();
                }
            }
        }

        private void operation() {
            if (step == 0) {
                fs = new ExtType().mount(cache, false);
            } else if (step == 1) {
                root = fs.root();
            } else if (step % 7 == 6) {
                disk.answer();
                fs.sync();
            } else if (step % 7 == 5) {
                String name = "f" + (step - 2);
                Inode file = root.lookup(name);
                if (file != null) {
                    file.release();
                    root.unlink(name, file, NOW);
                }
            } else {
                disk.answer();
                root.create("f" + step, step % 3 == 0 ? Inode.S_IFDIR | 0755 : Inode.S_IFREG | 0644, 0, 0, 0, NOW);
            }
        }

        StateTypes types() {
            StateTypes types = new StateTypes(base);
            BlockStateTypes.register(types, range);
            ExtType.registerState(types);
            return types.fixed(disk);
        }

        @Override
        public void state(StateFields s) {
            s.struct("range", range);
            s.struct("disk", disk);
            cache = s.ref("cache", cache, BlockCache.class);
            fs = s.ref("fs", fs, FileSystem.class);
            root = s.ref("root", root, Inode.class);
            step = s.i32("step", step);
        }

        byte[] save() {
            return StateWriter.save(types(), this);
        }
    }

    @Test
    void savedAnywhere_goesOnAlike() throws Exception {
        byte[] image = Volume.mke2fs(512, null, "-b", "1024", "-N", "256");
        World original = new World(Memory.START, image.clone(), false);
        List<World> copies = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            original.attempt();
            for (World copy : copies) {
                copy.attempt();
            }
            if (i % 24 == 7) {
                byte[] saved = original.save();
                World copy = new World(Memory.START + (copies.size() + 1) * RANGE, new byte[image.length], true);
                StateReader.load(copy.types(), copy, saved);
                assertArrayEquals(saved, copy.save(), "saved again, after " + i);
                copies.add(copy);
            }
        }
        byte[] end = original.save();
        for (World copy : copies) {
            assertArrayEquals(end, copy.save());
        }
    }
}
