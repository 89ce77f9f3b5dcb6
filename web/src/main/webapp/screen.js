// SPDX-License-Identifier: Apache-2.0
// The canvas: draws the rows that the worker sends, and sends the keys of a PC keyboard.
import { scanCode } from './keys.js';

export class Screen {
  /** send: posts a message to the worker. leave: called when the user wants out. */
  constructor(canvas, send, leave) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false });
    this.send = send;
    this.pressed = new Set();
    canvas.addEventListener('keydown', event => {
      if (event.key === 'F6' && event.shiftKey) {
        event.preventDefault();
        this.releaseAll();
        leave();
      } else {
        this.key(event, true);
      }
    });
    canvas.addEventListener('keyup', event => this.key(event, false));
    canvas.addEventListener('blur', () => this.releaseAll());
    canvas.addEventListener('pointerdown', () => canvas.focus());
  }

  key(event, isDown) {
    const code = scanCode(event.code);
    if (code === undefined) return;
    event.preventDefault();
    if (!isDown && !this.pressed.has(code)) return; // went down elsewhere
    if (isDown) this.pressed.add(code);
    else this.pressed.delete(code);
    this.send({ type: 'key', code, isDown });
  }

  releaseAll() {
    for (const code of this.pressed) this.send({ type: 'key', code, isDown: false });
    this.pressed.clear();
  }

  draw({ width, height, top, rows, pixels }) {
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.context.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, rows), 0, top);
  }

  clear() {
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }
}
