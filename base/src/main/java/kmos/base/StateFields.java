// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.List;

/**
 * The visitor that {@link Stateful#state} talks to. Every method gets a field's name and present value and returns the
 * value to keep: the same when saving or hashing, the saved one (or the present one, if the file lacks it) when loading.
 *
 * <p>Objects: {@link #struct} is a part that exists on both sides (a device of the machine); {@link #ref} is an edge of
 * the object graph, numbered in first-visit order and created on loading by its name in {@link StateTypes}.
 */
public abstract class StateFields {
    /** True when values come from a file: then rebuild what is derived after reading the fields. */
    public abstract boolean isLoading();

    /** When loading: RAM has its content from elsewhere, and whoever wrote there has told; what is derived from its content stays. */
    public boolean keepsRam() {
        return false;
    }

    public abstract long i64(String name, long value);

    public abstract byte[] bytes(String name, byte[] value);

    /** A part with its own names, present on both sides. */
    public abstract void struct(String name, Stateful part);

    /** A reference to another object of the graph, or null. */
    public abstract <T extends Stateful> T ref(String name, T value, Class<T> type);

    /** A list of references, replaced in place when loading. */
    public abstract <T extends Stateful> void refs(String name, List<T> list, Class<T> type);

    /** A range of linear memory. */
    public abstract void memory(String name, int address, int count);

    /** The same where written tells which of its pages may hold something: the others are zero, and are not looked at. */
    public void memory(String name, int address, int count, WrittenPages written) {
        memory(name, address, count);
    }

    /** A linear address inside guest RAM (0: none), saved relative to the machine's RAM. */
    public abstract int address(String name, int linear);

    public boolean bool(String name, boolean value) {
        return i64(name, value ? 1 : 0) != 0;
    }

    public int u8(String name, int value) {
        return (int) i64(name, value) & 0xFF;
    }

    public int u16(String name, int value) {
        return (int) i64(name, value) & 0xFFFF;
    }

    public int i32(String name, int value) {
        return (int) i64(name, value);
    }

    /** Text of any characters, or null. */
    public String text(String name, String value) {
        byte[] b = bytes(name, value == null ? null : utf16(value));
        if (b == null) {
            return null;
        }
        char[] c = new char[b.length / 2];
        for (int i = 0; i < c.length; i++) {
            c[i] = (char) LittleEndian.get16(b, i * 2);
        }
        return new String(c);
    }

    public int[] ints(String name, int[] value) {
        byte[] in = null;
        if (value != null) {
            in = new byte[value.length * 4];
            for (int i = 0; i < value.length; i++) {
                LittleEndian.put32(in, i * 4, value[i]);
            }
        }
        byte[] b = bytes(name, in);
        if (!isLoading() || b == null) {
            return isLoading() ? null : value;
        }
        int[] out = new int[b.length / 4];
        for (int i = 0; i < out.length; i++) {
            out[i] = LittleEndian.get32(b, i * 4);
        }
        return out;
    }

    public long[] longs(String name, long[] value) {
        byte[] in = null;
        if (value != null) {
            in = new byte[value.length * 8];
            for (int i = 0; i < value.length; i++) {
                LittleEndian.put64(in, i * 8, value[i]);
            }
        }
        byte[] b = bytes(name, in);
        if (!isLoading() || b == null) {
            return isLoading() ? null : value;
        }
        long[] out = new long[b.length / 8];
        for (int i = 0; i < out.length; i++) {
            out[i] = LittleEndian.get64(b, i * 8);
        }
        return out;
    }

    private static byte[] utf16(String text) {
        byte[] b = new byte[text.length() * 2];
        for (int i = 0; i < text.length(); i++) {
            LittleEndian.put16(b, i * 2, text.charAt(i));
        }
        return b;
    }
}
