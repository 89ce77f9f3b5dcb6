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
    /** The control key is held down for the next key, by touch. */
    this.isControlHeld = false;
    this.onControlUsed = () => {};
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
    if (isDown && this.isControlHeld && !event.code.startsWith('Control')) {
      this.tap([event.code]);
      return;
    }
    if (!isDown && !this.pressed.has(code)) return; // went down elsewhere
    if (isDown) this.pressed.add(code);
    else this.pressed.delete(code);
    this.send({ type: 'key', code, isDown });
  }

  /** Keys of the touch bar: they go down together and up again, with the control key that was touched before. */
  tap(names) {
    const codes = names.map(scanCode);
    if (this.isControlHeld) codes.unshift(scanCode('ControlLeft'));
    for (const code of codes) this.send({ type: 'key', code, isDown: true });
    for (const code of codes.reverse()) this.send({ type: 'key', code, isDown: false });
    this.controlUsed();
  }

  controlUsed() {
    if (!this.isControlHeld) return;
    this.isControlHeld = false;
    this.onControlUsed();
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
