// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit.jvm;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import kmos.base.Memory;
import kmos.cpu.fpu.X87Calls;
import kmos.cpu.jit.JitBackend;
import kmos.cpu.jit.JitRuntime;
import kmos.cpu.jit.PureFunctions;

/** Regions run by Chicory, interpreted or compiled to JVM bytecode. */
public final class ChicoryBackend implements JitBackend {
    /** (module (func (param i32) (result i32) i32.const 0)) */
    private static final byte[] STUB = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7F, 1, 0x7F, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x41, 0, 0x0B};

    private final int cpu;
    private final boolean isCompiling;
    private final LinearMemory memory = new LinearMemory();
    private TableInstance table;
    private Instance stub;
    private ImportValues imports;
    private int modules;

    /** cpu: the vCPU's base, which the helpers get as their first argument. */
    public ChicoryBackend(int cpu, boolean isCompiling) {
        this.cpu = cpu;
        this.isCompiling = isCompiling;
        clear();
    }

    /** Chicory 1.5.1 loses the callee's locals when it tail-calls into another instance. */
    @Override
    public boolean hasTailCalls() {
        return false;
    }

    @Override
    public boolean hasTypedTable() {
        return false;
    }

    /** Chicory 1.5.1 has no vectors in its runtime artifact. */
    @Override
    public boolean hasSimd() {
        return false;
    }

    @Override
    public double milliseconds() {
        return System.nanoTime() / 1e6;
    }

    @Override
    public void clear() {
        table = new TableInstance(new Table(ValType.FuncRef, new TableLimits(TABLE_SIZE, TABLE_SIZE)), -1);
        stub = Instance.builder(Parser.parse(STUB)).build();
        for (int i = 0; i < TABLE_SIZE; i++) {
            remove(i);
        }
        List<ValType> i64i32 = List.of(ValType.I64, ValType.I32), i32 = List.of(ValType.I32), i64 = List.of(ValType.I64), two = List.of(ValType.I64, ValType.I64);
        ImportValues.Builder builder = ImportValues.builder()
            .addMemory(new ImportMemory("env", "memory", memory))
            .addTable(new ImportTable("env", "table", table))
            .addFunction(function("miss", i64i32, i32, (i, a) -> one(JitRuntime.miss(cpu, a[0], (int) a[1]))))
            .addFunction(function("handler", i32, i32, (i, a) -> one(JitRuntime.handler(cpu, (int) a[0]))))
            .addFunction(function("condition", List.of(ValType.I32, ValType.I32, ValType.I64, ValType.I64, ValType.I32), i32,
                (i, a) -> one(PureFunctions.condition((int) a[0], (int) a[1], a[2], a[3], (int) a[4]))))
            .addFunction(function("highUnsigned", two, i64, (i, a) -> new long[] {PureFunctions.highUnsigned(a[0], a[1])}))
            .addFunction(function("highSigned", two, i64, (i, a) -> new long[] {PureFunctions.highSigned(a[0], a[1])}))
            .addFunction(function("repeat", i32, i32, (i, a) -> one(JitRuntime.repeat(cpu, (int) a[0]))))
            .addFunction(function("link", i32, List.of(), (i, a) -> {
                JitRuntime.link(cpu, (int) a[0]);
                return new long[0];
            }))
            .addFunction(function("pin", List.of(ValType.I64, ValType.I32, ValType.I32), i32, (i, a) -> one(JitRuntime.pin(cpu, a[0], (int) a[1], (int) a[2]))))
            .addFunction(function("x87", List.of(ValType.I32, ValType.I32, ValType.I32), i32, (i, a) -> one(X87Calls.call(cpu, (int) a[0], (int) a[1], (int) a[2]))));
        imports = builder.build();
    }

    private static HostFunction function(String name, List<ValType> parameters, List<ValType> results, WasmFunctionHandle body) {
        return new HostFunction("java", name, FunctionType.of(parameters, results), body);
    }

    private static long[] one(int v) {
        return new long[] {v & 0xFFFFFFFFL};
    }

    @Override
    public boolean install(int address, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) Memory.get8(address + i);
        }
        WasmModule module = Parser.parse(bytes);
        Instance.Builder builder = Instance.builder(module).withImportValues(imports);
        if (isCompiling) {
            builder.withMachineFactory(MachineFactoryCompiler.compile(module));
        }
        builder.build();
        modules++;
        return true;
    }

    @Override
    public void remove(int slot) {
        table.setRef(slot, 0, stub);
    }

    /** Modules installed since the start. */
    public int modules() {
        return modules;
    }

    @Override
    public int run(int slot) {
        return (int) table.instance(slot).getMachine().call(table.requiredRef(slot), new long[1])[0];
    }
}
