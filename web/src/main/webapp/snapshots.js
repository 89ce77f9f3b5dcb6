// SPDX-License-Identifier: Apache-2.0
// Snapshots in the worker: booting the machine that all deltas build on, making a file of a running machine, opening one.
// The bytes are made and read in Java (kmos.web.WebSnapshots); here they are carried, and the disk's parts fetched.
import { mark } from './marks.js';
import { BLOCK_BYTES, MemoryOverlay } from './overlay.js';

const PIECE_BYTES = 1 << 16;
const HEADER = 26;
const REACHED = -2, WAITS_FOR_HOST = -3, FAILED = -4;
/** Kinds of snapshots, as the export snapshotOpen tells them. */
const NEEDS_BASE = 3, RECIPE = 5, BOOTED_RECIPE = 7;

/** RAM and processor that a snapshot file asks for, or null when it is no snapshot: the rest is checked in Java. Error: no machine has so much. */
export function header(file) {
  if (String.fromCharCode(...file.subarray(0, 8)) !== 'kmOSsnap') return null;
  if (file.length < HEADER) throw new Error('this snapshot is truncated: it ends within its header');
  const memoryMegabytes = file[10] | file[11] << 8;
  if (memoryMegabytes < 64 || memoryMegabytes > 1536) throw new Error('this snapshot is damaged: its header makes no sense');
  return { memoryMegabytes, cpuLevel: file[12] };
}

/** Puts bytes into Java, in pieces. */
export function put(machine, bytes) {
  const { java } = machine;
  java.snapshotBegin(bytes.length);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    machine.bytes.set(piece, java.transferBuffer());
    java.snapshotPut(piece.length);
  }
}

/** The length bytes that Java made. */
export function get(machine, length) {
  const all = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = machine.java.snapshotGet(at);
    const from = machine.java.transferBuffer();
    all.set(machine.bytes.subarray(from, from + count), at);
    at += count;
  }
  return all;
}

/** A saved machine that cannot go on here: nothing is lost, the disk is as it was. */
export class NotResumed extends Error { }

/** Makes a machine that was just built the one of a checkpoint. NotResumed: why not. */
export function loadCheckpoint(fresh, { state, recipe, blocks }) {
  put(fresh, state);
  try {
    if (fresh.java.checkpointLoad() === 0) throw new NotResumed(fresh.failure);
    if (recipe !== null) {
      put(fresh, recipe.bytes);
      fresh.java.recipeResume(recipe.instructions);
    }
  } catch (problem) {
    throw problem instanceof NotResumed ? problem : new NotResumed(problem.message);
  }
  for (const [number, bytes] of blocks) {
    fresh.disk.volatile.set(number, bytes);
    fresh.disk.originals?.set(number, bytes.slice()); // as its past begins
  }
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

export function putImageName(machine) {
  put(machine, new TextEncoder().encode(machine.image.sha256 ?? ''));
  machine.java.snapshotImage();
}

/** Runs a machine that was just built to the base, the same on every host. Error: it stopped, or its disk cannot be read. */
export async function bootToBase(machine) {
  machine.java.bootBegin();
  await finish(machine, machine.java.bootStep);
}

/** Calls step until it has reached its end. */
async function finish(machine, step) {
  const usual = machine.wake;
  let onWake = () => {};
  machine.wake = () => onWake();
  try {
    for (let result = 0; result !== REACHED;) {
      const woken = new Promise(resolve => { onWake = resolve; });
      result = step(2e6);
      machine.postOutput();
      if (result === FAILED) throw new Error(machine.failure);
      if (result === WAITS_FOR_HOST) await woken;
    }
  } finally {
    machine.wake = usual;
  }
}

/**
 * Keeps the base in an instance whose machine was just built: from the file that was made with the site, or else by booting that machine, whose
 * console is not heard. Returns whether the machine ran.
 */
async function prepareBase(machine, baseFile) {
  if (await putBaseFile(machine, baseFile)) {
    machine.java.snapshotUseBase();
    return false;
  }
  await bootBase(machine);
  return true;
}

/** Puts the base's file (a promise of bytes or null) into Java; false when there is none for this machine. */
async function putBaseFile(machine, baseFile) {
  const file = await baseFile;
  if (file === null) return false;
  putImageName(machine);
  put(machine, file);
  if (machine.java.snapshotBaseFile() !== 0) return true;
  console.warn(`kmOS: the base of the site is not used: ${machine.failure}`);
  return false;
}

/** The same of a machine whose console is not heard. What it will read is on its way before it asks: one piece after the other takes seconds. */
async function bootSilently(machine) {
  machine.image.prefetchBoot();
  await silently(machine, () => bootToBase(machine));
}

async function bootBase(machine) {
  await bootSilently(machine);
  putDisk(machine, await machine.disk.changedBlocks());
  machine.java.snapshotBase();
}

async function silently(machine, work) {
  const usual = machine.postOutput;
  machine.postOutput = () => { machine.output = []; machine.outputCount = 0; };
  try {
    await work();
  } finally {
    machine.postOutput();
    machine.postOutput = usual;
  }
}

/** So many instructions are run in a second or so. */
export const QUICK_INSTRUCTIONS = 200e6;
const QUICK_BYTES = 6000;

/**
 * A file of a running machine: a recipe when that is short and soon done, and does give this machine; else its state.
 * Parameters: see stateSnapshot; form: 'state' for no recipe; startBlocks: of the disk as the machine found it, null when they are too many.
 */
export async function makeSnapshot(running, screen, form, { helper, build, hasBase, baseFile, startBlocks }) {
  const recipe = form !== 'state' && hasBase && startBlocks !== null ? makeRecipe(running, screen, startBlocks) : null;
  if (recipe !== null && recipe.file.length <= QUICK_BYTES && await isGood(recipe, await helper(), build, baseFile())) return recipe;
  return stateSnapshot(running, screen, helper, build, hasBase ? baseFile() : undefined);
}

function makeRecipe(running, screen, startBlocks) {
  const { java } = running;
  const instructions = java.recipeInstructions();
  if (instructions < 0 || instructions > QUICK_INSTRUCTIONS) return null;
  putImageName(running);
  putDisk(running, startBlocks);
  let length = java.recipeMake();
  if (length === 0) return null;
  if (screen !== null) {
    put(running, screen);
    length = java.snapshotAddScreen();
  }
  const file = get(running, length);
  return { file, hash: running.text(java.transferBuffer(), java.snapshotHash()), stateBytes: 0, instructions };
}

/** Cooks it once: a recipe that does not give the same machine is worth nothing. */
async function isGood(recipe, taster, build, baseFile) {
  try {
    await openSnapshot(taster, recipe.file, () => build(taster), baseFile);
    return true;
  } catch (problem) {
    console.warn(`kmOS: the recipe is not good, so the state is taken: ${problem.message}`);
    return false;
  } finally {
    clearInterval(taster.statusTimer);
  }
}

/**
 * A file of a running machine's state. It stands still until its state is copied. helper(): a new instance of the same configuration, with
 * nothing written to its disk; build(it) builds its machine. baseFile: see openSnapshot; undefined: others cannot boot what this one booted from.
 */
async function stateSnapshot(running, screen, helper, build, baseFile) {
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
  return encodeState(running, { state, blocks }, screen, helper, build, baseFile);
}

/** A file of a state and the blocks that its disk had changed; see stateSnapshot. */
export async function encodeState(running, { state, blocks }, screen, helper, build, baseFile) {
  const maker = await helper();
  try {
    await build(maker);
    if (baseFile !== undefined) await prepareBase(maker, baseFile);
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

/** count changed blocks of a disk, from Java. */
function takeBlocks({ java, bytes }, count) {
  const blocks = new Map();
  for (let i = 0; i < count; i++) {
    const number = java.snapshotBlock();
    const at = java.transferBuffer();
    blocks.set(number, bytes.slice(at, at + BLOCK_BYTES));
  }
  return blocks;
}

/** Makes a machine that was just built the base: loads it, or boots from a disk that was another at the start. */
async function bringToBase(fresh, startBlocks, baseFile) {
  if (startBlocks.size > 0 || !await putBaseFile(fresh, baseFile)) {
    await bootSilently(fresh);
    mark('booted');
    return;
  }
  fresh.replaceDisk(new MemoryOverlay(takeBlocks(fresh, fresh.java.snapshotTakeBase())));
  if (fresh.java.snapshotLoad() === 0) throw new Error(fresh.failure);
}

/** All of the pieces that numberOf(0, 1 ...) names are on their way: [number, promise, null when there is no such piece]. */
function fetchPieces({ image }, numberOf) {
  const pieces = [];
  for (let i = 0, number; (number = numberOf(i)) !== -1; i++) {
    const piece = image.chunkSize === PIECE_BYTES && number < image.chunks.length ? image.chunk(number) : null;
    piece?.catch(() => {}); // who waits for it hears of it, or the guest, which reads it again
    pieces.push([number, piece]);
  }
  return pieces;
}

/**
 * Makes a fresh instance the machine of a file. build() builds a machine in it; baseFile: a promise of the site's file of the base, or of null.
 * Returns { screen, hash, startBlocks, otherBuild: the name of another build that saved this state, or '' }; Error: why the file cannot be opened.
 */
export async function openSnapshot(fresh, file, build, baseFile) {
  const failed = () => new Error(fresh.failure);
  putImageName(fresh);
  put(fresh, file);
  const kind = fresh.java.snapshotOpen();
  if (kind === 0) throw failed();
  const isRecipe = kind === RECIPE || kind === BOOTED_RECIPE;
  if (kind === BOOTED_RECIPE) fresh.image.prefetchBoot(); // while the machine is built
  const needed = fetchPieces(fresh, fresh.java.snapshotNeeds);
  fetchPieces(fresh, fresh.java.snapshotReads);
  await build();
  mark('built');
  const hasRun = kind === NEEDS_BASE && await prepareBase(fresh, baseFile);
  mark(hasRun ? 'booted' : 'base');
  for (const [number, piece] of needed) {
    if (piece === null) throw new Error('this snapshot belongs to another disk image');
    putPiece(fresh, number, await piece);
  }
  const count = fresh.java.snapshotDecode() - 1;
  mark('decoded');
  if (count < 0) throw failed();
  const blocks = takeBlocks(fresh, count);
  if (hasRun) {
    fresh.java.closeMachine();
    await build();
  }
  fresh.replaceDisk(new MemoryOverlay(blocks));
  if (isRecipe) {
    await bringToBase(fresh, blocks, baseFile);
    mark('at the base');
    if (fresh.java.recipeBegin() === 0) throw failed();
    await finish(fresh, fresh.java.recipeStep);
  } else if (fresh.java.snapshotLoad() === 0) {
    throw failed();
  }
  return {
    screen: get(fresh, fresh.java.snapshotScreen()),
    hash: fresh.text(fresh.java.transferBuffer(), fresh.java.snapshotHash()),
    startBlocks: isRecipe ? blocks : null,
    // What a recipe gives was compared, whoever wrote it.
    otherBuild: isRecipe ? '' : fresh.text(fresh.java.transferBuffer(), fresh.java.snapshotOtherBuild()),
  };
}
