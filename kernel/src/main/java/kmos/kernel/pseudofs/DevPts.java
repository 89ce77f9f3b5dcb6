// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.tty.Pty;
import kmos.kernel.tty.Ptys;
import kmos.kernel.vfs.UncachedDirectory;
import kmos.kernel.vfs.Vfs;

/** devpts: one character device for each open pseudo terminal, and ptmx. */
public final class DevPts extends FileSystem {
    private Vfs vfs;
    private Ptys ptys;
    private int device;
    private Root root;
    private final List<Node> nodes = new ArrayList<>();

    /** For loading a saved state. */
    public DevPts(Vfs vfs) {
        super(0);
        this.vfs = vfs;
        ptys = vfs.kernel().terminals().ptys();
    }

    public DevPts(Vfs vfs, Ptys ptys) {
        super(0);
        this.vfs = vfs;
        this.ptys = ptys;
        device = vfs.anonymousDevice();
        root = new Root(this, vfs.timeNs());
        root.retain();
    }

    @Override
    public int device() {
        return device;
    }

    @Override
    public String typeName() {
        return "devpts";
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public Statistics statistics() {
        return new Statistics(MountFlags.DEVPTS_SUPER_MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    private Node node(String name) {
        Pty pty = null;
        if (!name.equals("ptmx")) {
            for (Pty p : ptys.all()) {
                if (name.equals(Integer.toString(p.index()))) {
                    pty = p;
                }
            }
            if (pty == null) {
                return null;
            }
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i).pty != null && !ptys.all().contains(nodes.get(i).pty)) {
                nodes.remove(i);
            }
        }
        for (Node n : nodes) {
            if (n.pty == pty) {
                return n;
            }
        }
        Node made = pty == null ? new Node(this, 2, 0666, 0, 5, DeviceNumbers.makedev(5, 2), null, vfs.timeNs())
            : new Node(this, 3 + pty.index(), 0620, pty.uid(), pty.gid(), pty.slave().device(), pty, vfs.timeNs());
        nodes.add(made);
        return made;
    }

    @Override
    public void state(StateFields s) {
        device = s.i32("device", device);
        root = s.ref("root", root, Root.class);
        s.refs("nodes", nodes, Node.class);
    }

    /** /dev/pts itself. */
    public static final class Root extends PseudoInode implements UncachedDirectory {
        /** For loading a saved state. */
        public Root() { }

        Root(DevPts fs, long nowNs) {
            super(fs, 1, S_IFDIR | 0755, 0, 0, nowNs);
        }

        @Override
        public Inode lookup(String name) {
            Node n = ((DevPts) fileSystem()).node(name);
            return n == null ? null : n.retain();
        }

        @Override
        public void readDirectory(long position, EntryVisitor visitor) {
            DevPts fs = (DevPts) fileSystem();
            if (position == 0 && !visitor.entry(".", 1, S_IFDIR >> 12, 1)
                || position <= 1 && !visitor.entry("..", 1, S_IFDIR >> 12, 2)
                || position <= 2 && !visitor.entry("ptmx", 2, S_IFCHR >> 12, 3)) {
                return;
            }
            for (int index = (int) Math.max(0, position - 3); index < 256; index++) {
                if (fs.ptys.find(index) != null && !visitor.entry(Integer.toString(index), 3 + index, S_IFCHR >> 12, index + 4)) {
                    return;
                }
            }
        }

        @Override
        public int links() {
            return 2;
        }
    }

    /** A terminal's node. */
    public static final class Node extends PseudoInode {
        private int rdev;
        private Pty pty;

        /** For loading a saved state. */
        public Node() { }

        Node(DevPts fs, long number, int permissions, int uid, int gid, int rdev, Pty pty, long nowNs) {
            super(fs, number, S_IFCHR | permissions, uid, gid, nowNs);
            this.rdev = rdev;
            this.pty = pty;
        }

        @Override
        public int deviceNumber() {
            return rdev;
        }

        @Override
        public void state(StateFields s) {
            super.state(s);
            rdev = s.i32("rdev", rdev);
            pty = s.ref("pty", pty, Pty.class);
        }
    }
}
