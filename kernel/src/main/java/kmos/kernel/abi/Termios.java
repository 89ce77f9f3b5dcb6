// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** <asm-generic/termbits.h> and <asm-generic/ioctls.h> of terminals; the same for i386 and amd64. */
public final class Termios {
    private Termios() { }

    // c_iflag
    public static final int IGNBRK = 1, BRKINT = 2, IGNPAR = 4, PARMRK = 010, INPCK = 020, ISTRIP = 040, INLCR = 0100, IGNCR = 0200;
    public static final int ICRNL = 0400, IUCLC = 01000, IXON = 02000, IXANY = 04000, IXOFF = 010000, IMAXBEL = 020000, IUTF8 = 040000;
    // c_oflag
    public static final int OPOST = 1, OLCUC = 2, ONLCR = 4, OCRNL = 010, ONOCR = 020, ONLRET = 040, OFILL = 0100, OFDEL = 0200;
    public static final int TABDLY = 014000, XTABS = 014000;
    // c_cflag
    public static final int CBAUD = 010017, B9600 = 015, B38400 = 017, B115200 = 010002, CS8 = 060, CSTOPB = 0100, CREAD = 0200;
    public static final int PARENB = 0400, PARODD = 01000, HUPCL = 02000, CLOCAL = 04000;
    // c_lflag
    public static final int ISIG = 1, ICANON = 2, XCASE = 4, ECHO = 010, ECHOE = 020, ECHOK = 040, ECHONL = 0100, NOFLSH = 0200;
    public static final int TOSTOP = 0400, ECHOCTL = 01000, ECHOPRT = 02000, ECHOKE = 04000, FLUSHO = 010000, IEXTEN = 0100000;
    // c_cc
    public static final int VINTR = 0, VQUIT = 1, VERASE = 2, VKILL = 3, VEOF = 4, VTIME = 5, VMIN = 6, VSWTC = 7, VSTART = 8;
    public static final int VSTOP = 9, VSUSP = 10, VEOL = 11, VREPRINT = 12, VDISCARD = 13, VWERASE = 14, VLNEXT = 15, VEOL2 = 16;
    public static final int NCCS = 19;

    public static final int TCGETS = 0x5401, TCSETS = 0x5402, TCSETSW = 0x5403, TCSETSF = 0x5404, TCGETA = 0x5405, TCSETA = 0x5406;
    public static final int TCSETAW = 0x5407, TCSETAF = 0x5408, TCSBRK = 0x5409, TCXONC = 0x540A, TCFLSH = 0x540B, TIOCEXCL = 0x540C;
    public static final int TIOCNXCL = 0x540D, TIOCSCTTY = 0x540E, TIOCGPGRP = 0x540F, TIOCSPGRP = 0x5410, TIOCOUTQ = 0x5411;
    public static final int TIOCSTI = 0x5412, TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414, TIOCMGET = 0x5415, FIONREAD = 0x541B;
    public static final int TIOCCONS = 0x541D, TIOCPKT = 0x5420, FIONBIO = 0x5421, TIOCNOTTY = 0x5422, TIOCSETD = 0x5423;
    public static final int TIOCGETD = 0x5424, TCSBRKP = 0x5425, TIOCGSID = 0x5429, FIONCLEX = 0x5450, FIOCLEX = 0x5451, FIOASYNC = 0x5452;
    public static final int TCGETS2 = 0x802C542A, TCSETS2 = 0x402C542B, TCSETSW2 = 0x402C542C, TCSETSF2 = 0x402C542D;
    public static final int TIOCGPTN = 0x80045430, TIOCSPTLCK = 0x40045431, TIOCGPTLCK = 0x80045439, TIOCGPKT = 0x80045438, TIOCGPTPEER = 0x5441;
    public static final int TIOCGEXCL = 0x80045440;
    public static final int TCIFLUSH = 0, TCOFLUSH = 1, TCIOFLUSH = 2, TCOOFF = 0, TCOON = 1, TCIOFF = 2, TCION = 3;

    // Linux console
    public static final int KDGETMODE = 0x4B3B, KDSETMODE = 0x4B3A, KDGKBTYPE = 0x4B33, KDGKBMODE = 0x4B44, KDSKBMODE = 0x4B45;
    public static final int KDGKBLED = 0x4B64, KDGETLED = 0x4B31, KB_101 = 2, K_UNICODE = 3, KD_TEXT = 0, KD_GRAPHICS = 1;
}
