// SPDX-License-Identifier: Apache-2.0
/**
 * Disk controllers and drives. A drive's request to its {@link kmos.host.BlockBackend} completes in guest time at issue
 * plus a fixed latency, however long the host took: if the host is late, guest time stands still
 * ({@code Machine.waitForHost}).
 */
package kmos.device.disk;
