// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.kernel.socket.UnixSocket;
import kmos.kernel.task.Task;

/** Bodies of the files of /proc/PID/net. There is one network namespace: they are the same for all. */
final class NetFiles {
    private NetFiles() { }

    /** Linux unix_seq_show; the first column, a kernel address there, is 0 as for unprivileged readers. */
    static void unix(Task task, ProcText out) {
        out.add("Num       RefCount Protocol Flags    Type St Inode Path\n");
        for (UnixSocket s : task.kernel().vfs().sockets().all()) {
            out.add("0000000000000000: 00000002 00000000 ").hex(s.isListening() ? 0x10000 : 0, 8).space().hex(s.type(), 4).space();
            out.hex(s.isConnected() ? 3 : 1, 2).space().right(s.inode().number(), 5);
            if (s.name().length > 0) {
                out.space();
                boolean isAbstract = s.name()[0] == 0;
                for (int i = 0; i < s.name().length - (isAbstract ? 0 : 1); i++) {
                    out.add(s.name()[i] == 0 ? '@' : (char) (s.name()[i] & 0xFF));
                }
            }
            out.newline();
        }
    }
}
