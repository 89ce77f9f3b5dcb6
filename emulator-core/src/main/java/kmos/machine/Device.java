// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Stateful;

/** A chip: gets all it needs in its constructor, then maps its ports and windows. */
public interface Device extends Stateful {
    void attach(PortSpace ports, MmioSpace mmio);
}
