// SPDX-License-Identifier: Apache-2.0
/** Serial ports. */
package kmos.device.serial;
