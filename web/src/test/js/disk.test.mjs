// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
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

test('scan codes are those of a PC keyboard, set 1', () => {
  const rows = { Escape: 1, Digit1: 2, KeyQ: 0x10, Enter: 0x1C, KeyA: 0x1E, Backquote: 0x29, ShiftLeft: 0x2A, KeyZ: 0x2C, ShiftRight: 0x36, Space: 0x39,
    F1: 0x3B, F10: 0x44, NumLock: 0x45, Numpad7: 0x47, NumpadDecimal: 0x53, IntlBackslash: 0x56, F11: 0x57, F12: 0x58, ControlRight: 0x11D,
    NumpadDivide: 0x135, AltRight: 0x138, Home: 0x147, ArrowUp: 0x148, ArrowLeft: 0x14B, ArrowRight: 0x14D, ArrowDown: 0x150, Delete: 0x153 };
  for (const [name, code] of Object.entries(rows)) assert.equal(scanCode(name), code, name);
  assert.equal(scanCode('LaunchMail'), undefined);
});
