// SPDX-License-Identifier: Apache-2.0
/** The interval timer and the clock chip. */
package kmos.device.timer;
