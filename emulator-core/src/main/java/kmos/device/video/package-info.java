// SPDX-License-Identifier: Apache-2.0
/** Displays. */
package kmos.device.video;
