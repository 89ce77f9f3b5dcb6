// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.wasm;

import kmos.cpu.fpu.X87Calls;
import kmos.cpu.jit.JitBackend;
import kmos.cpu.jit.JitRuntime;
import kmos.cpu.jit.PureFunctions;
import org.teavm.interop.Export;
import org.teavm.interop.Import;

/** The browser's engine compiles and runs the regions; worker side: jit.js. One vCPU a worker. */
public final class WasmBackend implements JitBackend {
    private static int cpu;

    /** cpu: the vCPU's base, which the helpers get as their first argument. */
    public WasmBackend(int cpu) {
        WasmBackend.cpu = cpu;
        clear();
    }

    @Override
    public boolean install(int address, int length) {
        return installModule(address, length) != 0;
    }

    @Override
    public void remove(int slot) {
        removeSlot(slot);
    }

    @Override
    public int run(int slot) {
        return call(slot);
    }

    @Override
    public boolean hasTailCalls() {
        return true;
    }

    @Override
    public boolean hasTypedTable() {
        return true;
    }

    @Override
    public boolean hasSimd() {
        return true;
    }

    @Override
    public double milliseconds() {
        return now();
    }

    @Override
    public void clear() {
        clearTable();
    }

    @Import(module = "jit", name = "install")
    private static native int installModule(int address, int length);

    @Import(module = "jit", name = "remove")
    private static native void removeSlot(int slot);

    @Import(module = "jit", name = "clear")
    private static native void clearTable();

    /** performance.now(). */
    @Import(module = "jit", name = "now")
    private static native double now();

    /** A Wasm function that calls the table's entry. */
    @Import(module = "jit", name = "call")
    private static native int call(int slot);

    @Export(name = "jit.miss")
    static int miss(long address, int access) {
        return JitRuntime.miss(cpu, address, access);
    }

    @Export(name = "jit.handler")
    static int handler(int record) {
        return JitRuntime.handler(cpu, record);
    }

    @Export(name = "jit.repeat")
    static int repeat(int record) {
        return JitRuntime.repeat(cpu, record);
    }

    @Export(name = "jit.condition")
    static int condition(int fk, int fx, long a, long r, int code) {
        return PureFunctions.condition(fk, fx, a, r, code);
    }

    @Export(name = "jit.highUnsigned")
    static long highUnsigned(long a, long b) {
        return PureFunctions.highUnsigned(a, b);
    }

    @Export(name = "jit.highSigned")
    static long highSigned(long a, long b) {
        return PureFunctions.highSigned(a, b);
    }

    @Export(name = "jit.link")
    static void link(int cell) {
        JitRuntime.link(cpu, cell);
    }

    @Export(name = "jit.pin")
    static int pin(long address, int size, int cell) {
        return JitRuntime.pin(cpu, address, size, cell);
    }

    @Export(name = "jit.x87")
    static int x87(int code, int a, int b) {
        return X87Calls.call(cpu, code, a, b);
    }
}
