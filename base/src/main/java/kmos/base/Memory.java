// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import org.teavm.interop.Address;
import org.teavm.interop.PlatformMarker;
import org.teavm.interop.Platforms;

/**
 * The one linear memory: guest RAM, CPU state, TLBs and decoded code, at absolute int addresses below 2 GiB.
 * In WebAssembly this is the module's memory (and JIT-made modules import it too); on the JVM one byte array.
 * All accesses are little-endian and may be unaligned. Addresses are the caller's duty: guest addresses are
 * translated before they come here.
 */
public final class Memory {
    /** Below this the WebAssembly runtime keeps its own data; ours starts here, on the JVM as well. */
    public static final int START = 4 << 20;

    private Memory() { }

    @PlatformMarker(Platforms.WEBASSEMBLY_GC)
    private static boolean wasm() {
        return false;
    }

    public static int get8(int address) {
        if (wasm()) {
            return Address.fromInt(address).getByte() & 0xFF;
        }
        return JvmMemory.get8(address);
    }

    /** Sign-extended byte. */
    public static int getSigned8(int address) {
        if (wasm()) {
            return Address.fromInt(address).getByte();
        }
        return (byte) JvmMemory.get8(address);
    }

    public static int get16(int address) {
        if (wasm()) {
            return Address.fromInt(address).getChar();
        }
        return JvmMemory.get16(address);
    }

    /** Sign-extended 16-bit word. */
    public static int getSigned16(int address) {
        if (wasm()) {
            return Address.fromInt(address).getShort();
        }
        return (short) JvmMemory.get16(address);
    }

    public static int get32(int address) {
        if (wasm()) {
            return Address.fromInt(address).getInt();
        }
        return JvmMemory.get32(address);
    }

    public static long get64(int address) {
        if (wasm()) {
            return Address.fromInt(address).getLong();
        }
        return JvmMemory.get64(address);
    }

    /** Zero-extended 32-bit word. */
    public static long getUnsigned32(int address) {
        return get32(address) & 0xFFFFFFFFL;
    }

    public static void put8(int address, int value) {
        if (wasm()) {
            Address.fromInt(address).putByte((byte) value);
            return;
        }
        JvmMemory.put8(address, value);
    }

    public static void put16(int address, int value) {
        if (wasm()) {
            Address.fromInt(address).putShort((short) value);
            return;
        }
        JvmMemory.put16(address, value);
    }

    public static void put32(int address, int value) {
        if (wasm()) {
            Address.fromInt(address).putInt(value);
            return;
        }
        JvmMemory.put32(address, value);
    }

    public static void put64(int address, long value) {
        if (wasm()) {
            Address.fromInt(address).putLong(value);
            return;
        }
        JvmMemory.put64(address, value);
    }

    /** memmove: the ranges may overlap. */
    public static void copy(int from, int to, int count) {
        if (wasm()) {
            Address.moveMemoryBlock(Address.fromInt(from), Address.fromInt(to), count);
            return;
        }
        JvmMemory.copy(from, to, count);
    }

    public static void fill(int address, int count, int value) {
        if (wasm()) {
            Address.fill(Address.fromInt(address), (byte) value, count);
            return;
        }
        JvmMemory.fill(address, count, value);
    }

    /** Copies linear memory into a Java array. */
    public static void read(int address, byte[] to, int offset, int count) {
        if (wasm()) {
            int i = 0;
            for (; i + 8 <= count; i += 8) {
                LittleEndian.put64(to, offset + i, get64(address + i));
            }
            for (; i < count; i++) {
                to[offset + i] = (byte) get8(address + i);
            }
            return;
        }
        JvmMemory.read(address, to, offset, count);
    }

    /** Copies a Java array into linear memory. */
    public static void write(int address, byte[] from, int offset, int count) {
        if (wasm()) {
            int i = 0;
            for (; i + 8 <= count; i += 8) {
                put64(address + i, LittleEndian.get64(from, offset + i));
            }
            for (; i < count; i++) {
                put8(address + i, from[offset + i]);
            }
            return;
        }
        JvmMemory.write(address, from, offset, count);
    }

    /** Whether count bytes are all zero. */
    public static boolean isZero(int address, int count) {
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            if (get64(address + i) != 0) {
                return false;
            }
        }
        for (; i < count; i++) {
            if (get8(address + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
