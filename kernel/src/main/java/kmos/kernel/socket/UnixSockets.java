// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/** All AF_UNIX sockets, in order of their making: who has which name, and the lines of /proc/net/unix. */
public final class UnixSockets implements Stateful {
    private static final int AUTOBIND_NAMES = 0x100000;

    private final List<UnixSocket> sockets = new ArrayList<>();
    private SocketFs fileSystem;
    private int nextAutobind;

    public UnixSockets(SocketFs fileSystem) {
        this.fileSystem = fileSystem;
    }

    SocketFs fileSystem() {
        return fileSystem;
    }

    void add(UnixSocket socket) {
        sockets.add(socket);
    }

    void remove(UnixSocket socket) {
        sockets.remove(socket);
    }

    public List<UnixSocket> all() {
        return sockets;
    }

    /** The socket that was bound to a name in the file system, or null. */
    UnixSocket at(Inode inode) {
        for (UnixSocket s : sockets) {
            if (s.boundInode() == inode) {
                return s;
            }
        }
        return null;
    }

    /** The socket of this type with an abstract name (its first byte is 0), or null. */
    UnixSocket named(byte[] name, int type) {
        for (UnixSocket s : sockets) {
            if (s.boundInode() == null && s.type() == type && s.isBound() && Arrays.equals(s.name(), name)) {
                return s;
            }
        }
        return null;
    }

    /** A free abstract name of five hexadecimal digits; null when all are taken. */
    byte[] unusedName(int type) {
        for (int i = 0; i < AUTOBIND_NAMES; i++) {
            int number = nextAutobind;
            nextAutobind = (nextAutobind + 1) % AUTOBIND_NAMES;
            byte[] name = new byte[6];
            for (int d = 0; d < 5; d++) {
                name[5 - d] = (byte) Character.forDigit(number >>> 4 * d & 15, 16);
            }
            if (named(name, type) == null) {
                return name;
            }
        }
        return null;
    }

    @Override
    public void state(StateFields s) {
        s.refs("sockets", sockets, UnixSocket.class);
        fileSystem = s.ref("fileSystem", fileSystem, SocketFs.class);
        nextAutobind = s.i32("nextAutobind", nextAutobind);
    }
}
