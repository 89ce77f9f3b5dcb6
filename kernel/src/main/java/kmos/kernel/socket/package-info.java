// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets of the AF_UNIX family (unix(7)): streams, datagrams, sequenced packets; names in the file system and abstract
 * ones; open files and credentials that travel with messages.
 *
 * <p>Read first: {@link kmos.kernel.socket.UnixSocket}, {@link kmos.kernel.socket.SocketTransfer},
 * {@link kmos.kernel.socket.UnixSockets}; the calls are in kmos.kernel.syscall.Sockets.
 *
 * <p>Invariants: two connected sockets name each other; a message charges its sender from sending to receipt; a message
 * holds one reference to each file in it. Files that travel in a circle (a socket sent over itself) are never collected:
 * Linux has a garbage collector for them.
 */
package kmos.kernel.socket;
