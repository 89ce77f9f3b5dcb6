// SPDX-License-Identifier: Apache-2.0
/** Compiled regions on the JVM, through a WebAssembly runtime written in Java: for tests, so that bugs are found without a browser. */
package kmos.cpu.jit.jvm;
