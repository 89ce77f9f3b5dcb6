// SPDX-License-Identifier: Apache-2.0
import type { Machine } from './kmos.js';

/** <kmos-machine>: a machine with its serial console. Attributes: image, rootfs, memory, cpu, disk, jit (off, or entries before code is compiled). */
export class KmosMachineElement extends HTMLElement {
  /** While it is in a document, unless its attributes are wrong. */
  machine: Machine | null;
  /** Text of the console. */
  readonly text: string;
}

declare global {
  interface HTMLElementTagNameMap {
    'kmos-machine': KmosMachineElement;
  }
}
