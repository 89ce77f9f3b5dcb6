// SPDX-License-Identifier: Apache-2.0
// Reads the guest's picture out of linear memory: only the rows that changed since the last look, as RGBA.

export class FrameReader {
  constructor(java, bytes) {
    this.java = java;
    this.words = new Int32Array(bytes.buffer);
    this.previous = null;
    this.width = 0;
    this.height = 0;
  }

  /** The next look gives the whole picture. */
  forget() {
    this.previous = null;
  }

  /** { width, height, top, rows, pixels: ArrayBuffer of RGBA rows }, or null when nothing changed or the display is off. */
  changed() {
    const address = this.java.displayAddress();
    if (address === 0) return null;
    const width = this.java.displayWidth();
    const height = this.java.displayHeight();
    const stride = this.java.displayStride() >> 2;
    const from = address >> 2;
    if (this.previous === null || width !== this.width || height !== this.height) {
      this.previous = new Int32Array(width * height).fill(0x01000000); // differs from every pixel, as the top byte is 0
      this.width = width;
      this.height = height;
    }
    let top = 0;
    while (top < height && this.isRowSame(top, from + top * stride)) top++;
    if (top === height) return null;
    let bottom = height - 1;
    while (bottom > top && this.isRowSame(bottom, from + bottom * stride)) bottom--;

    const rows = bottom - top + 1;
    const pixels = new Int32Array(width * rows);
    for (let y = 0; y < rows; y++) {
      const source = from + (top + y) * stride;
      const old = (top + y) * width;
      for (let x = 0; x < width; x++) {
        const p = this.words[source + x] & 0xFFFFFF; // 0xRRGGBB
        this.previous[old + x] = p;
        pixels[y * width + x] = 0xFF000000 | (p & 0xFF) << 16 | p & 0xFF00 | p >> 16;
      }
    }
    return { width, height, top, rows, pixels: pixels.buffer };
  }

  isRowSame(y, source) {
    const { words, previous, width } = this;
    for (let x = 0, old = y * width; x < width; x++, old++) {
      if ((words[source + x] & 0xFFFFFF) !== previous[old]) return false;
    }
    return true;
  }
}
