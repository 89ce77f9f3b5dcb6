// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

/** The metadata blocks of one device. (Placeholder signature: the owner of kmos.fs.block completes it.) */
public final class BlockCache {
}
