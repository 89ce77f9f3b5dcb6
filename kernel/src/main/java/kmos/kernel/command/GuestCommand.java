// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.command;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.vfs.FileDescription;

/** One request from outside: a program with its streams, or a file that is copied in or out. */
public final class GuestCommand implements Stateful {
    /** What is done: run arguments; copy the file arguments[0] out; copy the file arguments[0] in. */
    public static final int RUN = 0, READ = 1, WRITE = 2;

    int id;
    int pid;
    int kind;
    /** Each item is followed by NUL. */
    String arguments = "";
    String environment = "";
    String directory = "/";
    boolean usesTerminal;
    /** Permissions of a file that WRITE makes. */
    int mode;
    /** Our ends: what the program prints (pipe or pty master) and what it reads (pipe), or null. */
    FileDescription output;
    FileDescription input;
    /** Transfers: the task's end of the pipe, the file, and what was taken from the pipe but is not in the file yet. */
    FileDescription pipe;
    FileDescription file;
    byte[] chunk;
    int written;
    /** wait(2) form, -1 while it runs. */
    int status = -1;
    /** Why it could not be started or copied, or 0. */
    int errno;

    static String join(List<String> items) {
        StringBuilder all = new StringBuilder();
        for (String each : items) {
            all.append(each).append('\0');
        }
        return all.toString();
    }

    static List<String> split(String joined) {
        List<String> items = new ArrayList<>();
        for (int at = 0; at < joined.length();) {
            int end = joined.indexOf('\0', at);
            items.add(joined.substring(at, end));
            at = end + 1;
        }
        return items;
    }

    @Override
    public void state(StateFields s) {
        id = s.i32("id", id);
        pid = s.i32("pid", pid);
        kind = s.i32("kind", kind);
        arguments = s.text("arguments", arguments);
        environment = s.text("environment", environment);
        directory = s.text("directory", directory);
        usesTerminal = s.bool("usesTerminal", usesTerminal);
        mode = s.i32("mode", mode);
        output = s.ref("output", output, FileDescription.class);
        input = s.ref("input", input, FileDescription.class);
        pipe = s.ref("pipe", pipe, FileDescription.class);
        file = s.ref("file", file, FileDescription.class);
        chunk = s.bytes("chunk", chunk);
        written = s.i32("written", written);
        status = s.i32("status", status);
        errno = s.i32("errno", errno);
    }
}
