// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.base.NotReady;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Amd64Abi;
import kmos.kernel.abi.I386Abi;
import kmos.kernel.abi.MmanAbi;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.PageCache;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.ExecThreads;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.vfs.Path;
import kmos.machine.CpuContext;

/** execve(2) once its arguments are in the kernel: builds the new address space, ends other threads, switches. */
public final class Exec {
    /** How names in scripts and ELF files become places: the caller's root and rights. */
    public interface Resolver {
        Path lookup(String path);
    }

    private static final int MAX_DEPTH = 5;
    private static final int STAGE_THREADS = 2;
    private static final int ADDR_NO_RANDOMIZE = 0x40000;
    private static final long STACK_EXPAND = 131072, STACK_GAP_MIN = 128L << 20;
    /** Where position-independent programs with an interpreter go: a third below the top. */
    private static final long BASE_64 = 0x555555554000L, BASE_32 = 0x56555000L;
    private static final int S_ISUID = 04000, S_ISGID = 02000, MS_NOSUID = 2;

    private final Task task;
    private final Kernel kernel;
    private final PageCache cache;
    private final Resolver resolver;

    private Exec(Task task, Resolver resolver) {
        this.task = task;
        this.kernel = task.kernel();
        this.cache = kernel.pageCache();
        this.resolver = resolver;
    }

    /**
     * Runs the file: NO_RESULT when the task is the new program, BLOCKED while other threads end. On an ErrnoException
     * or NotReady the old program is untouched. name is the path as given, for AT_EXECFN and comm.
     */
    public static long exec(Task task, Resolver resolver, Path file, String name, List<String> arguments, List<String> environment) {
        Exec e = new Exec(task, resolver);
        if (task.frame().stage != STAGE_THREADS) {
            ExecState state = (ExecState) task.frame().scratch;
            if (state == null) {
                state = new ExecState(task.kernel().random());
                task.frame().scratch = state;
            }
            e.build(state, file, name, arguments, environment);
            task.frame().stage = STAGE_THREADS;
        }
        return e.finish();
    }

    /** Whether the body of execve only waits for other threads: its arguments are not looked at again. */
    public static boolean isBuilt(Task task) {
        return task.frame().stage == STAGE_THREADS;
    }

    /** The same, when {@link #isBuilt}. */
    public static long resume(Task task) {
        return new Exec(task, null).finish();
    }

    // Building

    private void build(ExecState state, Path start, String name, List<String> givenArguments, List<String> environment) {
        Path path = start;
        List<String> arguments = new ArrayList<>(givenArguments);
        if (arguments.isEmpty()) {
            arguments.add("");
        }
        String scriptName = name;
        byte[] head = new byte[ScriptLoader.HEAD_SIZE];
        for (int depth = 0;; depth++) {
            if (depth > MAX_DEPTH) {
                throw new ErrnoException(Errno.ELOOP);
            }
            Inode file = path.inode();
            requireExecutable(path);
            int length = cache.read(file, 0, head, 0, head.length);
            if (ElfImage.isElf(head, length)) {
                break;
            }
            if (!ScriptLoader.isScript(head, length)) {
                throw new ErrnoException(Errno.ENOEXEC);
            }
            ScriptLoader script = ScriptLoader.parse(head, length);
            arguments.set(0, scriptName);
            if (script.argument() != null) {
                arguments.add(0, script.argument());
            }
            arguments.add(0, script.interpreter());
            scriptName = script.interpreter();
            path = resolver.lookup(script.interpreter());
        }
        load(state, path, name, arguments, environment);
    }

    private void requireExecutable(Path path) {
        if (!path.inode().isRegular()) {
            throw new ErrnoException(Errno.EACCES);
        }
        kernel.requireExecutable(path, task.credentials());
    }

    private void load(ExecState state, Path path, String name, List<String> arguments, List<String> environment) {
        ElfImage elf = ElfImage.read(cache, path.inode(), Errno.ENOEXEC);
        String interpreterName = elf.interpreter(cache, path.inode());
        Path interpreterPath = null;
        ElfImage interpreter = null;
        if (interpreterName != null) {
            interpreterPath = resolver.lookup(interpreterName);
            requireExecutable(interpreterPath);
            interpreter = ElfImage.read(cache, interpreterPath.inode(), Errno.ELIBBAD);
            if (interpreter.is64Bit != elf.is64Bit) {
                throw new ErrnoException(Errno.ELIBBAD);
            }
        }
        AddressSpace space = AddressSpace.create(kernel, elf.is64Bit);
        if (space == null) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        try {
            fill(state, space, elf, path, interpreter, interpreterPath, name, arguments, environment);
        } catch (NotReady wait) {
            space.release();
            throw wait;
        } catch (ErrnoException failed) {
            if (failed.errno() == Errno.E2BIG) {
                space.release();
                throw failed;
            }
            // Linux maps the segments when the old program is already gone (begin_new_exec): nobody sees the errno.
            state.isDoomed = true;
        }
        state.space = space;
    }

    private void fill(ExecState state, AddressSpace space, ElfImage elf, Path path, ElfImage interpreter, Path interpreterPath, String name,
                      List<String> arguments, List<String> environment) {
        UserSpace user = new UserSpace(kernel, space);
        Credentials credentials = newCredentials(state, path);
        state.name = name.substring(name.lastIndexOf('/') + 1);
        state.personality = task.personality();
        state.setCredentials(credentials);
        state.isDoomed = false;
        boolean isRandom = kernel.config().isAddressRandomized && (task.personality() & ADDR_NO_RANDOMIZE) == 0;
        boolean is64 = elf.is64Bit;
        int stackFlags = elf.stackFlags();
        boolean hasExecutableStack = stackFlags < 0 ? !is64 : (stackFlags & ElfImage.PF_X) != 0;
        space.setReadImpliesExec(stackFlags < 0 && !is64);
        long stackTop = space.taskSize() - (isRandom ? (state.stackRandom >>> 1 & (is64 ? 0x3FFFFF : 0x7FF)) << 12 : 0);
        setMmapBase(state, space, isRandom, is64);
        long base = interpreter == null ? 0 : is64 ? BASE_64 + (isRandom ? (state.baseRandom & 0xFFFFFFF) << 12 : 0)
            : BASE_32 + (isRandom ? (state.baseRandom & 0xFF) << 12 : 0);
        ElfLoader loader = new ElfLoader(space, user);
        long bias = loader.map(elf, path.inode(), path.dentry(), base);
        long end = elf.extent()[1] + bias;
        long entry = elf.entry + bias;
        long interpreterBias = 0;
        space.setMmapBase(Math.min(space.mmapBase(), stackTop - STACK_GAP_MIN / 16));
        if (interpreter != null) {
            interpreterBias = loader.map(interpreter, interpreterPath.inode(), interpreterPath.dentry(), 0);
            entry = interpreter.entry + interpreterBias;
        }
        if (Long.compareUnsigned(entry, space.taskSize()) >= 0) {
            throw new ErrnoException(Errno.EINVAL);
        }
        long brk = (end + 0xFFF & ~0xFFFL) + (isRandom ? (state.brkRandom & (is64 ? 0x1FFF : 0xFFF)) << 12 : 0);
        if (elf.type == ElfImage.ET_DYN && interpreter == null) {
            // The loader run directly: its break must not grow into the mmap area.
            brk = is64 ? BASE_64 + ((state.brkRandom & 0x1FFF) << 12) : BASE_32 + ((state.brkRandom & 0xFFF) << 12);
        }
        space.setBrk(brk);
        setExtents(space, elf, bias);
        mapStack(space, stackTop, arguments, environment, hasExecutableStack);
        kernel.vdso().map(space);
        long headers = elf.headersAddress();
        long[] auxiliary = {
            InitialStack.AT_HWCAP, kernel.config().hardwareCapabilities & 0xFFFFFFFFL, InitialStack.AT_PAGESZ, 4096, InitialStack.AT_CLKTCK, 100,
            InitialStack.AT_PHDR, headers == 0 ? 0 : headers + bias, InitialStack.AT_PHENT, elf.headerSize,
            InitialStack.AT_PHNUM, elf.segments.length, InitialStack.AT_BASE, interpreterBias, InitialStack.AT_FLAGS, 0,
            InitialStack.AT_ENTRY, elf.entry + bias, InitialStack.AT_UID, credentials.uid(), InitialStack.AT_EUID, credentials.euid(),
            InitialStack.AT_GID, credentials.gid(), InitialStack.AT_EGID, credentials.egid(), InitialStack.AT_SECURE, state.isSecure ? 1 : 0,
            InitialStack.AT_RANDOM, 0, InitialStack.AT_HWCAP2, kernel.config().hardwareCapabilities2, InitialStack.AT_EXECFN, 0, InitialStack.AT_PLATFORM, 0,
            InitialStack.AT_SYSINFO_EHDR, space.vdso(), is64 ? InitialStack.AT_IGNORE : InitialStack.AT_SYSINFO, is64 ? 0 : Vdso.systemCall(space)};
        state.stackPointer = new InitialStack(space, user, stackTop).build(name, arguments, environment, auxiliary, state.randomBytes,
            is64 ? "x86_64" : "i686", isRandom ? (int) (state.slackRandom & 0x1FF0) : 0);
        state.entry = entry;
        space.setExecutable(path.inode().retain(), path.dentry());
    }

    private void setMmapBase(ExecState state, AddressSpace space, boolean isRandom, boolean is64) {
        long stack = task.group().limit(SchedAbi.RLIMIT_STACK);
        long most = space.taskSize() / 6 * 5;
        long gap = stack == SchedAbi.RLIM_INFINITY || stack < 0 || stack > most ? most : Math.max(stack, STACK_GAP_MIN);
        long reserve = is64 ? 0x400000000L : 0x800000L;
        gap = Math.min(most, gap + reserve + (256L << 12));
        long random = isRandom ? (state.mmapRandom & (is64 ? 0xFFFFFFF : 0xFF)) << 12 : 0;
        space.setMmapBase(space.taskSize() - gap - random & ~0xFFFL);
    }

    private static void setExtents(AddressSpace space, ElfImage elf, long bias) {
        long codeStart = Long.MAX_VALUE;
        long codeEnd = 0;
        long dataStart = 0;
        long dataEnd = 0;
        for (ElfImage.Segment s : elf.segments) {
            if (s.type() != ElfImage.PT_LOAD) {
                continue;
            }
            long from = s.address() + bias;
            if ((s.flags() & ElfImage.PF_X) != 0) {
                codeStart = Math.min(codeStart, from);
                codeEnd = Math.max(codeEnd, from + s.fileSize());
            }
            dataStart = Math.max(dataStart, from);
            dataEnd = Math.max(dataEnd, from + s.fileSize());
        }
        space.startCode = codeEnd == 0 ? 0 : codeStart;
        space.endCode = codeEnd;
        space.startData = dataStart;
        space.endData = dataEnd;
    }

    private void mapStack(AddressSpace space, long top, List<String> arguments, List<String> environment, boolean isExecutable) {
        long bytes = 8192 + 512;
        for (String s : arguments) {
            bytes += s.length() + 1 + 8;
        }
        for (String s : environment) {
            bytes += s.length() + 1 + 8;
        }
        long size = bytes + STACK_EXPAND + 4096 + 0xFFF & ~0xFFFL;
        int flags = VmArea.READ | VmArea.WRITE | VmArea.MAY_WRITE | VmArea.GROWS_DOWN | VmArea.STACK | (isExecutable ? VmArea.EXEC : 0);
        space.map(top - size, size, flags, MmanAbi.MAP_PRIVATE | MmanAbi.MAP_ANONYMOUS | MmanAbi.MAP_FIXED, null, null, 0);
    }

    private Credentials newCredentials(ExecState state, Path path) {
        Credentials c = task.credentials();
        int euid = c.euid();
        int egid = c.egid();
        int mode = path.inode().mode();
        boolean isWatched = task.tracing() != null && !task.tracing().tracer().leader().credentials().isRoot();
        boolean honours = !isWatched && !task.isNoNewPrivileges() && (path.mount() == null || (path.mount().flags() & MS_NOSUID) == 0);
        if (honours && (mode & S_ISUID) != 0) {
            euid = path.inode().uid();
        }
        if (honours && (mode & (S_ISGID | 010)) == (S_ISGID | 010)) {
            egid = path.inode().gid();
        }
        state.isSecure = euid != c.uid() || egid != c.gid();
        return new Credentials(c.uid(), euid, euid, euid, c.gid(), egid, egid, egid, c.groups());
    }

    // Switching

    private long finish() {
        ExecState state = (ExecState) task.frame().scratch;
        ThreadGroup group = task.group();
        if (!ExecThreads.isAlone(task)) {
            long result = ExecThreads.endOthers(task);
            if (result != 0) {
                if (result != Task.BLOCKED) {
                    state.space.release();
                    state.space = null;
                }
                return result;
            }
        }
        int formerTid = task.tid();
        ExecThreads.becomeLeader(task);
        boolean changesIds = task.credentials().euid() != state.credentials(task.credentials()).euid()
            || task.credentials().egid() != state.credentials(task.credentials()).egid();
        AddressSpace old = task.space();
        task.setSpace(state.space);
        state.space = null;
        if (old != null) {
            group.noteMaxPages(old.maxResidentPages());
            old.release();
        }
        task.finishVfork();
        if (task.files().isShared()) {
            kmos.kernel.vfs.FileTable shared = task.files();
            task.setFiles(shared.copy());
            shared.release();
        }
        task.files().closeOnExec();
        group.timers().removePosix();
        group.ownActions();
        group.actions().resetHandlers();
        task.setAltStack(0, 0, SignalAbi.SS_DISABLE);
        task.setRobustList(0, 0);
        task.setClearChildTid(0);
        task.forgetRestartBlock();
        task.setKeepCapabilities(false);
        task.setCredentials(state.credentials(task.credentials()));
        group.setDumpable(!state.isSecure);
        if (changesIds) {
            task.setParentDeathSignal(0);
        }
        for (int i = 0; i < task.tls().length; i++) {
            task.tls()[i] = 0;
        }
        task.setName(state.name);
        group.setExecuted(true);
        if (kernel.trace().on(Log.EXEC)) {
            kernel.trace().debug(Log.EXEC, "[" + task.tid() + "] runs " + state.name + " entry 0x" + Long.toHexString(state.entry) + " stack 0x"
                + Long.toHexString(state.stackPointer) + (state.isDoomed ? ", cannot be mapped" : ""));
        }
        startRegisters(state);
        if (task.tracing() != null) {
            task.tracing().executed(task, formerTid);
        }
        if (state.isDoomed) {
            SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGSEGV));
        }
        return Task.NO_RESULT;
    }

    private void startRegisters(ExecState state) {
        CpuContext cpu = kernel.machine().cpu();
        kernel.loop().adopt(task);
        boolean is64 = task.space().is64Bit();
        cpu.resetUser(is64 ? 64 : 32, is64 ? Amd64Abi.USER_CS : I386Abi.USER_CS, Amd64Abi.USER_SS);
        cpu.setInstructionPointer(state.entry);
        cpu.setRegister(CpuContext.RSP, state.stackPointer);
    }
}
