// SPDX-License-Identifier: Apache-2.0
// Byte helpers of page and worker: unpacking, hashing, fetching with progress.

/** Whether the bytes begin as a gzip file does (a server may have unpacked them already). */
export function isGzip(bytes) {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** SHA-256 as lower-case hex. crypto.subtle exists in secure contexts only; elsewhere we compute it. */
export async function sha256Hex(bytes) {
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : sha256(bytes);
  return [...digest].map(b => b.toString(16).padStart(2, '0')).join('');
}

/** Roots of the first primes, FIPS 180-4 §4.2.2. */
const K = (() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) {
    if (primes.every(p => n % p)) primes.push(n);
  }
  const fraction = x => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
  return { k: primes.map(p => fraction(Math.cbrt(p))), h: primes.slice(0, 8).map(p => fraction(Math.sqrt(p))) };
})();

/** FIPS 180-4 §6.2. */
export function sha256(bytes) {
  const length = bytes.length;
  const padded = new Uint8Array((length + 72) >> 6 << 6);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(padded.length - 4, length << 3);
  const h = Int32Array.from(K.h);
  const w = new Int32Array(64);
  const rotr = (x, n) => x >>> n | x << 32 - n;
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >>> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >>> 10);
    }
    let [a, b, c, d, e, f, g, i] = h;
    for (let t = 0; t < 64; t++) {
      const t1 = i + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (e & f ^ ~e & g) + K.k[t] + w[t] | 0;
      const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      i = g; g = f; f = e; e = d + t1 | 0;
      d = c; c = b; b = a; a = t1 + t2 | 0;
    }
    [a, b, c, d, e, f, g, i].forEach((v, n) => { h[n] += v; });
  }
  const out = new Uint8Array(32);
  h.forEach((v, n) => new DataView(out.buffer).setInt32(4 * n, v));
  return out;
}

async function fetchFile(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (problem) {
    throw new Error(`cannot fetch ${url}: ${problem.message}`);
  }
  if (!response.ok) throw new Error(`cannot fetch ${url}: the server answers ${response.status} ${response.statusText}`);
  return { response, total: response.headers.has('Content-Encoding') ? 0 : Number(response.headers.get('Content-Length') ?? 0) };
}

/**
 * A stream of a gzip'ed file's content (a server may have unpacked it already), with progress as fetchBytes has it. Error: as fetchBytes; what
 * breaks later breaks the stream.
 */
export async function fetchUnpacked(url, progress = () => {}, options = {}) {
  const { response, total } = await fetchFile(url, options);
  const reader = response.body.getReader();
  let count = 0;
  const pull = async controller => {
    const { done, value } = await reader.read();
    if (done) {
      controller.close();
      return;
    }
    count += value.length;
    progress(count, total);
    controller.enqueue(value);
  };
  const first = await reader.read();
  if (first.done) throw new Error(`cannot fetch ${url}: it is empty`);
  const body = new ReadableStream({
    start(controller) {
      count = first.value.length;
      progress(count, total);
      controller.enqueue(first.value);
    },
    pull,
  });
  return isGzip(first.value) ? body.pipeThrough(new DecompressionStream('gzip')) : body;
}

/** The bytes of a stream cut into arrays of these lengths. Error: it breaks, or ends before. */
export async function* cut(stream, lengths) {
  const reader = stream.getReader();
  let rest = new Uint8Array(0);
  for (const length of lengths) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) throw new Error('it ends too early');
        rest = value;
      }
      const piece = rest.subarray(0, length - at);
      bytes.set(piece, at);
      at += piece.length;
      rest = rest.subarray(piece.length);
    }
    yield bytes;
  }
}

/** The body of a file, with progress(bytesSoFar, bytesInAll or 0). Error: names the file and what is wrong. */
export async function fetchBytes(url, progress = () => {}, options = {}) {
  const { response, total } = await fetchFile(url, options);
  const pieces = [];
  let count = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    count += value.length;
    progress(count, total);
  }
  const all = new Uint8Array(count);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
