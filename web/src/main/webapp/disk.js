// SPDX-License-Identifier: Apache-2.0
// The guest's disk: image chunks below an overlay, with a volatile write cache on top. A flush commits the cache to the
// overlay and only then completes, so what survives a kill is exactly the last flush.
//
//   volatile (since the last flush)  >  committing (a flush is under way)  >  overlay (committed)  >  image chunks
//
// Requests are served in order. What is at hand is answered within the call.
import { BLOCK_BYTES } from './overlay.js';

const SECTOR = 512;
const SECTORS_PER_BLOCK = BLOCK_BYTES / SECTOR;
/** As in kmos.web.Host. */
export const LATER = 0, DONE = 1, FAILED = 2;

export class Disk {
  /** memory(): the linear memory as bytes; done(request, result): answers what was put off; problem(text): for the user. */
  constructor(image, overlay, memory, done, problem) {
    this.image = image;
    this.overlay = overlay;
    this.memory = memory;
    this.done = done;
    this.problem = problem;
    this.volatile = new Map();
    this.committing = new Map();
    this.waiting = 0;
    this.tail = Promise.resolve();
    this.originals = null;     // with a past: what overwritten blocks held at the start, null for the image's content
    this.isPast = false;
    this.era = 0;              // answers to reads of an era before come too late
    this.readBytes = 0;
    this.writtenBytes = 0;
  }

  get sectors() {
    return this.image.size / SECTOR;
  }

  read(request, sector, count, address) {
    this.readBytes += count * SECTOR;
    if (this.waiting === 0 && this.isAtHand(sector, count)) {
      this.copyOut(sector, count, address);
      return DONE;
    }
    const { era } = this;
    return this.later(request, async () => {
      await this.fetch(sector, count);
      if (era === this.era) this.copyOut(sector, count, address);
    });
  }

  write(request, sector, count, address) {
    this.writtenBytes += count * SECTOR;
    const data = this.memory().slice(address, address + count * SECTOR);
    const first = Math.floor(sector / SECTORS_PER_BLOCK) * SECTORS_PER_BLOCK;
    const end = Math.ceil((sector + count) / SECTORS_PER_BLOCK) * SECTORS_PER_BLOCK;
    // Blocks that the write covers in part need their other sectors.
    const isFirstPartial = first !== sector || sector + count < first + SECTORS_PER_BLOCK;
    const isLastPartial = end !== sector + count;
    const last = end - SECTORS_PER_BLOCK;
    if (this.waiting === 0 && (!isFirstPartial || this.isAtHand(first, 1)) && (!isLastPartial || this.isAtHand(last, 1))) {
      this.copyIn(sector, data);
      return DONE;
    }
    return this.later(request, async () => {
      if (isFirstPartial) await this.fetch(first, 1);
      if (isLastPartial) await this.fetch(last, 1);
      this.copyIn(sector, data);
    });
  }

  flush(request) {
    if (this.waiting === 0 && this.volatile.size === 0) return DONE;
    return this.later(request, async () => {
      this.committing = this.volatile;
      this.volatile = new Map();
      try {
        await this.keepOriginals(this.committing.keys());
        await this.overlay.commit(this.committing);
      } catch (problem) {
        // Nothing was committed: all of it is volatile again, below what was written since.
        for (const [number, bytes] of this.committing) {
          if (!this.volatile.has(number)) this.volatile.set(number, bytes);
        }
        throw new Error(problem.name === 'QuotaExceededError'
          ? 'the browser has no room left for this disk: nothing more can be saved' : `the browser could not save the disk: ${problem.message}`);
      } finally {
        this.committing = new Map();
      }
    });
  }

  later(request, work) {
    this.waiting++;
    this.tail = this.tail.then(work).then(() => DONE, problem => {
      this.problem(problem.message);
      return FAILED;
    }).then(result => {
      this.waiting--;
      this.done(request, result);
    });
    return LATER;
  }

  // The past

  /** From now on the content that the disk has now can be seen again. */
  keepPast() {
    this.originals = new Map();
  }

  async keepOriginals(numbers) {
    if (this.originals === null) return;
    for (const number of numbers) {
      if (!this.originals.has(number)) this.originals.set(number, this.overlay.has(number) ? await this.overlay.load(number) : null);
    }
  }

  /** Whether reads give what was there at the start. Reads under way are not answered any more. */
  setPast(isPast) {
    this.isPast = isPast;
    this.era++;
  }

  /** The disk is again as it was at the start, with everything else as writes that are not flushed yet. */
  async revert() {
    await this.tail;
    this.setPast(true);
    const numbers = new Set([...this.originals.keys(), ...this.volatile.keys()]);
    const blocks = [];
    for (const number of numbers) {
      await this.fetch(number * SECTORS_PER_BLOCK, 1);
      const bytes = new Uint8Array(BLOCK_BYTES);
      bytes.set(this.block(number));
      blocks.push([number, bytes]);
    }
    for (const [number, bytes] of blocks) this.volatile.set(number, bytes);
  }

  isInOverlay(number) {
    return this.overlay.has(number) && !(this.isPast && this.originals.has(number));
  }

  // Blocks

  /** A written block, if it is in memory. */
  written(number) {
    if (this.isPast) return this.originals.has(number) ? this.originals.get(number) : this.overlay.cached(number);
    return this.volatile.get(number) ?? this.committing.get(number) ?? this.overlay.cached(number);
  }

  isAtHand(sector, count) {
    const end = Math.floor((sector + count - 1) / SECTORS_PER_BLOCK);
    for (let block = Math.floor(sector / SECTORS_PER_BLOCK); block <= end; block++) {
      if (this.written(block) === null
          && (this.isInOverlay(block) || this.image.cached(Math.floor(block * BLOCK_BYTES / this.image.chunkSize)) === null)) {
        return false;
      }
    }
    return true;
  }

  /** Brings all blocks of the range into memory; more than one chunk is fetched at the same time. */
  async fetch(sector, count) {
    const end = Math.floor((sector + count - 1) / SECTORS_PER_BLOCK);
    const loads = new Set();
    for (let block = Math.floor(sector / SECTORS_PER_BLOCK); block <= end; block++) {
      if (this.written(block) === null) {
        loads.add(this.isInOverlay(block) ? this.overlay.load(block) : this.image.chunk(Math.floor(block * BLOCK_BYTES / this.image.chunkSize)));
      }
    }
    await Promise.all(loads);
  }

  /** The current content of a block at hand: a view that must not be written. */
  block(number) {
    const written = this.written(number);
    if (written !== null) return written;
    const at = number * BLOCK_BYTES;
    const chunk = this.image.cached(Math.floor(at / this.image.chunkSize));
    return chunk.subarray(at % this.image.chunkSize, at % this.image.chunkSize + BLOCK_BYTES);
  }

  /** Calls each(block, offset in the block, offset in the data, bytes) for the pieces of a sector range. */
  pieces(sector, byteCount, each) {
    let at = sector * SECTOR;
    for (let done = 0; done < byteCount;) {
      const offset = at % BLOCK_BYTES;
      const count = Math.min(BLOCK_BYTES - offset, byteCount - done);
      each(Math.floor(at / BLOCK_BYTES), offset, done, count);
      at += count;
      done += count;
    }
  }

  copyOut(sector, count, address) {
    const memory = this.memory();
    this.pieces(sector, count * SECTOR, (block, offset, done, bytes) => {
      const data = this.block(block).subarray(offset, offset + bytes);
      memory.set(data, address + done);
      if (data.length < bytes) memory.fill(0, address + done + data.length, address + done + bytes); // past a short last chunk
    });
  }

  copyIn(sector, data) {
    this.pieces(sector, data.length, (block, offset, done, bytes) => {
      let target = this.volatile.get(block);
      if (target === undefined) {
        target = new Uint8Array(BLOCK_BYTES);
        if (bytes < BLOCK_BYTES) target.set(this.block(block));
        this.volatile.set(block, target);
      }
      target.set(data.subarray(done, done + bytes), offset);
    });
  }

  /** All blocks that differ from the image, by number, as the guest would read them now. */
  async changedBlocks() {
    const blocks = await this.overlay.snapshot();
    for (const [number, bytes] of this.committing) blocks.set(number, bytes);
    for (const [number, bytes] of this.volatile) blocks.set(number, bytes);
    return new Map([...blocks].map(([number, bytes]) => [number, bytes.slice()]));
  }

  /** The blocks that differed from the image when what is kept of the past began. */
  async originalBlocks() {
    await this.tail;
    const blocks = await this.overlay.snapshot();
    for (const [number, bytes] of this.originals) {
      if (bytes === null) blocks.delete(number);
      else blocks.set(number, bytes);
    }
    return new Map([...blocks].map(([number, bytes]) => [number, bytes.slice()]));
  }

  // Export

  /** The whole image as of the last flush, as if the plug were pulled now: a stream of chunks of bytes. */
  async exportStream(progress) {
    const blocks = await this.overlay.snapshot();
    const { image } = this;
    const perChunk = image.chunkSize / BLOCK_BYTES;
    let number = 0;
    return new ReadableStream({
      async pull(controller) {
        if (number === image.chunks.length) {
          controller.close();
          return;
        }
        const start = number * image.chunkSize;
        const bytes = new Uint8Array(Math.min(image.chunkSize, image.size - start));
        bytes.set((await image.chunk(number)).subarray(0, bytes.length));
        for (let i = 0; i < perChunk; i++) {
          const block = blocks.get(number * perChunk + i);
          if (block !== undefined) bytes.set(block.subarray(0, Math.min(BLOCK_BYTES, bytes.length - i * BLOCK_BYTES)), i * BLOCK_BYTES);
        }
        number++;
        progress(number, image.chunks.length);
        controller.enqueue(bytes);
      },
    });
  }
}
