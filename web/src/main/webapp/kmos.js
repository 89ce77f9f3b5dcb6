// SPDX-License-Identifier: Apache-2.0
// kmOS as a module: boot() starts a machine in a worker of its own; see docs/embedding.md and kmos.d.ts.

const DEFAULT_MEMORY_MB = 256, DEFAULT_JIT_THRESHOLD = 1500;
const DEFAULT_ENVIRONMENT = { HOME: '/root', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'dumb' };
const SIGKILL = 9;

/** An error that the guest's kernel gave: code is its name, as in ENOENT. */
export class GuestError extends Error {
  constructor(what, problem) {
    const space = problem.indexOf(' ');
    super(`${what}: ${problem.slice(space + 1)}`);
    this.name = 'GuestError';
    this.code = problem.slice(0, space);
  }
}

/** Starts a machine; nothing is awaited: see ready. */
export function boot(options = {}) {
  return new Machine(options);
}

/**
 * A worker's script must be of the page's origin. When ours lies elsewhere, a small script made here imports it; that host
 * has to allow it (Access-Control-Allow-Origin).
 */
function newWorker(base) {
  const script = new URL(`kmos-worker.js${new URL(import.meta.url).search}`, base);
  if (script.origin === globalThis.location?.origin) return new Worker(script);
  const code = `self.kmosBase = ${JSON.stringify(new URL('.', script).href)};\nself.kmosVersion = ${JSON.stringify(script.search)};\n`
    + `importScripts(${JSON.stringify(script.href)});`;
  const own = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const made = new Worker(own);
  setTimeout(() => URL.revokeObjectURL(own), 60_000);
  return made;
}

function integer(value, name, least, most) {
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(`${name} is an integer from ${least} to ${most}, not ${value}`);
  return value;
}

function withoutNul(text, name) {
  if (typeof text !== 'string' || text.includes('\0')) throw new TypeError(`${name} must be a string without NUL characters`);
  return text;
}

function toBytes(data) {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  throw new TypeError('data is a string, an ArrayBuffer or a view of one');
}

/** Collects output as lines, each with the time at which its end arrived. */
class Lines {
  constructor() {
    this.decoder = new TextDecoder();
    this.lines = [];
    this.rest = '';
    this.time = 0;
  }

  add(bytes, t) {
    const text = this.decoder.decode(bytes, { stream: true });
    this.time = t;
    const parts = (this.rest + text).split('\n');
    this.rest = parts.pop();
    for (const part of parts) this.lines.push({ t, text: part.endsWith('\r') ? part.slice(0, -1) : part });
    return text;
  }

  end() {
    this.rest += this.decoder.decode();
    if (this.rest !== '') this.lines.push({ t: this.time, text: this.rest });
    return this.lines;
  }
}

export class Machine {
  #worker;
  #calls = new Map();
  #lastCall = 0;
  #snapshots = [];
  #isOver = null; // Error: why nothing can be asked any more
  #onConsole;
  #onProgress;
  #onNotice;
  #settleReady;
  #settleEnded;
  #begin = performance.now();

  constructor(options) {
    const base = new URL(options.base ?? '.', options.base === undefined ? import.meta.url : document.baseURI);
    const memoryMegabytes = integer(options.memoryMb ?? DEFAULT_MEMORY_MB, 'memoryMb', 64, 1536);
    const cpuLevel = { v2: 2, v3: 3, max: 4 }[options.cpu ?? 'v2'];
    if (cpuLevel === undefined) throw new RangeError(`cpu is v2, v3 or max, not ${options.cpu}`);
    const hasImage = options.image !== null && options.image !== false;
    if (!hasImage && (options.rootfs ?? null) === null) throw new TypeError('a machine needs an image, a rootfs or both');
    const diskMode = options.disk ?? 'forget';
    if (!['forget', 'keep', 'copy', 'reset'].includes(diskMode)) throw new RangeError(`disk is forget, keep, copy or reset, not ${diskMode}`);
    let rootfs = options.rootfs ?? null;
    if (typeof rootfs === 'string' || rootfs instanceof URL) rootfs = new URL(rootfs, document.baseURI).href;
    else if (rootfs !== null) rootfs = toBytes(rootfs);
    let image = null;
    if (hasImage) {
      image = options.image === undefined || options.image === true ? new URL('disk/', base) : new URL(options.image, document.baseURI);
      if (!image.pathname.endsWith('/')) image.pathname += '/';
    }
    const snapshot = (options.snapshot ?? null) === null ? null : toBytes(options.snapshot);
    const jit = options.jit ?? true;
    this.#onConsole = options.onConsole ?? null;
    this.#onProgress = options.onProgress ?? (() => {});
    this.#onNotice = options.onNotice ?? (text => console.warn(`kmOS: ${text}`));
    this.ready = new Promise((resolve, reject) => { this.#settleReady = { resolve, reject }; });
    this.ready.catch(() => {}); // whoever asks is told
    this.ended = new Promise(resolve => { this.#settleEnded = resolve; });
    this.#worker = newWorker(base);
    this.#worker.onmessage = event => this.#take(event.data);
    this.#worker.onerror = event => this.#over(new Error(`the machine's worker failed: ${event.message ?? 'it could not be loaded'}`));
    this.#worker.postMessage({
      type: 'start', base: base.href, memoryMegabytes, cpuLevel, diskMode, columns: options.columns ?? 80, rows: options.rows ?? 24,
      jitThreshold: jit === true ? DEFAULT_JIT_THRESHOLD : Number(jit),
      embed: { image: image?.href ?? null, rootfs, isHosted: options.init !== true }, snapshot,
    });
  }

  /** Runs a program to its end. GuestError: it could not be started. */
  async exec(argv, options = {}) {
    if (!Array.isArray(argv) || argv.length === 0) throw new TypeError('argv is an array with the program first');
    argv.forEach(word => withoutNul(word, 'an argument'));
    const cwd = withoutNul(options.cwd ?? '/', 'cwd');
    if (!cwd.startsWith('/')) throw new TypeError('cwd must be absolute');
    const environment = Object.entries({ ...DEFAULT_ENVIRONMENT, ...options.env }).filter(([, value]) => value !== undefined);
    const env = environment.map(([name, value]) => withoutNul(`${name}=${value}`, 'a variable'));
    const tty = options.tty === true;
    if (tty && options.input !== undefined) throw new TypeError('input goes to programs without tty');
    const lines = new Lines();
    const status = await this.#call(argv[0], { type: 'run', argv, env, cwd, tty, input: toBytes(options.input ?? '') }, (bytes, t) => {
      const text = lines.add(bytes, t);
      if (text !== '') options.onOutput?.(text, t);
    }, options.signal);
    const signal = status & 0x7F;
    return { code: signal === 0 ? status >> 8 & 0xFF : 128 + signal, signal, lines: lines.end() };
  }

  /** The bytes of a regular file. */
  async readFile(path) {
    const pieces = [];
    await this.#call(path, { type: 'read-file', path: this.#path(path) }, bytes => pieces.push(bytes));
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  }

  /** Makes or replaces a regular file. */
  async writeFile(path, data, { mode = 0o644 } = {}) {
    await this.#call(path, { type: 'write-file', path: this.#path(path), mode: integer(mode, 'mode', 0, 0o7777), input: toBytes(data) }, () => {});
  }

  /** Types on the serial console (with init: true something listens there). */
  type(text) {
    this.#send({ type: 'input', bytes: toBytes(text) });
  }

  /** The window of the serial console. */
  resize(columns, rows) {
    this.#send({ type: 'resize', columns, rows });
  }

  /** The machine as it is now, for boot({ snapshot }) with the same options, elsewhere or later. It goes on meanwhile. */
  async snapshot() {
    await this.ready;
    if (this.#isOver !== null) throw this.#isOver;
    const made = new Promise((resolve, reject) => { this.#snapshots.push({ resolve, reject }); });
    this.#send({ type: 'snapshot' });
    return made;
  }

  /** Ends the machine at once, as by its power switch. */
  stop() {
    this.#over(new Error('the machine was stopped'), 'STOPPED');
  }

  #path(path) {
    if (!withoutNul(path, 'the path').startsWith('/')) throw new TypeError('the path must be absolute');
    return path;
  }

  #send(message, transfer = []) {
    if (this.#isOver === null) this.#worker.postMessage(message, transfer);
  }

  async #call(what, message, onBytes, signal) {
    await this.ready;
    if (this.#isOver !== null) throw this.#isOver;
    signal?.throwIfAborted();
    const call = ++this.#lastCall;
    const done = new Promise((resolve, reject) => { this.#calls.set(call, { what, onBytes, resolve, reject }); });
    const kill = () => this.#send({ type: 'signal', call, signal: SIGKILL });
    signal?.addEventListener('abort', kill);
    this.#send({ ...message, call }, message.input === undefined ? [] : [message.input.buffer]);
    try {
      const status = await done;
      signal?.throwIfAborted();
      return status;
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  }

  #take(message) {
    switch (message.type) {
      case 'ready':
        if (message.problem !== '') this.#over(new Error(message.problem));
        else this.#settleReady.resolve({ bootMs: performance.now() - this.#begin });
        break;
      case 'call-output':
        this.#send({ type: 'drawn', count: message.bytes.length });
        this.#calls.get(message.call)?.onBytes(message.bytes, message.time - performance.timeOrigin);
        break;
      case 'call-ended': {
        const call = this.#calls.get(message.call);
        this.#calls.delete(message.call);
        if (message.problem !== '') call.reject(new GuestError(call.what, message.problem));
        else call.resolve(message.status);
        break;
      }
      case 'output': {
        const isTaken = () => this.#send({ type: 'drawn', count });
        const count = message.bytes.length;
        if (this.#onConsole === null) isTaken();
        else Promise.resolve(this.#onConsole(message.bytes)).then(isTaken, isTaken);
        break;
      }
      case 'snapshot': {
        const { resolve, reject } = this.#snapshots.shift();
        if (message.problem === '') resolve(message.file);
        else reject(new Error(message.problem));
        break;
      }
      case 'progress': this.#onProgress(message); break;
      case 'notice': this.#onNotice(message.text); break;
      case 'disk': if (message.note !== '') this.#onNotice(message.note); break;
      case 'disk-in-use': this.#over(new Error('another page uses this disk')); break;
      case 'ended': this.#over(new Error(`the machine has ended (${message.state}) ${message.reason}`.trim()), message.state, message.reason); break;
      case 'error': this.#over(new Error(message.message, { cause: message.dump }), 'FAILED', message.message); break;
      default: break; // running, status, frame: for pages that show them
    }
  }

  #over(problem, state = 'FAILED', reason = problem.message) {
    if (this.#isOver !== null) return;
    this.#isOver = problem;
    this.#worker.terminate();
    for (const { reject } of this.#snapshots) reject(problem);
    this.#settleReady.reject(problem);
    for (const call of this.#calls.values()) call.reject(problem);
    this.#calls.clear();
    this.#settleEnded({ state, reason });
  }
}
