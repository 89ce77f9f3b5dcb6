// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.util.List;

/** How the programs are compiled and where they work: word size, linking, file system of their folders. */
enum Variant {
    AMD64_STATIC(List.of("-m64", "-static"), "/work"),
    AMD64_DYNAMIC(List.of("-m64", "-pie", "-fPIE"), "/tmp/work"),
    I386_STATIC(List.of("-m32", "-static"), "/tmp/work"),
    I386_DYNAMIC(List.of("-m32", "-pie", "-fPIE", "-D_FILE_OFFSET_BITS=64", "-D_TIME_BITS=64"), "/work");

    final List<String> flags;
    /** In the guest: on the ext2 disk or in the tmpfs. */
    final String workFolder;

    Variant(List<String> flags, String workFolder) {
        this.flags = flags;
        this.workFolder = workFolder;
    }

    String folder() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    boolean isStatic() {
        return flags.contains("-static");
    }
}
