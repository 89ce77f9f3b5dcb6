// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

/**
 * The instructions of the vdso and where its functions are in them. The bytes are what an assembler makes of
 * src/main/asm/vdso-32.s and vdso-64.s; a test assembles these again and compares.
 */
public final class VdsoCode {
    /** A function: its name, its place and length in the code, and the version that its symbol has. */
    record Symbol(String name, int offset, int size, String version) { }

    /** __kernel_vsyscall's landing pad: where a program goes on after sysenter. */
    static final int LANDING_PAD = 9;
    static final int SIGRETURN = 0x40, RT_SIGRETURN = 0x80;
    private static final String CLOCKS = "LINUX_2.6", CALLS = "LINUX_2.5";

    private VdsoCode() { }

    static Symbol[] symbols(boolean is64Bit) {
        return is64Bit ? new Symbol[] {
            new Symbol("__vdso_clock_gettime", 0, 0x4F, CLOCKS), new Symbol("clock_gettime", 0, 0x4F, CLOCKS),
            new Symbol("__vdso_gettimeofday", 0x80, 0x5F, CLOCKS), new Symbol("gettimeofday", 0x80, 0x5F, CLOCKS),
            new Symbol("__vdso_time", 0x100, 0x35, CLOCKS), new Symbol("time", 0x100, 0x35, CLOCKS),
            new Symbol("__vdso_getcpu", 0x140, 0x11, CLOCKS), new Symbol("getcpu", 0x140, 0x11, CLOCKS),
            new Symbol("__vdso_clock_getres", 0x180, 0x35, CLOCKS), new Symbol("clock_getres", 0x180, 0x35, CLOCKS)}
            : new Symbol[] {
                new Symbol("__kernel_vsyscall", 0, 13, CALLS), new Symbol("__kernel_sigreturn", SIGRETURN, 8, CALLS),
                new Symbol("__kernel_rt_sigreturn", RT_SIGRETURN, 7, CALLS), new Symbol("__vdso_clock_gettime", 0xC0, 0x40, CLOCKS),
                new Symbol("__vdso_clock_gettime64", 0x100, 0x40, CLOCKS), new Symbol("__vdso_gettimeofday", 0x140, 0x40, CLOCKS),
                new Symbol("__vdso_time", 0x180, 0x16, CLOCKS), new Symbol("__vdso_getcpu", 0x1C0, 0x17, CLOCKS),
                new Symbol("__vdso_clock_getres", 0x200, 0x3D, CLOCKS)};
    }

    /** The instructions, position-independent; the data page lies 0x1800 bytes before them. */
    public static byte[] code(boolean is64Bit) {
        String hex = is64Bit ? AMD64 : I386;
        byte[] code = new byte[hex.length() / 2];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) (Character.digit(hex.charAt(2 * i), 16) << 4 | Character.digit(hex.charAt(2 * i + 1), 16));
        }
        return code;
    }

    private static final String AMD64 = "83ff077742b8930000000fa3f873384c8d05eae7ffff458b080f3148c1e2204809d048c1e80285ff750449034008453b"
        + "0875e331d2b900ca9a3b48f7f14889064889560831c0c3b8e40000000f05c30000000000000000000000000000000000"
        + "00000000000000000000000000000000000000000000000000000000000000004885ff743c4c8d0574e7ffff458b080f"
        + "3148c1e2204809d048c1e80249034008453b0875e731d2b900ca9a3b48f7f148890789d031d2b9e8030000f7f1488947"
        + "084885f6740748c7060000000031c0c30000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000000000000000000000004c8d05f9e6ffff458b080f3148c1e2204809d048c1e80249034008453b0875e7"
        + "31d2b900ca9a3b48f7f14885ff7403488907c30000000000000000000000000031c04885ff740289074885f674028906"
        + "c30000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "83ff077721b8930000000fa3f873174885f6740f48c7060000000048c746080100000031c0c3b8e50000000f05c30000"
        + "00000000000000000000000000000000";

    private static final String I386 = "51525589e50f34cd805d5a59c30000000000000000000000000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000058b877000000cd80000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000000000000000000000000000000000000b8ad000000cd80000000000000000000"
        + "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "8b4c2404e877010000720c8b4c2408890189510431c0c3538b5c24088b4c240cb809010000cd805bc300000000000000"
        + "000000000000000000000000000000008b4c2404e837010000721a8b4c24088901c7410400000000895108c7410c0000"
        + "000031c0c3538b5c24088b4c240cb893010000cd805bc3000000000000000000837c240400741d31c9e8f20000008b4c"
        + "2404890189d031d253bbe8030000f7f35b8941048b4c240885c9740dc70100000000c741040000000031c0c300000000"
        + "31c9e8b90000008b4c240485c974028901c3000000000000000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000031c08b4c240485c9740289018b4c240885c974028901c3000000000000000000"
        + "00000000000000000000000000000000000000000000000000000000000000008b4c240483f9077722b8930000000fa3"
        + "c873188b4c240885c9740dc70100000000c741040100000031c0c3538b5c24088b4c240cb80a010000cd805bc3000000"
        + "83f907773cb8930000000fa3c873325356e8000000005b8d9baae5ffff8b330f310facd002c1ea0285c9750603430813"
        + "530c3b3375e7b900ca9a3bf7f15e5bf8c3f9c30000000000000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000000000000000000000000000000000000";
}
