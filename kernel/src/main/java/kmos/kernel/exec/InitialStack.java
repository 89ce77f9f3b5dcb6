// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.UserSpace;

/**
 * What a program finds on its stack (System V ABI i386 and AMD64, "Process Initialization"), from the top down: an empty
 * word, the file name, environment strings, argument strings, platform, random bytes; then at the stack pointer argc,
 * argv, envp and the auxiliary vector. Strings are chars 0 to 255.
 */
final class InitialStack {
    static final int AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7, AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11,
        AT_EUID = 12, AT_GID = 13, AT_EGID = 14, AT_PLATFORM = 15, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25,
        AT_IGNORE = 1, AT_HWCAP2 = 26, AT_EXECFN = 31, AT_SYSINFO = 32, AT_SYSINFO_EHDR = 33;

    private final AddressSpace space;
    private final UserSpace user;
    private long sp;

    InitialStack(AddressSpace space, UserSpace user, long top) {
        this.space = space;
        this.user = user;
        sp = top;
    }

    /**
     * Writes everything and returns the stack pointer. auxiliary: pairs of type and value; AT_RANDOM, AT_EXECFN and
     * AT_PLATFORM get their addresses here. slack: bytes to leave out, for randomisation.
     */
    long build(String fileName, List<String> arguments, List<String> environment, long[] auxiliary, byte[] random, String platform, int slack) {
        int word = space.is64Bit() ? 8 : 4;
        sp -= word;
        long name = pushString(fileName);
        space.envEnd = sp;
        long[] environmentAt = pushStrings(environment);
        space.envStart = sp;
        space.argEnd = sp;
        long[] argumentsAt = pushStrings(arguments);
        space.argStart = sp;
        sp = sp - slack & -16L;
        long platformAt = pushString(platform);
        sp -= random.length;
        long randomAt = sp;
        write(random, sp);
        int count = 1 + arguments.size() + 1 + environment.size() + 1 + auxiliary.length + 2;
        sp = (sp & -16L) - ((long) count * word + 15 & -16L);
        space.startStack = sp;
        byte[] block = new byte[count * word];
        int at = put(block, 0, word, arguments.size());
        for (long a : argumentsAt) {
            at = put(block, at, word, a);
        }
        at = put(block, at, word, 0);
        for (long e : environmentAt) {
            at = put(block, at, word, e);
        }
        at = put(block, at, word, 0);
        int auxFrom = at;
        for (int i = 0; i < auxiliary.length; i += 2) {
            long type = auxiliary[i];
            long value = type == AT_RANDOM ? randomAt : type == AT_EXECFN ? name : type == AT_PLATFORM ? platformAt : auxiliary[i + 1];
            at = put(block, at, word, type);
            at = put(block, at, word, value);
        }
        at = put(block, at, word, AT_NULL);
        at = put(block, at, word, 0);
        space.auxv = new byte[at - auxFrom];
        System.arraycopy(block, auxFrom, space.auxv, 0, at - auxFrom);
        write(block, sp);
        return sp;
    }

    private static int put(byte[] block, int at, int word, long value) {
        if (word == 8) {
            LittleEndian.put64(block, at, value);
        } else {
            LittleEndian.put32(block, at, (int) value);
        }
        return at + word;
    }

    /** The last one highest, so that they lie in order upwards. */
    private long[] pushStrings(List<String> strings) {
        long[] at = new long[strings.size()];
        for (int i = strings.size() - 1; i >= 0; i--) {
            at[i] = pushString(strings.get(i));
        }
        return at;
    }

    private long pushString(String text) {
        byte[] bytes = new byte[text.length() + 1];
        for (int i = 0; i < text.length(); i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        sp -= bytes.length;
        write(bytes, sp);
        return sp;
    }

    private void write(byte[] bytes, long at) {
        if (bytes.length > 0 && user.copyOut(bytes, 0, at, bytes.length) != bytes.length) {
            throw new ErrnoException(Errno.E2BIG);
        }
    }
}
