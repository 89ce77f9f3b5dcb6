// SPDX-License-Identifier: Apache-2.0
// The serial console: xterm.js, fitted to its panel.
import { FitAddon } from '@xterm/addon-fit';
import { SerializeAddon } from '@xterm/addon-serialize';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';

const THEMES = {
  light: {
    background: '#ffffff', foreground: '#1b2430', cursor: '#1d5f95', cursorAccent: '#ffffff', selectionBackground: '#b5d4ee',
    black: '#1b2430', red: '#b3261b', green: '#1d7a34', yellow: '#8a6100', blue: '#1f56b5', magenta: '#8b2f97', cyan: '#0f7285', white: '#d5dae0',
    brightBlack: '#5a6673', brightRed: '#cf3a2e', brightGreen: '#2b8f43', brightYellow: '#9c7000', brightBlue: '#2f6fd6', brightMagenta: '#a545b2',
    brightCyan: '#1a8799', brightWhite: '#f3f4f6', scrollbarSliderBackground: '#51606f55', scrollbarSliderHoverBackground: '#51606f99',
  },
  dark: {
    background: '#0f1216', foreground: '#dfe4ea', cursor: '#79b8ec', cursorAccent: '#0f1216', selectionBackground: '#2f4a63',
    black: '#20262d', red: '#ef7068', green: '#76c583', yellow: '#d9b45b', blue: '#76a9f0', magenta: '#cb8ad6', cyan: '#66c3cf', white: '#dfe4ea',
    brightBlack: '#7c8896', brightRed: '#ff948d', brightGreen: '#9bdca5', brightYellow: '#efd184', brightBlue: '#a0c5fa', brightMagenta: '#e2b0ea',
    brightCyan: '#93dde6', brightWhite: '#ffffff', scrollbarSliderBackground: '#a0abb855', scrollbarSliderHoverBackground: '#a0abb899',
  },
};

/** Lines above the screen that go into a snapshot. */
const SAVED_SCROLLBACK = 50;
/** Narrower than this, letters are smaller: 50 columns on a phone. */
const NARROW_PIXELS = 560;
/** Of a terminal that has more columns than the page has room for. */
const SMALLEST_FONT = 7;

export class SerialConsole {
  /** send: posts a message to the worker. leave: called when the user wants out. */
  constructor(element, send, leave) {
    this.element = element;
    this.send = send;
    this.isControlHeld = false;
    this.onControlUsed = () => {};
    this.terminal = new Terminal({
      allowProposedApi: true, scrollback: 10000, fontSize: 14, lineHeight: 1.15, minimumContrastRatio: 4.5, cursorBlink: true,
      fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
    });
    this.fitAddon = new FitAddon();
    this.terminal.loadAddon(this.fitAddon);
    this.serializeAddon = new SerializeAddon();
    this.terminal.loadAddon(this.serializeAddon);
    this.isHeld = false; // at the size that a snapshot had
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = '11';
    this.terminal.open(element);
    const encoder = new TextEncoder();
    this.terminal.onData(text => this.sendBytes(encoder.encode(this.withControl(text))));
    this.terminal.onBinary(text => this.sendBytes(Uint8Array.from(text, c => c.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => !this.isHeld && send({ type: 'resize', columns: cols, rows }));
    this.terminal.attachCustomKeyEventHandler(event => this.isForTerminal(event, leave));
    new ResizeObserver(() => this.fit()).observe(element);
    this.fit();
  }

  get columns() {
    return this.terminal.cols;
  }

  get rows() {
    return this.terminal.rows;
  }

  sendBytes(bytes) {
    this.send({ type: 'input', bytes });
  }

  /** The held Ctrl of the touch keys applies to the next letter. */
  withControl(text) {
    if (!this.isControlHeld || text.length !== 1) return text;
    this.isControlHeld = false;
    this.onControlUsed();
    return String.fromCharCode(text.toUpperCase().charCodeAt(0) & 0x1F);
  }

  isForTerminal(event, leave) {
    if (event.type !== 'keydown') return true;
    if (event.key === 'F6' && event.shiftKey) {
      event.preventDefault();
      leave();
      return false;
    }
    if (event.ctrlKey && event.shiftKey && event.code === 'KeyC') {
      event.preventDefault();
      this.copy();
      return false;
    }
    // Left to the browser, which answers with a paste event that xterm.js takes.
    return !(event.ctrlKey && event.shiftKey && event.code === 'KeyV') && !(event.shiftKey && event.key === 'Insert');
  }

  copy() {
    const text = this.terminal.getSelection();
    if (text === '') return;
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(() => document.execCommand('copy'));
    else document.execCommand('copy'); // not a secure context: xterm.js answers the copy event with its selection
  }

  fit() {
    if (this.element.offsetParent === null) return;
    if (this.isHeld) {
      this.fitHeld();
      return;
    }
    const fontSize = this.usualFontSize();
    if (this.terminal.options.fontSize !== fontSize) this.terminal.options.fontSize = fontSize;
    this.fitAddon.fit();
  }

  /** Draws; the worker learns how much was drawn and does not run ahead. */
  write(bytes) {
    this.terminal.write(bytes, () => this.send({ type: 'drawn', count: bytes.length }));
  }

  /** Shows another time's screen; what scrolled away belongs to this time and goes. */
  repaint(bytes) {
    this.terminal.reset();
    this.terminal.write(bytes);
  }

  reset() {
    this.terminal.reset();
    this.release();
  }

  /** What is seen, with a little of what scrolled away, as bytes: "columns rows newline", then text with control sequences. */
  screen() {
    const text = this.serializeAddon.serialize({ scrollback: SAVED_SCROLLBACK });
    return new TextEncoder().encode(`${this.columns} ${this.rows}\n${text}`);
  }

  /** Shows what screen() gave, at its size, until release(). Nothing for bytes that are no screen. */
  restore(bytes) {
    const all = new TextDecoder().decode(bytes);
    const head = /^(\d{1,3}) (\d{1,3})\n/.exec(all);
    if (head === null || head[1] < 2 || head[2] < 1) return;
    this.hold(Number(head[1]), Number(head[2]));
    this.terminal.write(all.slice(head[0].length));
  }

  /** Has this size until release(): in smaller letters where the page has less room, and scrolling where that is not enough. */
  hold(columns, rows) {
    this.isHeld = true;
    this.element.classList.add('held');
    this.held = { columns, rows };
    this.fitHeld();
  }

  fitHeld() {
    const { columns, rows } = this.held;
    // A letter is about 0.6 of its size wide, a line 1.2 high.
    const fitting = Math.min(this.element.clientWidth / columns / 0.62, this.element.clientHeight / rows / 1.2);
    this.terminal.options.fontSize = Math.max(SMALLEST_FONT, Math.min(this.usualFontSize(), Math.floor(fitting)));
    if (this.terminal.cols !== columns || this.terminal.rows !== rows) this.terminal.resize(columns, rows);
  }

  usualFontSize() {
    return this.element.clientWidth < NARROW_PIXELS ? 11 : 14;
  }

  /** The size is again what fits into the page. */
  release() {
    this.isHeld = false;
    this.element.classList.remove('held');
    this.fit();
  }

  setTheme(name) {
    this.terminal.options.theme = THEMES[name];
  }

  setScreenReaderMode(isOn) {
    this.terminal.options.screenReaderMode = isOn;
  }

  focus() {
    this.terminal.focus();
  }

  /** All lines with scrollback, wrapped lines joined (for tests). */
  text() {
    const buffer = this.terminal.buffer.active;
    let all = '';
    for (let i = 0; i < buffer.length; i++) {
      const line = buffer.getLine(i);
      const isContinued = buffer.getLine(i + 1)?.isWrapped ?? false;
      all += line.translateToString(!isContinued) + (isContinued ? '' : '\n');
    }
    return all.trimEnd();
  }
}
