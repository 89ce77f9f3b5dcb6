// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the disk image from Debian packages, on the JVM. Read first: {@link kmos.image.BuildImage} (the steps),
 * {@link kmos.image.Recipe} (what is in the image), {@link kmos.image.DiskWriter} (the disk, through kmos.fs.ext).
 */
package kmos.image;
