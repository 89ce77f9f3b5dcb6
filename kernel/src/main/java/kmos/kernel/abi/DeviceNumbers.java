// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** Device numbers as in st_dev and mknod(2): minor bits 0-7, major bits 8-19, minor bits 8-19 above (new_encode_dev). */
public final class DeviceNumbers {
    private DeviceNumbers() { }

    public static int makedev(int major, int minor) {
        return minor & 0xFF | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12;
    }

    public static int major(int device) {
        return device >>> 8 & 0xFFF;
    }

    public static int minor(int device) {
        return device & 0xFF | device >>> 12 & 0xFFF00;
    }
}
