// SPDX-License-Identifier: Apache-2.0
// Compiles the modules that the region compiler writes into linear memory and keeps the table of their functions.

/**
 * (module (type $region (func (param i32) (result i32))) (table (export "table") 32768 32768 (ref $region) (ref.func $stub))
 * (func (export "call") (param i32) (result i32) i32.const 0 local.get 0 call_indirect) (func $stub (export "stub") (type $region) i32.const 0)):
 * enters a region as the outermost one; stands for regions that are not there. A table of one type and a fixed size needs no tests at calls.
 */
const CALLER = new Uint8Array([
  0, 0x61, 0x73, 0x6D, 1, 0, 0, 0,
  1, 6, 1, 0x60, 1, 0x7F, 1, 0x7F,
  3, 3, 2, 0, 0,
  4, 15, 1, 0x40, 0, 0x64, 0, 1, 0x80, 0x80, 2, 0x80, 0x80, 2, 0xD2, 1, 0x0B,
  7, 23, 3, 5, 0x74, 0x61, 0x62, 0x6C, 0x65, 1, 0, 4, 0x63, 0x61, 0x6C, 0x6C, 0, 0, 4, 0x73, 0x74, 0x75, 0x62, 0, 1,
  10, 16, 2, 9, 0, 0x41, 0, 0x20, 0, 0x11, 0, 0, 0x0B, 4, 0, 0x41, 0, 0x0B,
]);

export class Jit {
  constructor(memory) {
    this.memory = memory;
    const { table, call, stub } = new WebAssembly.Instance(new WebAssembly.Module(CALLER)).exports;
    this.table = table;
    this.call = call;
    this.stub = stub;
    this.used = 1;
    this.java = null;
    this.modules = 0;
    this.bytes = 0;
    this.milliseconds = 0;
  }

  /** exports: the machine's module, whose functions compiled code calls directly. */
  connect(exports) {
    const java = {};
    for (const [name, value] of Object.entries(exports)) if (name.startsWith('jit.')) java[name.slice(4)] = value;
    this.environment = { env: { memory: this.memory, table: this.table }, java };
  }

  imports() {
    return {
      call: this.call,
      install: (address, length) => this.install(address, length),
      now: () => performance.now(),
      remove: slot => this.table.set(slot, this.stub),
      clear: () => this.clear(),
    };
  }

  install(address, length) {
    const begin = performance.now();
    try {
      new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(this.memory.buffer, address, length)), this.environment);
    } catch (problem) {
      // Out of memory for code, or a module beyond the engine's limits: the interpreter goes on without it.
      console.warn(`a region was not compiled: ${problem}`);
      return 0;
    }
    this.modules++;
    this.used++;
    this.bytes += length;
    this.milliseconds += performance.now() - begin;
    return 1;
  }

  /** The next slots are given out from 1 again. */
  clear() {
    for (let i = 0; i < this.used; i++) this.table.set(i, this.stub);
    this.used = 1;
  }
}
