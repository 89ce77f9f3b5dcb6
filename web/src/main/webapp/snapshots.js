// SPDX-License-Identifier: Apache-2.0
// Snapshots in the worker: booting the machine that all deltas build on, making a file of a running machine, opening one.
// The bytes are made and read in Java (kmos.web.WebSnapshots); here they are carried, and the disk's parts fetched.
import { BLOCK_BYTES, MemoryOverlay } from './overlay.js';

const PIECE_BYTES = 1 << 16;
const REACHED = -2, WAITS_FOR_HOST = -3, FAILED = -4;

/** RAM and processor that a snapshot file asks for, or null when it is no snapshot: the rest is checked in Java. */
export function header(file) {
  if (file.length < 26 || String.fromCharCode(...file.subarray(0, 8)) !== 'kmOSsnap') return null;
  return { memoryMegabytes: file[10] | file[11] << 8, cpuLevel: file[12] };
}

/** Puts bytes into Java, in pieces. */
function put(machine, bytes) {
  const { java } = machine;
  java.snapshotBegin();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    machine.bytes.set(piece, java.transferBuffer());
    java.snapshotPut(piece.length);
  }
}

/** The length bytes that Java made. */
function get(machine, length) {
  const all = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = machine.java.snapshotGet(at);
    const from = machine.java.transferBuffer();
    all.set(machine.bytes.subarray(from, from + count), at);
    at += count;
  }
  return all;
}

function putDisk(machine, blocks) {
  for (const [number, block] of blocks) {
    machine.bytes.set(block, machine.java.transferBuffer());
    machine.java.snapshotDisk(number);
  }
}

function putPiece(machine, number, chunk) {
  const at = machine.java.transferBuffer();
  machine.bytes.fill(0, at, at + PIECE_BYTES);
  machine.bytes.set(chunk, at);
  machine.java.snapshotPiece(number);
}

function putImageName(machine) {
  put(machine, new TextEncoder().encode(machine.image.sha256 ?? ''));
  machine.java.snapshotImage();
}

/** Runs a machine that was just built to the base, the same on every host. Error: it stopped, or its disk cannot be read. */
export async function bootToBase(machine) {
  const usual = machine.wake;
  let onWake = () => {};
  machine.wake = () => onWake();
  machine.java.bootBegin();
  try {
    for (let result = 0; result !== REACHED;) {
      const woken = new Promise(resolve => { onWake = resolve; });
      result = machine.java.bootStep(2e6);
      machine.postOutput();
      if (result === FAILED) throw new Error(machine.failure);
      if (result === WAITS_FOR_HOST) await woken;
    }
  } finally {
    machine.wake = usual;
  }
}

/** Boots a machine in its own instance and keeps it as the base there; build() builds it. Its console is not heard. */
async function bootBase(machine, build) {
  const posted = machine.postOutput;
  machine.postOutput = () => { machine.output = []; machine.outputCount = 0; };
  await build();
  await bootToBase(machine);
  putDisk(machine, await machine.disk.changedBlocks());
  machine.java.snapshotBase();
  machine.postOutput = posted;
}

/**
 * A file of a running machine. It stands still until its state is copied. helper(): a new instance of the same configuration, with
 * nothing written to its disk; build(it) builds its machine. hasBase: whether others can boot what this one booted from.
 */
export async function makeSnapshot(running, screen, helper, build, hasBase) {
  running.isPaused = true;
  let state;
  let blocks;
  try {
    blocks = await running.disk.changedBlocks();
    state = get(running, running.java.snapshotState());
  } finally {
    running.isPaused = false;
    running.wake();
  }
  const maker = await helper();
  try {
    if (hasBase) await bootBase(maker, () => build(maker));
    else await build(maker);
    putImageName(maker);
    putDisk(maker, blocks);
    if (running.image.chunkSize === PIECE_BYTES) {
      for (const [number, chunk] of running.image.cache) putPiece(maker, number, chunk);
    }
    put(maker, state);
    let length = maker.java.snapshotEncode();
    if (length === 0) throw new Error(maker.failure);
    const bare = length;
    if (screen !== null) {
      put(maker, screen);
      length = maker.java.snapshotAddScreen();
    }
    const file = get(maker, length);
    return { file, hash: maker.text(maker.java.transferBuffer(), maker.java.snapshotHash()), stateBytes: state.length, screenBytes: length - bare };
  } finally {
    clearInterval(maker.statusTimer);
  }
}

/**
 * Makes a fresh instance the machine of a file. build() builds a machine in it. Returns { screen, hash }; Error: why the file
 * cannot be opened.
 */
export async function openSnapshot(fresh, file, build) {
  const failed = () => new Error(fresh.failure);
  putImageName(fresh);
  put(fresh, file);
  const kind = fresh.java.snapshotOpen();
  if (kind === 0) throw failed();
  if (kind === 3) await bootBase(fresh, build);
  else await build();
  for (let i = 0, number; (number = fresh.java.snapshotNeeds(i)) !== -1; i++) {
    if (fresh.image.chunkSize !== PIECE_BYTES || number >= fresh.image.chunks.length) throw new Error('this snapshot belongs to another disk image');
    putPiece(fresh, number, await fresh.image.chunk(number));
  }
  const count = fresh.java.snapshotDecode() - 1;
  if (count < 0) throw failed();
  const blocks = new Map();
  for (let i = 0; i < count; i++) {
    const number = fresh.java.snapshotBlock();
    const at = fresh.java.transferBuffer();
    blocks.set(number, fresh.bytes.slice(at, at + BLOCK_BYTES));
  }
  fresh.java.closeMachine();
  fresh.replaceDisk(new MemoryOverlay(blocks));
  await build();
  fresh.output = [];
  fresh.outputCount = 0;
  if (fresh.java.snapshotLoad() === 0) throw failed();
  return {
    screen: get(fresh, fresh.java.snapshotScreen()),
    hash: fresh.text(fresh.java.transferBuffer(), fresh.java.snapshotHash()),
  };
}
