// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** A Wasm function's locals and code, the offsets in it of branches that are hardly ever taken, ascending, and whether it calls {@link FpuFunctions}. */
record FunctionBody(ByteWriter code, List<Integer> rareBranches, boolean callsFpuFunctions) { }
