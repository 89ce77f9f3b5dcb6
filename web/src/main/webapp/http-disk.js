// SPDX-License-Identifier: Apache-2.0
// The immutable disk image: a manifest and gzip'ed chunks named by the SHA-256 of their content, on any static host. The chunks that the boot
// reads are there a second time, one behind the other in one file: the boot pack.
import { cut, fetchBytes, fetchUnpacked, gunzip, isGzip, sha256Hex } from './bytes.js';

const CACHED_CHUNKS = 1024;
const PARALLEL_PREFETCHES = 6;
const ATTEMPTS = 3;
/** A chunk that could not be had is not asked for again so soon: the guest tries each of its blocks several times. */
const FAILED_MS = 5000;

export class HttpDisk {
  /** Reads the manifest. Error: it is missing or not one. */
  static async open(base) {
    const url = new URL('manifest.json', base);
    const text = new TextDecoder().decode(await fetchBytes(url, undefined, { cache: 'no-cache' }));
    let manifest;
    try {
      manifest = JSON.parse(text);
    } catch (problem) {
      throw new Error(`${url} is not a disk manifest: ${problem.message}`);
    }
    const { format, size, chunkSize, compression, chunks, sha256, boot = [], bootPack = null } = manifest;
    if (format !== 'kmos-chunks-1' || compression !== 'gzip' || !(size > 0) || size % 512 || !(chunkSize > 0) || chunkSize % 4096
        || !Array.isArray(chunks) || chunks.length !== Math.ceil(size / chunkSize)) {
      throw new Error(`${url} is not a disk manifest that this kmOS understands (kmos-chunks-1)`);
    }
    return new HttpDisk(base, size, chunkSize, chunks, sha256, boot, bootPack);
  }

  /** boot: numbers of the chunks that the boot is known to read; bootPack: the name of the file with all of them in that order, or null. */
  constructor(base, size, chunkSize, chunks, sha256, boot = [], bootPack = null) {
    this.boot = boot.filter(n => Number.isInteger(n) && n >= 0 && n < chunks.length && chunks[n] !== null);
    this.bootPack = bootPack;
    this.base = base;
    this.size = size;
    this.chunkSize = chunkSize;
    this.chunks = chunks;
    this.sha256 = sha256;
    this.fetchedBytes = 0;
    this.cache = new Map();     // number -> bytes, oldest use first
    this.fetching = new Map();  // number -> promise
    this.packed = new Map();    // what the boot pack under way is to bring: number -> tells whoever waits that it has come, or will not
    this.failed = new Map();    // number -> { problem, until }
    this.zeros = new Uint8Array(chunkSize);
  }

  /** Fetches the chunks that the boot is known to read, in that order: from the boot pack, and what that does not give one by one. */
  async prefetchBoot() {
    if (this.packed.size > 0) return;
    if (this.bootPack !== null && this.boot.some(n => !this.cache.has(n))) await this.takeBootPack();
    const queue = this.boot.filter(n => !this.cache.has(n));
    // A failure waits until the guest asks itself.
    const next = () => {
      const number = queue.shift();
      return number === undefined ? undefined : this.chunk(number).then(next, () => undefined);
    };
    for (let i = 0; i < PARALLEL_PREFETCHES; i++) next();
  }

  /** Fetches the boot pack, once, and keeps each chunk as soon as it is there; one that is damaged or missing is not kept. Never fails. */
  async takeBootPack() {
    const url = new URL(`chunks/${this.bootPack}.gz`, this.base);
    this.bootPack = null;
    for (const number of this.boot) this.packed.set(number, () => {});
    const settle = number => {
      this.packed.get(number)?.();
      this.packed.delete(number);
    };
    const checks = [];
    try {
      let fetched = 0;
      const stream = await fetchUnpacked(url, count => {
        this.fetchedBytes += count - fetched;
        fetched = count;
      }, { cache: 'force-cache' });
      const left = this.boot.slice();
      for await (const bytes of cut(stream, this.boot.map(n => Math.min(this.chunkSize, this.size - n * this.chunkSize)))) {
        const number = left.shift();
        checks.push(sha256Hex(bytes).then(found => {
          if (found === this.chunks[number]) this.keep(number, bytes);
          settle(number);
        }));
      }
    } catch (problem) {
      console.warn(`kmOS: the boot pack ${url} is of no use: ${problem.message}`);
    }
    await Promise.all(checks);
    for (const number of [...this.packed.keys()]) settle(number);
  }

  /** A chunk that is at hand, or null. */
  cached(number) {
    if (this.chunks[number] === null) return this.zeros;
    const bytes = this.cache.get(number);
    if (bytes === undefined) return null;
    this.cache.delete(number);
    this.cache.set(number, bytes);
    return bytes;
  }

  /** The chunk, sooner or later. Error: "missing chunk ...". */
  chunk(number) {
    const bytes = this.cached(number);
    if (bytes !== null) return Promise.resolve(bytes);
    const failure = this.failed.get(number);
    if (failure !== undefined && performance.now() < failure.until) return Promise.reject(failure.problem);
    let promise = this.fetching.get(number);
    if (promise === undefined) {
      promise = this.arrival(number).finally(() => this.fetching.delete(number));
      this.fetching.set(number, promise);
    }
    return promise;
  }

  /** The chunk from the boot pack that is on its way, or else on its own. */
  async arrival(number) {
    if (this.packed.has(number)) await new Promise(tell => this.packed.set(number, tell));
    return this.cached(number) ?? this.fetchChunk(number);
  }

  async fetchChunk(number) {
    const hash = this.chunks[number];
    const url = new URL(`chunks/${hash}.gz`, this.base);
    let problem;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise(r => setTimeout(r, 400 * attempt));
      try {
        // A chunk never changes: the browser's copy is good unless its hash was found wrong.
        const packed = await fetchBytes(url, undefined, { cache: attempt === 0 ? 'force-cache' : 'reload' });
        const bytes = isGzip(packed) ? await gunzip(packed) : packed;
        const found = await sha256Hex(bytes);
        if (found !== hash) throw new Error(`its content has the SHA-256 ${found}`);
        this.fetchedBytes += packed.length;
        this.keep(number, bytes);
        return bytes;
      } catch (e) {
        problem = e;
      }
    }
    problem = new Error(`missing chunk ${number} of the disk image (${hash.slice(0, 12)}…): ${problem.message}`);
    this.failed.set(number, { problem, until: performance.now() + FAILED_MS });
    throw problem;
  }

  keep(number, bytes) {
    this.cache.set(number, bytes);
    if (this.cache.size > CACHED_CHUNKS) this.cache.delete(this.cache.keys().next().value);
  }
}
