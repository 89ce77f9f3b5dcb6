// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import kmos.base.Errno;
import kmos.base.Memory;
import kmos.kernel.KernelConfig;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.OutsideEvents;
import kmos.system.archive.Archive;
import kmos.system.archive.ArchiveContent;
import org.teavm.interop.Export;

/** The embedding API's side of the module: an archive as root, programs and file transfers. Bytes go through the transfer buffer. */
final class WebCommands {
    private static final byte[] PIECE = new byte[WebMachine.TRANSFER_BYTES];

    private static int transfer;
    private static KmosSystem system;
    private static boolean isHosted;
    private static byte[] archiveBytes;
    private static int archiveCount;
    private static Archive archive;
    private static ArchiveContent content;

    private WebCommands() { }

    static void prepare(int transferAddress) {
        transfer = transferAddress;
    }

    /** What was chosen for the next machine. */
    static void configure(KernelConfig config, boolean hasDisk) {
        config.isHosted = isHosted;
        if (archive != null) {
            content = new ArchiveContent(archive, hasDisk);
            archive = null;
            config.rootContent = content;
        }
    }

    static void built(KmosSystem fresh) {
        system = fresh;
    }

    /** The next machine runs only what is asked for; no init. */
    @Export(name = "chooseHosted")
    static void chooseHosted() {
        isHosted = true;
    }

    /** An archive of so many bytes follows. */
    @Export(name = "archiveOpen")
    static void archiveOpen(int bytes) {
        archiveBytes = new byte[bytes];
        archiveCount = 0;
    }

    @Export(name = "archivePiece")
    static void archivePiece(int count) {
        Memory.read(transfer, archiveBytes, archiveCount, count);
        archiveCount += count;
    }

    /** The archive is there: 1, or 0 after {@link Host#failed} when it cannot be used. */
    @Export(name = "archiveClose")
    static int archiveClose() {
        try {
            archive = Archive.read(archiveBytes);
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        } finally {
            archiveBytes = null;
        }
    }

    /** Length of a message in the transfer buffer: why the archive could not be unpacked whole; 0: nothing was wrong. */
    @Export(name = "archiveProblem")
    static int archiveProblem() {
        return content == null ? 0 : WebMachine.text(content.problem());
    }

    /** Whether commands may start. */
    @Export(name = "commandsReady")
    static int commandsReady() {
        return system.kernel().commands().isReady() ? 1 : 0;
    }

    /**
     * argc + envc + 1 texts of count bytes in all, each ended by NUL: arguments, environment, working directory. realNs as in
     * {@link WebMachine#step}: guest time, which the boot has left behind, is there before the program asks for it.
     */
    @Export(name = "commandRun")
    static int commandRun(int count, int argc, int envc, int usesTerminal, double realNs) {
        system.catchUp((long) realNs);
        return outside().start(new OutsideEvent(OutsideEvent.RUN, argc, envc * 2 + (usesTerminal != 0 ? 1 : 0), bytes(count)));
    }

    /** A path, ended by NUL. */
    @Export(name = "commandReadFile")
    static int commandReadFile(int count) {
        return outside().start(new OutsideEvent(OutsideEvent.READ_FILE, 0, 0, bytes(count)));
    }

    @Export(name = "commandWriteFile")
    static int commandWriteFile(int count, int mode) {
        return outside().start(new OutsideEvent(OutsideEvent.WRITE_FILE, mode, 0, bytes(count)));
    }

    /** Bytes that the command has written, in the transfer buffer. */
    @Export(name = "commandOutput")
    static int commandOutput(int id) {
        int n = outside().output(id, PIECE);
        Memory.write(transfer, PIECE, 0, n);
        return n;
    }

    /** Returns how many were taken. */
    @Export(name = "commandInput")
    static int commandInput(int id, int count) {
        return outside().input(id, bytes(count), count);
    }

    @Export(name = "commandEndInput")
    static void commandEndInput(int id) {
        outside().put(new OutsideEvent(OutsideEvent.END_INPUT, id, 0));
    }

    /** As wait(2) tells it; -1 while it runs. */
    @Export(name = "commandStatus")
    static int commandStatus(int id) {
        return outside().status(id);
    }

    /** Length of "ENAME message" in the transfer buffer, 0 when the command could be started or the file copied. */
    @Export(name = "commandProblem")
    static int commandProblem(int id) {
        int errno = outside().errno(id);
        return errno == 0 ? 0 : WebMachine.text(Errno.name(errno) + " " + Errno.message(errno));
    }

    @Export(name = "commandSignal")
    static void commandSignal(int id, int signal) {
        outside().put(new OutsideEvent(OutsideEvent.SIGNAL, id, signal));
    }

    @Export(name = "commandClose")
    static void commandClose(int id) {
        outside().put(new OutsideEvent(OutsideEvent.CLOSE, id, 0));
    }

    private static OutsideEvents outside() {
        return system.outside();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        Memory.read(transfer, bytes, 0, count);
        return bytes;
    }
}
