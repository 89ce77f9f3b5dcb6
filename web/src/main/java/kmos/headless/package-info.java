// SPDX-License-Identifier: Apache-2.0
/** kmOS in a JVM terminal: the same {@link kmos.system.KmosSystem}, with stdin and stdout as its serial console. */
package kmos.headless;
