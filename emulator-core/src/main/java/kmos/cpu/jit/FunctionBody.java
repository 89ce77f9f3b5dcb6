// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** A Wasm function's locals and code, the offsets in it of branches that are hardly ever taken, ascending, whether its guest code is 64-bit, and whether it calls {@link FpuFunctions}. */
record FunctionBody(ByteWriter code, List<Integer> rareBranches, boolean is64, boolean callsFpuFunctions) { }
