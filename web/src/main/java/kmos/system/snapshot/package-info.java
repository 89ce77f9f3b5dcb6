// SPDX-License-Identifier: Apache-2.0
/**
 * Machines as files and links. {@link kmos.system.snapshot.Snapshot} is the container: a header, a checksum, named sections,
 * compressed. {@link kmos.system.snapshot.MachineImage} is what is saved: the state of all objects and RAM, and the disk's changed
 * blocks. {@link kmos.system.snapshot.SnapshotCodec} turns one into the other as a delta against a machine that everybody can
 * make: the one that has just booted ({@link kmos.system.snapshot.BootedBase}), and pieces of the disk image.
 *
 * <p>Bytes from outside are read by {@code SnapshotInput} and never trusted; what is wrong is a
 * {@link kmos.system.snapshot.SnapshotException} whose message is for the user.
 */
package kmos.system.snapshot;
