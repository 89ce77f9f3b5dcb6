// SPDX-License-Identifier: Apache-2.0
// Compiles the modules that the region compiler writes into linear memory and keeps the table of their functions.

const TABLE_SIZE = 32768;

/**
 * (module (table) (type (func (param i32) (result i32))) (func (export "call") (param i32) (result i32) i32.const 0 local.get 0 call_indirect)
 * (func (export "stub") (param i32) (result i32) i32.const 0)): enters a region as the outermost one; stands for regions that are not there.
 */
const CALLER = new Uint8Array([
  0, 0x61, 0x73, 0x6D, 1, 0, 0, 0,
  1, 6, 1, 0x60, 1, 0x7F, 1, 0x7F,
  2, 15, 1, 3, 0x65, 0x6E, 0x76, 5, 0x74, 0x61, 0x62, 0x6C, 0x65, 1, 0x70, 0, 1,
  3, 3, 2, 0, 0,
  7, 15, 2, 4, 0x63, 0x61, 0x6C, 0x6C, 0, 0, 4, 0x73, 0x74, 0x75, 0x62, 0, 1,
  10, 16, 2, 9, 0, 0x41, 0, 0x20, 0, 0x11, 0, 0, 0x0B, 4, 0, 0x41, 0, 0x0B,
]);

export class Jit {
  constructor(memory) {
    this.memory = memory;
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: TABLE_SIZE });
    const caller = new WebAssembly.Instance(new WebAssembly.Module(CALLER), { env: { table: this.table } }).exports;
    this.call = caller.call;
    this.stub = caller.stub;
    this.used = TABLE_SIZE;
    this.clear();
    this.java = null;
    this.modules = 0;
    this.bytes = 0;
    this.milliseconds = 0;
  }

  /** exports: the machine's module, whose functions compiled code calls directly. */
  connect(exports) {
    const java = {};
    for (const name of ['miss', 'handler', 'condition', 'highUnsigned', 'highSigned', 'repeat', 'link', 'pin', 'x87']) java[name] = exports[`jit.${name}`];
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
