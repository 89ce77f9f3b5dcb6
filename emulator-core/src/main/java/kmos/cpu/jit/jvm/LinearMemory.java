// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit.jvm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.DataSegment;
import kmos.base.Memory;

/** The one linear memory, as the WebAssembly runtime sees it. */
final class LinearMemory implements com.dylibso.chicory.runtime.Memory {
    @Override
    public int pages() {
        return 1 << 15;
    }

    @Override
    public int grow(int pages) {
        return -1;
    }

    @Override
    public int initialPages() {
        return pages();
    }

    @Override
    public int maximumPages() {
        return pages();
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public Object lock(int address) {
        return this;
    }

    @Override
    public int waitOn(int address, int expected, long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int waitOn(int address, long expected, long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int notify(int address, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {
        // Region modules have no data.
    }

    @Override
    public void initPassiveSegment(int segment, int to, int from, int size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(int address, byte[] data, int offset, int size) {
        for (int i = 0; i < size; i++) {
            Memory.put8(address + i, data[offset + i]);
        }
    }

    @Override
    public byte read(int address) {
        return (byte) Memory.get8(address);
    }

    @Override
    public byte[] readBytes(int address, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) Memory.get8(address + i);
        }
        return bytes;
    }

    @Override
    public void writeI32(int address, int value) {
        Memory.put32(address, value);
    }

    @Override
    public int readInt(int address) {
        return Memory.get32(address);
    }

    @Override
    public void writeLong(int address, long value) {
        Memory.put64(address, value);
    }

    @Override
    public long readLong(int address) {
        return Memory.get64(address);
    }

    @Override
    public void writeShort(int address, short value) {
        Memory.put16(address, value);
    }

    @Override
    public short readShort(int address) {
        return (short) Memory.get16(address);
    }

    @Override
    public long readU16(int address) {
        return Memory.get16(address);
    }

    @Override
    public void writeByte(int address, byte value) {
        Memory.put8(address, value);
    }

    @Override
    public void writeF32(int address, float value) {
        Memory.put32(address, Float.floatToRawIntBits(value));
    }

    @Override
    public long readF32(int address) {
        return Memory.get32(address);
    }

    @Override
    public float readFloat(int address) {
        return Float.intBitsToFloat(Memory.get32(address));
    }

    @Override
    public void writeF64(int address, double value) {
        Memory.put64(address, Double.doubleToRawLongBits(value));
    }

    @Override
    public double readDouble(int address) {
        return Double.longBitsToDouble(Memory.get64(address));
    }

    @Override
    public long readF64(int address) {
        return Memory.get64(address);
    }

    @Override
    public void zero() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void fill(byte value, int from, int to) {
        Memory.fill(from, to - from, value);
    }

    @Override
    public void drop(int segment) {
        throw new UnsupportedOperationException();
    }
}
