// SPDX-License-Identifier: Apache-2.0
/**
 * execve: reading ELF files and scripts, the new address space, the first stack, and the switch to it.
 *
 * <p>Read first: {@link kmos.kernel.exec.Exec}. All that can fail or wait happens while the new address space is built
 * beside the old one; the switch itself cannot.
 */
package kmos.kernel.exec;
