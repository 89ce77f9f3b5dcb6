// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.util.List;
import java.util.Map;

/** What is in the default image: packages, what of them is left out, and what maintainer scripts would have done. */
final class Recipe {
    /** The first architecture's programs keep their names; the second one's get a suffix beside them. */
    static final String FIRST = "amd64", SECOND = "i386", SECOND_SUFFIX = "-i386";

    static final Map<String, List<String>> PACKAGES = Map.of(
        FIRST, List.of("busybox-static", "dash", "bash", "coreutils", "lua5.4", "less", "grep", "sed", "mawk", "procps",
            "ncurses-base", "ncurses-bin", "libc-bin"),
        SECOND, List.of("busybox-static", "dash", "bash", "lua5.4"));

    /** The console font is taken from here at build time; the package itself is not installed. */
    static final String FONT_PACKAGE = "console-setup-linux", FONT = "usr/share/consolefonts/Uni2-Terminus16.psf.gz";

    /** Dependencies that only maintainer scripts need. */
    static final List<String> LEFT_OUT = List.of("dpkg", "tar", "perl-base", "perl", "perl-modules-5.36", "libperl5.36", "debconf",
        "usrmerge", "base-files", "debianutils", "init-system-helpers", "gcc-12-base", "libfile-find-rule-perl",
        "libnumber-compare-perl", "libtext-glob-perl", "libgdbm6", "libgdbm-compat4", "libdb5.3", "libcrypt1", "libbz2-1.0",
        "libmd0", "zlib1g", "readline-common", "install-info", "sensible-utils");

    /** Left out of the second architecture, too: nothing there is linked with it. */
    static final List<String> LEFT_OUT_SECOND = List.of("mawk", "libpcre2-8-0", "libselinux1", "libacl1", "liblzma5", "libzstd1");

    /** Path prefixes that are not unpacked. The copyright files of packages stay. */
    static final List<String> DROPPED = List.of("usr/share/man/", "usr/share/info/", "usr/share/locale/", "usr/share/lintian/",
        "usr/share/bug/", "usr/share/menu/", "usr/share/pixmaps/", "usr/share/applications/", "usr/share/doc-base/", "usr/share/bash-completion/",
        "usr/share/debianutils/", "usr/share/i18n/", "usr/share/initramfs-tools/", "usr/share/gdb/", "usr/share/readline/",
        "usr/lib/x86_64-linux-gnu/gconv/", "usr/lib/i386-linux-gnu/gconv/", "usr/lib/mime/", "etc/init.d/", "etc/cron", "etc/kernel/",
        "usr/bin/bashbug", "usr/bin/localedef", "usr/sbin/iconvconfig", "usr/bin/dash-i386.old",
        "usr/lib/x86_64-linux-gnu/audit/", "usr/lib/i386-linux-gnu/audit/", "usr/lib/x86_64-linux-gnu/perl", "usr/share/perl");

    /** Links that maintainer scripts and the alternatives system would make. */
    static final Map<String, String> LINKS = Map.ofEntries(Map.entry("bin", "usr/bin"), Map.entry("sbin", "usr/sbin"), Map.entry("lib", "usr/lib"),
        Map.entry("lib64", "usr/lib64"), Map.entry("usr/bin/sh", "dash"), Map.entry("usr/bin/awk", "mawk"), Map.entry("usr/bin/lua", "lua5.4"),
        Map.entry("usr/bin/luac", "luac5.4"), Map.entry("usr/bin/pager", "less"), Map.entry("usr/bin/editor", "vi"),
        Map.entry("etc/mtab", "../proc/self/mounts"), Map.entry("var/run", "../run"), Map.entry("var/lock", "../run/lock"),
        Map.entry("usr/bin/which", "busybox"));

    /** Programs of busybox that no package above brings. */
    static final String APPLETS = "adjtimex ar ascii bc bunzip2 bzcat bzip2 cal chvt clear cmp cpio crc32 dc deallocvt diff dos2unix ed fdisk "
        + "find free fuser getopt gunzip gzip hd hexdump hostname ipcalc killall last logger login logread lsof lzcat lzma lzop microcom mim more "
        + "nc netstat nslookup openvt passwd patch ping ping6 printenv rev resize rpm2cpio run-parts script sh3sum sha3sum setsid strings su "
        + "tar telnet time traceroute ts ttysize uncompress unix2dos unlzma unxz unzip usleep uudecode uuencode vi wget which whoami xargs "
        + "xxd xz xzcat zcat";
    static final String SBIN_APPLETS = "acpid arp arping blkdiscard blockdev brctl chroot crond fbset findfs freeramdisk fsfreeze fstrim getty halt "
        + "hwclock ifconfig ifdown ifup init insmod ip ipneigh klogd loadfont loadkmap losetup lsmod mdev mkdosfs mke2fs mkswap modinfo modprobe "
        + "nameif partprobe pivot_root poweroff rdate reboot rmmod route setkeycodes start-stop-daemon sulogin swapoff swapon switch_root "
        + "sysctl syslogd tunctl udhcpc vconfig watchdog";
    static final String BIN_APPLETS = "dmesg ionice linux32 linux64 lsscsi mount mountpoint mt pidof renice setpriv taskset umount unshare nsenter";

    /** Directories with their modes; owner root. */
    static final Map<String, Integer> DIRECTORIES = Map.ofEntries(Map.entry("boot", 0755), Map.entry("dev", 0755), Map.entry("proc", 0555),
        Map.entry("sys", 0555), Map.entry("run", 0755), Map.entry("tmp", 01777), Map.entry("mnt", 0755), Map.entry("media", 0755),
        Map.entry("root", 0700), Map.entry("home", 0755), Map.entry("opt", 0755), Map.entry("srv", 0755), Map.entry("usr/bin", 0755),
        Map.entry("usr/sbin", 0755), Map.entry("usr/lib", 0755), Map.entry("usr/lib64", 0755), Map.entry("usr/local/bin", 0755),
        Map.entry("usr/local/sbin", 0755), Map.entry("var/log", 0755), Map.entry("var/tmp", 01777), Map.entry("var/lib/dpkg", 0755),
        Map.entry("var/cache", 0755), Map.entry("var/spool", 0755), Map.entry("usr/local/lib", 0755), Map.entry("usr/local/share", 0755));

    /** Permissions of overlay files where 0644 is wrong. */
    static final Map<String, Integer> MODES = Map.of("etc/shadow", 0640, "etc/gshadow", 0640, "usr/lib/kmos/autologin", 0755,
        "etc/init.d/rcS", 0755);

    /** Data that is read on the way to the first prompt lies first on the disk, so that few chunks are fetched. */
    static final List<String> BOOT_FILES = List.of("usr/bin/busybox", "etc/inittab", "etc/init.d/rcS", "etc/passwd", "etc/group", "etc/shadow",
        "etc/nsswitch.conf", "usr/lib/kmos/autologin", "usr/bin/dash", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "usr/lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libtinfo.so.6.4", "usr/bin/bash", "etc/profile", "etc/bash.bashrc",
        "root/.profile", "root/.bashrc", "etc/motd", "usr/lib/terminfo/x/xterm-256color", "usr/lib/terminfo/l/linux", "usr/share/terminfo/x/xterm-256color",
        "usr/lib/locale/C.utf8/LC_CTYPE", "etc/hostname");

    static final long DISK_BYTES = 256L << 20;
    static final int FIRST_SECTOR = 2048, BLOCK_SIZE = 4096, INODES_PER_GROUP = 8192, DISK_SIGNATURE = 0x6B6D6F73;
    static final String LABEL = "kmos-root";
    /** 6b6d6f73-0000-4000-8000-000000000001. */
    static final byte[] UUID = {0x6B, 0x6D, 0x6F, 0x73, 0, 0, 0x40, 0, (byte) 0x80, 0, 0, 0, 0, 0, 0, 1};
    /** All times that no package gives: 2026-01-01 00:00:00 UTC. */
    static final long EPOCH_SECONDS = 1_767_225_600L;
    /** Small, so that little is fetched that nobody reads; what the boot reads is fetched ahead (manifest: boot). */
    static final int CHUNK_BYTES = 64 << 10;

    private Recipe() { }
}
