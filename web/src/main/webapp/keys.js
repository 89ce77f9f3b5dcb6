// SPDX-License-Identifier: Apache-2.0
// KeyboardEvent.code -> PC scan code set 1 (make code; 0x100 stands for the prefix 0xE0), by the key's place on the board.

const rows = {
  1: ['Escape', 'Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6', 'Digit7', 'Digit8', 'Digit9', 'Digit0', 'Minus', 'Equal', 'Backspace', 'Tab',
    'KeyQ', 'KeyW', 'KeyE', 'KeyR', 'KeyT', 'KeyY', 'KeyU', 'KeyI', 'KeyO', 'KeyP', 'BracketLeft', 'BracketRight', 'Enter', 'ControlLeft',
    'KeyA', 'KeyS', 'KeyD', 'KeyF', 'KeyG', 'KeyH', 'KeyJ', 'KeyK', 'KeyL', 'Semicolon', 'Quote', 'Backquote', 'ShiftLeft', 'Backslash',
    'KeyZ', 'KeyX', 'KeyC', 'KeyV', 'KeyB', 'KeyN', 'KeyM', 'Comma', 'Period', 'Slash', 'ShiftRight', 'NumpadMultiply', 'AltLeft', 'Space', 'CapsLock',
    'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'NumLock', 'ScrollLock',
    'Numpad7', 'Numpad8', 'Numpad9', 'NumpadSubtract', 'Numpad4', 'Numpad5', 'Numpad6', 'NumpadAdd', 'Numpad1', 'Numpad2', 'Numpad3', 'Numpad0', 'NumpadDecimal'],
  0x56: ['IntlBackslash', 'F11', 'F12'],
  0x11C: ['NumpadEnter', 'ControlRight'],
  0x135: ['NumpadDivide'],
  0x138: ['AltRight'],
  0x147: ['Home', 'ArrowUp', 'PageUp'],
  0x14B: ['ArrowLeft'],
  0x14D: ['ArrowRight'],
  0x14F: ['End', 'ArrowDown', 'PageDown', 'Insert', 'Delete'],
  0x15B: ['MetaLeft', 'MetaRight', 'ContextMenu'],
};

const CODES = new Map();
for (const [first, names] of Object.entries(rows)) {
  names.forEach((name, i) => CODES.set(name, Number(first) + i));
}

/** The key's code, or undefined for one that a PC keyboard lacks. */
export function scanCode(code) {
  return CODES.get(code);
}
