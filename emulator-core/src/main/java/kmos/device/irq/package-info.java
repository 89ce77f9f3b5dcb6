// SPDX-License-Identifier: Apache-2.0
/** Interrupt controllers. */
package kmos.device.irq;
