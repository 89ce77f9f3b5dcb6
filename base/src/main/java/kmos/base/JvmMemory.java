// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** {@link Memory} on the JVM: one byte array of {@code -Dkmos.memory} MiB (default 512), bounds-checked. */
final class JvmMemory {
    private static final byte[] BYTES = new byte[Integer.getInteger("kmos.memory", 512) << 20];
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private JvmMemory() { }

    static int get8(int a) {
        return BYTES[a] & 0xFF;
    }

    static int get16(int a) {
        return (short) SHORT.get(BYTES, a) & 0xFFFF;
    }

    static int get32(int a) {
        return (int) INT.get(BYTES, a);
    }

    static long get64(int a) {
        return (long) LONG.get(BYTES, a);
    }

    static void put8(int a, int v) {
        BYTES[a] = (byte) v;
    }

    static void put16(int a, int v) {
        SHORT.set(BYTES, a, (short) v);
    }

    static void put32(int a, int v) {
        INT.set(BYTES, a, v);
    }

    static void put64(int a, long v) {
        LONG.set(BYTES, a, v);
    }

    static void copy(int from, int to, int count) {
        System.arraycopy(BYTES, from, BYTES, to, count);
    }

    static void fill(int a, int count, int value) {
        Arrays.fill(BYTES, a, a + count, (byte) value);
    }

    static void read(int a, byte[] to, int offset, int count) {
        System.arraycopy(BYTES, a, to, offset, count);
    }

    static void write(int a, byte[] from, int offset, int count) {
        System.arraycopy(from, offset, BYTES, a, count);
    }
}
