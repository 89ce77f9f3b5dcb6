// SPDX-License-Identifier: Apache-2.0
/** Values and layouts of the Linux user ABI, with their C names, and the register conventions of both architectures. */
package kmos.kernel.abi;
