// SPDX-License-Identifier: Apache-2.0
/**
 * ext2, revisions 0 and 1, read and write: blocks of 1 to 4 KiB, file types in directories, large files, sparse
 * superblocks. (ext3 and ext4 features are refused with a message.)
 *
 * <p>Read first: {@link kmos.fs.ext.ExtSuperblock} (the disk's layout), ExtTransaction (how anything changes), ExtBlockMap
 * (where a file's blocks are), ExtDirectory, ExtInode (the operations).
 *
 * <p>Every operation is one transaction over metadata blocks: a block that is missing throws NotReady, the transaction
 * is undone, and the operation is called again. A corrupt disk gives EUCLEAN or EIO, never anything else.
 */
package kmos.fs.ext;
