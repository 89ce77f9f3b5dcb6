// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

/** A directory whose entries come and go by themselves (/proc, devpts): looked up anew every time. */
public interface UncachedDirectory {
}
