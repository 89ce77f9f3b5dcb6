// SPDX-License-Identifier: Apache-2.0
// <kmos-machine>: a machine with its serial console. Attributes: image, rootfs, memory, cpu, disk, jit; property machine.
import xtermCss from '@xterm/xterm/css/xterm.css';
import { boot } from './kmos.js';
import { SerialConsole } from './terminal.js';

const STYLE = ':host { display: block; height: 24em; } .console { box-sizing: border-box; height: 100%; width: 100%; } '
  + '.message { font: 1rem system-ui, sans-serif; padding: 0.5em; } .message:empty { display: none; }';

export class KmosMachineElement extends HTMLElement {
  #terminal = null;
  machine = null;

  connectedCallback() {
    if (this.machine !== null) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const style = document.createElement('style');
    style.textContent = xtermCss + STYLE;
    const message = document.createElement('div');
    message.className = 'message';
    message.setAttribute('role', 'status');
    const place = document.createElement('div');
    place.className = 'console';
    root.replaceChildren(style, message, place);
    this.#terminal = new SerialConsole(place, event => this.#send(event), () => this.blur());
    const attribute = name => this.getAttribute(name) ?? undefined;
    try {
      this.machine = boot({
        image: attribute('image') === 'none' ? null : attribute('image'), rootfs: attribute('rootfs'), cpu: attribute('cpu'), disk: attribute('disk'),
        jit: attribute('jit') === 'off' ? false : this.hasAttribute('jit') ? Number(attribute('jit')) : undefined,
        memoryMb: this.hasAttribute('memory') ? Number(attribute('memory')) : undefined, init: true,
        columns: this.#terminal.columns, rows: this.#terminal.rows,
        onConsole: bytes => this.#draw(bytes), onProgress: ({ step }) => { message.textContent = `${step}…`; },
        onNotice: text => { message.textContent = text; },
      });
    } catch (problem) {
      message.textContent = problem.message;
      return;
    }
    const machine = this.machine;
    machine.ready.then(() => { message.textContent = ''; });
    machine.ended.then(({ state, reason }) => { message.textContent = `The machine has ended (${state}). ${reason}`; });
  }

  disconnectedCallback() {
    this.machine?.stop();
    this.machine = null;
  }

  /** Text of the console. */
  get text() {
    return this.#terminal?.text() ?? '';
  }

  #send(message) {
    if (message.type === 'input') this.machine?.type(message.bytes);
    else if (message.type === 'resize') this.machine?.resize(message.columns, message.rows);
    else if (message.type === 'drawn') this.#drawn();
  }

  #drawn = () => {};

  #draw(bytes) {
    return new Promise(resolve => {
      this.#drawn = resolve;
      this.#terminal.write(bytes);
    });
  }
}

if (!customElements.get('kmos-machine')) customElements.define('kmos-machine', KmosMachineElement);
