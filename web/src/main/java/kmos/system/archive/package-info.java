// SPDX-License-Identifier: Apache-2.0
/** Archives (newc cpio, tar) as file trees in the guest. */
package kmos.system.archive;
