// SPDX-License-Identifier: Apache-2.0
/**
 * Runs at build time: reads the table, runs every meaning with {@link kmos.isa.build.JavaEmit} and writes the
 * interpreter's handlers, its switches and the decoder's tables. What it writes never goes into git.
 */
package kmos.isa.build;
