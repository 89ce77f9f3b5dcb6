// SPDX-License-Identifier: Apache-2.0
/** The PCI bus and the configuration space of its functions. */
package kmos.device.pci;
