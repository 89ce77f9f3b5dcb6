// SPDX-License-Identifier: Apache-2.0
/**
 * Replays recorded results of a real processor: files of text lines (B base state, I instruction, T test) that say what one
 * instruction did to registers, flags and memory. {@link kmos.vectors.Replay} is the one runner; back ends differ below it.
 */
package kmos.vectors;
