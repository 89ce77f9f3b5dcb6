// SPDX-License-Identifier: Apache-2.0
/** Block devices, the cache of metadata blocks, transactions over it, and partition tables. */
package kmos.fs.block;
