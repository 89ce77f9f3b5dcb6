// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { sha256, sha256Hex } from '../../main/webapp/bytes.js';
import { Disk, DONE, FAILED, LATER } from '../../main/webapp/disk.js';
import { HttpDisk } from '../../main/webapp/http-disk.js';
import { MemoryOverlay } from '../../main/webapp/overlay.js';
import { scanCode } from '../../main/webapp/keys.js';

/** Two chunks of 8 KiB: the first holds 1s and arrives when asked for, the second is all zero. */
class FakeImage {
  size = 16384;
  chunkSize = 8192;
  chunks = ['one', null];
  ones = new Uint8Array(8192).fill(1);
  isHere = false;
  isMissing = false;

  cached(number) {
    return number === 1 ? new Uint8Array(8192) : this.isHere ? this.ones : null;
  }

  async chunk(number) {
    if (number === 1) return this.cached(1);
    if (this.isMissing) throw new Error('missing chunk 0');
    this.isHere = true;
    return this.ones;
  }
}

function setUp(overlay = new MemoryOverlay()) {
  const memory = new Uint8Array(65536);
  const answers = new Map();
  const problems = [];
  const disk = new Disk(new FakeImage(), overlay, () => memory, (request, result) => answers.set(request, result), text => problems.push(text));
  return { disk, memory, answers, problems, idle: () => disk.tail };
}

test('a read of a chunk that is not here is answered later, the next one at once', async () => {
  const { disk, memory, answers, idle } = setUp();
  assert.equal(disk.read(1, 0, 2, 0), LATER);
  await idle();
  assert.equal(answers.get(1), DONE);
  assert.deepEqual(memory.subarray(0, 1025), new Uint8Array([...new Uint8Array(1024).fill(1), 0]));
  assert.equal(disk.read(2, 3, 1, 4096), DONE);
});

test('a missing chunk fails the read and tells the user, and the disk goes on', async () => {
  const { disk, answers, problems, idle } = setUp();
  disk.image.isMissing = true;
  disk.read(1, 0, 1, 0);
  await idle();
  assert.equal(answers.get(1), FAILED);
  assert.deepEqual(problems, ['missing chunk 0']);
  assert.equal(disk.read(2, 20, 1, 0), DONE);
});

test('a write of part of a block keeps the rest of the image', async () => {
  const { disk, memory, answers, idle } = setUp();
  memory.fill(7, 0, 512);
  assert.equal(disk.write(1, 1, 1, 0), LATER);
  memory.fill(0, 0, 512); // the buffer may be used again
  await idle();
  assert.equal(answers.get(1), DONE);
  disk.read(2, 0, 3, 1024);
  assert.deepEqual([memory[1024], memory[1536], memory[2047], memory[2048]], [1, 7, 7, 1]);
});

test('requests are served in order: a read behind a write that waits sees it', async () => {
  const { disk, memory, answers, idle } = setUp();
  memory.fill(9, 0, 512);
  assert.equal(disk.write(1, 2, 1, 0), LATER);
  assert.equal(disk.read(2, 2, 1, 512), LATER);
  await idle();
  assert.deepEqual([...answers.keys()], [1, 2]);
  assert.equal(memory[512], 9);
});

test('only a flush reaches the overlay, with whole blocks', async () => {
  const { disk, memory, answers, idle } = setUp();
  memory.fill(5, 0, 4096);
  assert.equal(disk.write(1, 16, 8, 0), DONE);
  assert.equal((await disk.overlay.snapshot()).size, 0);
  assert.equal(disk.flush(2), LATER);
  await idle();
  assert.equal(answers.get(2), DONE);
  assert.deepEqual([...await disk.overlay.snapshot()], [[2, new Uint8Array(4096).fill(5)]]);
  assert.equal(disk.flush(3), DONE, 'nothing to flush');
});

test('a commit that fails is EIO, loses nothing, and the next flush has all of it', async () => {
  const overlay = new MemoryOverlay();
  const good = overlay.commit.bind(overlay);
  overlay.commit = async () => { throw Object.assign(new Error('full'), { name: 'QuotaExceededError' }); };
  const { disk, memory, answers, problems, idle } = setUp(overlay);
  memory.fill(5, 0, 4096);
  disk.write(1, 16, 8, 0);
  disk.flush(2);
  await idle();
  assert.equal(answers.get(2), FAILED);
  assert.match(problems[0], /no room/);
  overlay.commit = good;
  disk.flush(3);
  await idle();
  assert.equal(answers.get(3), DONE);
  assert.equal((await overlay.snapshot()).get(2)[0], 5);
});

test('an export shows the last flush, not what was written since', async () => {
  const { disk, memory, idle } = setUp();
  memory.fill(5, 0, 4096);
  disk.write(1, 16, 8, 0);
  disk.flush(2);
  await idle();
  memory.fill(6, 0, 4096);
  disk.write(3, 16, 8, 0);
  const image = new Uint8Array(await new Response(await disk.exportStream(() => {})).arrayBuffer());
  assert.equal(image.length, 16384);
  assert.deepEqual([image[0], image[8192], image[12288]], [1, 5, 0]);
});

test('our SHA-256 is the real one', async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000, 262144]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + 3);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.equal(Buffer.from(sha256(bytes)).toString('hex'), expected, `length ${length}`);
    assert.equal(await sha256Hex(bytes), expected);
  }
});

test('a chunk with wrong content is fetched again, past the cache', async t => {
  const good = new Uint8Array(4096).fill(3);
  const answers = [new Uint8Array(4096), good];
  const modes = [];
  t.mock.method(globalThis, 'fetch', async (url, options) => {
    modes.push(options.cache);
    return new Response(answers.shift());
  });
  const image = new HttpDisk('http://x/disk/', 4096, 4096, [createHash('sha256').update(good).digest('hex')], '0');
  assert.deepEqual(await image.chunk(0), good);
  assert.deepEqual(modes, ['force-cache', 'reload']);
  assert.equal(image.cached(0)[0], 3);
});

const CHUNK = 4096;
const sha = bytes => createHash('sha256').update(bytes).digest('hex');

/** An image of five chunks, the last one short, whose boot reads 3, 0 and 4; its files are served as they are in `files`. */
function packedImage(t) {
  const size = 4 * CHUNK + 512;
  const contents = [1, 2, 3, 4, 5].map(n => Uint8Array.from({ length: n === 5 ? 512 : CHUNK }, (_, i) => i * i * n >> 4));
  const files = new Map(contents.map(bytes => [`${sha(bytes)}.gz`, gzipSync(bytes)]));
  const pack = Buffer.concat([contents[3], contents[0], contents[4]]);
  const packFile = `${sha(pack)}.gz`;
  files.set(packFile, gzipSync(pack));
  const asked = [];
  t.mock.method(globalThis, 'fetch', async url => {
    const name = url.pathname.split('/').at(-1);
    asked.push(name);
    const body = files.get(name);
    return body === undefined ? new Response(null, { status: 404 }) : new Response(body);
  });
  t.mock.method(console, 'warn', () => {});
  const image = new HttpDisk('http://x/disk/', size, CHUNK, contents.map(sha), '0', [3, 0, 4], sha(pack));
  return { image, contents, files, pack, packFile, asked };
}

/** The chunks that the boot reads are all at hand, with their content. */
async function assertBoot({ image, contents }) {
  for (const number of [3, 0, 4]) assert.deepEqual(await image.chunk(number), contents[number], `chunk ${number}`);
}

test('the boot pack brings all that the boot reads in one request', async t => {
  const set = packedImage(t);
  await set.image.prefetchBoot();
  assert.ok([3, 0, 4].every(n => set.image.cached(n) !== null));
  await assertBoot(set);
  await set.image.prefetchBoot();
  assert.deepEqual(set.asked, [set.packFile]);
  assert.equal(set.image.fetchedBytes, set.files.get(set.packFile).length);
});

test('a chunk of the boot pack that is on its way is not fetched on its own, and is there before the pack has ended', async t => {
  const set = packedImage(t);
  const { image, files, packFile, pack, contents, asked } = set;
  let server;
  files.set(packFile, new ReadableStream({ start(controller) { server = controller; } }));
  const all = image.prefetchBoot();
  const first = image.chunk(3);
  server.enqueue(new Uint8Array(pack.subarray(0, CHUNK + 100))); // a server may unpack it
  assert.deepEqual(await first, contents[3]);
  assert.equal(image.cached(0), null);
  const last = image.chunk(4);
  assert.deepEqual(await image.chunk(1), contents[1]); // which the pack does not have
  assert.deepEqual(asked, [packFile, `${sha(contents[1])}.gz`]);
  server.enqueue(new Uint8Array(pack.subarray(CHUNK + 100)));
  server.close();
  assert.deepEqual(await last, contents[4]);
  await all;
  assert.equal(asked.length, 2);
});

for (const [claim, spoil] of [
  ['missing', ({ files, packFile }) => files.delete(packFile)],
  ['cut off', ({ files, packFile }) => files.set(packFile, files.get(packFile).subarray(0, 2000))],
  ['too short', ({ files, packFile, pack }) => files.set(packFile, gzipSync(pack.subarray(0, CHUNK + 7)))],
  ['no gzip file', ({ files, packFile }) => files.set(packFile, '<html>')],
  ['of other content', ({ files, packFile, pack }) => files.set(packFile, gzipSync(pack.map((b, i) => (i === CHUNK ? 9 : b))))],
]) {
  test(`when the boot pack is ${claim}, chunks are fetched one by one`, async t => {
    const set = packedImage(t);
    spoil(set);
    const waiting = set.image.prefetchBoot();
    await assertBoot(set);
    await waiting;
    assert.equal(set.asked.filter(name => name === set.packFile).length, 1);
    assert.ok(set.asked.length > 1 && set.asked.length <= 4, String(set.asked));
    assert.equal(set.image.packed.size, 0);
  });
}

test('scan codes are those of a PC keyboard, set 1', () => {
  const rows = { Escape: 1, Digit1: 2, KeyQ: 0x10, Enter: 0x1C, KeyA: 0x1E, Backquote: 0x29, ShiftLeft: 0x2A, KeyZ: 0x2C, ShiftRight: 0x36, Space: 0x39,
    F1: 0x3B, F10: 0x44, NumLock: 0x45, Numpad7: 0x47, NumpadDecimal: 0x53, IntlBackslash: 0x56, F11: 0x57, F12: 0x58, ControlRight: 0x11D,
    NumpadDivide: 0x135, AltRight: 0x138, Home: 0x147, ArrowUp: 0x148, ArrowLeft: 0x14B, ArrowRight: 0x14D, ArrowDown: 0x150, Delete: 0x153 };
  for (const [name, code] of Object.entries(rows)) assert.equal(scanCode(name), code, name);
  assert.equal(scanCode('LaunchMail'), undefined);
});
