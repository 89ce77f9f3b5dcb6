// SPDX-License-Identifier: Apache-2.0
/** Keyboard and mouse. */
package kmos.device.input;
