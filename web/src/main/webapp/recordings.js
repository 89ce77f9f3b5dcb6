// SPDX-License-Identifier: Apache-2.0
// Recordings in the worker: a file of what the machine's log holds, and the machine of such a file. What is in a file, kmos.system.replay.Recording says.
import { BLOCK_BYTES } from './overlay.js';
import { encodeState, get, openSnapshot, put, putImageName } from './snapshots.js';

const MAGIC = 'kmOSrec\n', HEADER = 28, SECTOR = 512;
const WAITS = 0, FROM_CHECKPOINT = 2;
const OF_ANOTHER_BUILD = 2;

/** Whether a file's first bytes say that it is a recording. */
export function isRecording(file) {
  return String.fromCharCode(...file.subarray(0, MAGIC.length)) === MAGIC;
}

/** RAM that a recording's machine has: needed before there is a module that can read the rest, and check it. Error: it cannot be read. */
export async function recordedMemory(file) {
  let config;
  try {
    const body = new Blob([file.subarray(HEADER)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const plain = new Uint8Array(await new Response(body).arrayBuffer());
    config = section(plain, 'config');
  } catch {
    config = null;
  }
  const found = /^memoryMegabytes (\d{2,4})$/m.exec(config ?? '');
  if (found === null || found[1] < 64 || found[1] > 1536) throw new Error('the recording is truncated or damaged');
  return Number(found[1]);
}

function section(plain, wanted) {
  const view = new DataView(plain.buffer);
  for (let at = 0; at < plain.length;) {
    const name = String.fromCharCode(...plain.subarray(at + 1, at + 1 + plain[at]));
    at += 1 + plain[at];
    const length = view.getUint32(at, true);
    at += 4;
    if (name === wanted) return new TextDecoder().decode(plain.subarray(at, at + length));
    at += length;
  }
  return null;
}

/**
 * All that the machine's log holds as a file: from the boot, or from the earliest checkpoint that is kept. maker: as for makeSnapshot. Error: why
 * there is none.
 */
export async function makeRecording(machine, { helper, build, hasBase, baseFile }) {
  const { java } = machine;
  let kind;
  do {
    const name = new TextEncoder().encode(machine.image.sha256);
    machine.bytes.set(name, java.transferBuffer());
    kind = java.recordingTake(name.length);
    if (kind === WAITS) await new Promise(done => { setTimeout(done, 5); }); // for the disk's answer
  } while (kind === WAITS);
  if (kind !== FROM_CHECKPOINT) return get(machine, java.recordingFinish(0));
  const state = get(machine, java.recordingStateBytes());
  if (machine.past.isActive) machine.past.goOn(); // it was at the beginning meanwhile
  const pages = [];
  for (let number; (number = java.recordingDisk()) !== -1;) {
    const at = java.transferBuffer();
    pages.push({ number, bytes: machine.bytes.slice(at, at + BLOCK_BYTES), sectors: machine.bytes[at + BLOCK_BYTES] });
  }
  const blocks = await machine.disk.originalBlocks();
  for (const page of pages) await merge(machine, blocks, page);
  const { file } = await encodeState(machine, { state, blocks }, null, helper, build, hasBase ? baseFile() : undefined);
  put(machine, file);
  return get(machine, java.recordingFinish(file.length));
}

/** Puts the sectors that were written over what the block held before. */
async function merge({ image }, blocks, { number, bytes, sectors }) {
  let block = blocks.get(number);
  if (block === undefined) {
    block = new Uint8Array(BLOCK_BYTES);
    if (sectors !== 0xFF) {
      const at = number * BLOCK_BYTES;
      const chunk = await image.chunk(Math.floor(at / image.chunkSize));
      block.set(chunk.subarray(at % image.chunkSize, at % image.chunkSize + BLOCK_BYTES));
    }
    blocks.set(number, block);
  }
  for (let i = 0; i < BLOCK_BYTES / SECTOR; i++) {
    if (sectors >> i & 1) block.set(bytes.subarray(i * SECTOR, (i + 1) * SECTOR), i * SECTOR);
  }
}

/** Reads a recording into an instance. Error: why it cannot be replayed here. Returns whether it can: of another build's only the start is of use. */
export function putRecording(machine, file) {
  putImageName(machine);
  put(machine, file);
  const kind = machine.java.replayOpen();
  if (kind === 0) throw new Error(machine.failure);
  return kind !== OF_ANOTHER_BUILD;
}

/** The snapshot at which the recording begins that was put; empty: it begins at boot. */
export function recordingStart(machine) {
  return get(machine, machine.java.replayStart());
}

/** Builds the machine of a recording that was put. font: of the site. */
export function buildRecorded(machine, font, jitThreshold) {
  const { bytes, java, disk } = machine;
  bytes.set(font, java.transferBuffer());
  if (!java.replayBuild(disk.sectors, font.length, jitThreshold)) throw new Error(machine.failure);
}

/** Makes a fresh instance, into which a recording was put, stand where it begins. build() builds its machine; baseFile: as for openSnapshot. */
export async function openRecording(fresh, build, baseFile) {
  const start = recordingStart(fresh);
  if (start.length === 0) await build();
  else await openSnapshot(fresh, start, build, baseFile);
  return { isLoaded: start.length > 0 };
}
