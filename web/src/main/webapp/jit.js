// SPDX-License-Identifier: Apache-2.0
// Compiles the modules that the region compiler writes into linear memory and keeps the table of their functions.

const TABLE_SIZE = 32768;

/** (module (table) (type (func (result i32))) (func (export "call") (param i32) (result i32) local.get 0 call_indirect)) */
const CALLER = new Uint8Array([
  0, 0x61, 0x73, 0x6D, 1, 0, 0, 0,
  1, 10, 2, 0x60, 0, 1, 0x7F, 0x60, 1, 0x7F, 1, 0x7F,
  2, 15, 1, 3, 0x65, 0x6E, 0x76, 5, 0x74, 0x61, 0x62, 0x6C, 0x65, 1, 0x70, 0, 1,
  3, 2, 1, 1,
  7, 8, 1, 4, 0x63, 0x61, 0x6C, 0x6C, 0, 0,
  10, 9, 1, 7, 0, 0x20, 0, 0x11, 0, 0, 0x0B,
]);

export class Jit {
  constructor(memory) {
    this.memory = memory;
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: TABLE_SIZE });
    this.call = new WebAssembly.Instance(new WebAssembly.Module(CALLER), { env: { table: this.table } }).exports.call;
    this.java = null;
    this.modules = 0;
    this.bytes = 0;
    this.milliseconds = 0;
  }

  /** exports: the machine's module, whose functions compiled code calls directly. */
  connect(exports) {
    const java = {};
    for (const name of ['miss', 'handler', 'condition', 'highUnsigned', 'highSigned', 'repeat']) java[name] = exports[`jit.${name}`];
    this.environment = { env: { memory: this.memory, table: this.table }, java };
  }

  imports() {
    return {
      call: this.call,
      install: (address, length) => this.install(address, length),
      clear: () => this.clear(),
    };
  }

  install(address, length) {
    const begin = performance.now();
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(this.memory.buffer, address, length)), this.environment);
    this.modules++;
    this.bytes += length;
    this.milliseconds += performance.now() - begin;
  }

  clear() {
    for (let i = 0; i < TABLE_SIZE; i++) {
      if (this.table.get(i) === null && i > 0) break;
      this.table.set(i, null);
    }
  }
}
