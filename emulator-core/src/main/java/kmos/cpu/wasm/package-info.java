// SPDX-License-Identifier: Apache-2.0
/** Compiled regions in the browser: imports from and exports to the worker that compiles the modules. */
package kmos.cpu.wasm;
