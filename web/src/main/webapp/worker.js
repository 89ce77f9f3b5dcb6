// SPDX-License-Identifier: Apache-2.0
// The machine's worker: loads the module and the disk, runs slices, and talks to the page by messages (listed in
// docs/web.md). Everything heavy stays in linear memory; Java is called between slices only.
import { fetchBytes, gunzip, isGzip } from './bytes.js';
import { Checkpoints } from './checkpoints.js';
import { Commands, loadArchive } from './commands.js';
import { CpuWatch, figures } from './cpu-figures.js';
import { Disk } from './disk.js';
import { FrameReader } from './frames.js';
import { HttpDisk } from './http-disk.js';
import { Jit } from './jit.js';
import { fetchParts, loadModule } from './load.js';
import { mark, marks } from './marks.js';
import { MemoryOverlay } from './overlay.js';
import { HISTORY_MIB, Past } from './past.js';
import { Playback } from './playback.js';
import { buildRecorded, isRecording, makeRecording, openRecording, putRecording, recordedMemory, recordingStart } from './recordings.js';
import { bootToBase, get, header, loadCheckpoint, makeSnapshot, NotResumed, openSnapshot, QUICK_INSTRUCTIONS } from './snapshots.js';
import { DiskInUse, openOverlay } from './storage.js';

const SLICE_MS = 9;
const STEP_MS = 2;
/** So long a machine that waits is left alone before its hot places are compiled. */
const IDLE_MS = 3;
const STATUS_MS = 250;
const FRAME_MS = 33;
/** With so many bytes of output not yet drawn by the page, the machine waits for it. */
const OUTPUT_LIMIT = 1 << 20;
/** With more blocks written before the start, a recipe would be too long: they are not kept for one. */
const MANY_BLOCKS = 256;
/** Linear memory beside the guest's RAM: TeaVM's own 4 MiB, decoded code, frame buffer, buffers, tables. */
const EXTRA_MIB = 64;
/** RAM and processor of the machine whose base is a file of the site. */
const BASE_MEGABYTES = 256, BASE_CPU = 2;
/** What the machine of the past does not see. */
const PRESENT_ONLY = new Set(['input', 'key', 'resize', 'run', 'read-file', 'write-file', 'signal', 'own-copy']);
/** What a machine whose recording is played does not take: all that would make it another one. */
const UNRECORDED_ONLY = new Set([...PRESENT_ONLY].filter(type => type !== 'own-copy'));
/** Results of the export step. */
const NOTHING_DUE = -1, ENDED = -2, WAITS_FOR_HOST = -3, FAILED = -4;

const post = (type, fields = {}, transfer = []) => self.postMessage({ type, ...fields }, transfer);
const decoder = new TextDecoder();

self.onmessage = event => {
  const { type } = event.data;
  if (type === 'prefetch') {
    prefetched = fetchParts(event.data.base, new URL('disk/', event.data.base), post);
    if (event.data.opensSnapshot) prefetched.baseFile();
  } else if (type === 'start') {
    start(event.data).catch(problem => {
      if (problem instanceof DiskInUse) post('disk-in-use');
      else if (problem instanceof NotResumed) post('not-resumed', { reason: problem.message });
      else post('error', { message: problem.message, dump: problem.stack ?? '' });
    });
  } else if (type === 'self-test') {
    selfTest(event.data).then(result => post('self-test', result), problem => post('self-test', { problem: String(problem.stack ?? problem) }));
  } else if (type === 'vectors') {
    vectors(event.data).then(result => post('vectors', result), problem => post('vectors', { problem: String(problem.stack ?? problem) }));
  } else if (type === 'decode-cost') {
    decodeCost(event.data).then(result => post('decode-cost', result), problem => post('decode-cost', { problem: String(problem.stack ?? problem) }));
  } else if (type === 'restore-plainly') {
    agree();
  } else if (machine !== null) {
    machine.message(event.data);
  }
};

let machine = null;
/** The user wants the machine that another build saved. */
let agree = () => {};
/** What the page's first script asked for, until the start. */
let prefetched = null;

async function start({ base, memoryMegabytes, cpuLevel, diskMode, columns, rows, jitThreshold, embed = null, snapshot = null, moment = null, resumes = false }) {
  const diskBase = embed === null ? new URL('disk/', base) : embed.image === null ? null : new URL(embed.image);
  let recording = embed === null && snapshot !== null && isRecording(snapshot) ? snapshot : null;
  let file = snapshot;
  const wanted = recording !== null ? { memoryMegabytes: await recordedMemory(recording), cpuLevel: BASE_CPU }
    : snapshot === null ? { memoryMegabytes, cpuLevel } : header(snapshot);
  if (wanted === null) throw new Error(embed === null ? 'this is neither a kmOS snapshot nor a recording' : 'this is not a kmOS snapshot');
  mark('worker');
  post('progress', { step: 'Loading the machine', done: 0, total: 0 });
  const parts = embed === null && prefetched !== null ? prefetched : fetchParts(base, diskBase, post);
  prefetched = null;
  const isUsual = embed === null && wanted.memoryMegabytes === BASE_MEGABYTES && wanted.cpuLevel === BASE_CPU;
  const baseFile = isUsual ? parts.baseFile : async () => null;
  if (snapshot !== null) baseFile();
  const image = await parts.image;
  mark('manifest');
  if (snapshot === null) image.prefetchBoot();
  const [module, font] = [await parts.module, await parts.font];
  mark('module');
  post('progress', { step: 'Opening the disk', done: 0, total: 0 });
  const { overlay, isKept, note } = snapshot === null ? await openOverlay(`kmos-disk-${image.sha256}`, diskMode)
    : { overlay: new MemoryOverlay(), isKept: false, note: '' };
  post('disk', { isKept, note });

  /** An instance with nothing in it yet, and what builds a machine of this kind in one. */
  const instance = ownOverlay => instantiate(module, image, ownOverlay, wanted.memoryMegabytes);
  let isLoaded = snapshot !== null && recording === null;
  const build = async into => {
    if (embed !== null) await prepareEmbedded(into, embed);
    if (recording !== null) {
      putRecording(into, recording);
      buildRecorded(into, font, jitThreshold);
      return;
    }
    into.bytes.set(font, into.java.transferBuffer());
    into.java.chooseCpu(wanted.cpuLevel);
    if (into.keepsPast) into.java.chooseHistory(HISTORY_MIB, isLoaded ? 1 : 0);
    if (!into.java.build(wanted.memoryMegabytes, into.disk.sectors, font.length, 0, 0, jitThreshold)) throw new Error(into.failure);
  };
  const fresh = await instance(overlay);
  mark('instance');
  if (recording !== null && !putRecording(fresh, recording)) {
    file = recordingStart(fresh);
    recording = null;
    isLoaded = true;
  }
  if (embed === null) fresh.keepPast();
  const startBlocks = overlay.size <= MANY_BLOCKS ? await overlay.snapshot() : null;
  fresh.maker = { helper: () => instance(new MemoryOverlay()), build, hasBase: (embed?.rootfs ?? null) === null, baseFile, startBlocks };
  const checkpoints = isKept && embed === null
    ? new Checkpoints(overlay, { ...wanted, build: fresh.build(), image: image.sha256 }, () => post('screen-wanted')) : null;
  const { saved, refusal } = resumes && checkpoints !== null ? await checkpoints.find() : { saved: null, refusal: '' };
  if (refusal !== '') post('notice', { text: refusal });
  if (saved !== null) {
    isLoaded = true;
    await build(fresh);
    loadCheckpoint(fresh, saved); // throws when it cannot be: the page starts without it
    fresh.maker.startBlocks = saved.recipe === null ? null : new Map(saved.recipe.startBlocks);
    machine = fresh;
    machine.checkpoints = checkpoints;
    if (machine.keepsPast) machine.java.pastRestart();
    machine.becomeOwn();
    post('resumed', { screen: saved.screen, date: saved.date });
    post('running');
  } else if (snapshot === null) {
    await checkpoints?.drop();
    await build(fresh);
    await bootToBase(fresh);
    fresh.java.recipeFollow();
    fresh.undrawnBytes = 0; // the page's answers go to a running machine only
    machine = fresh;
    machine.checkpoints = checkpoints;
    machine.becomeOwn();
    machine.java.resize(columns, rows);
    post('running');
  } else if (recording !== null) {
    await startPlayback(fresh, recording, moment, font, jitThreshold, baseFile());
  } else {
    const { screen, hash, startBlocks: found, otherBuild } = await openSnapshot(fresh, file, () => build(fresh), baseFile());
    mark('opened');
    if (otherBuild !== '') {
      if (embed !== null) throw new Error(`this snapshot is of kmOS build ${otherBuild}, this is build ${fresh.build()}: open it with the build that made it`); // nobody to ask
      post('other-build', { build: otherBuild, guestEpochMs: fresh.java.guestEpochMs(), isRecording: file !== snapshot });
      await new Promise(done => { agree = done; });
    }
    machine = fresh;
    machine.maker.startBlocks = found;
    if (machine.keepsPast) machine.java.pastRestart();
    if (otherBuild === '') machine.follow();
    else machine.becomeOwn(); // it is not exactly what it was, so there is nothing to keep exact
    post('restored', { screen, hash, marks: marks(), isExact: otherBuild === '' });
    post('running');
  }
  machine.wake();
}

/** The machine is at the recording's beginning, and goes on as recorded; moment: where it stops, guest time in ns, or null. */
async function startPlayback(fresh, recording, moment, font, jitThreshold, baseFile) {
  if (fresh.keepsPast) fresh.java.chooseHistory(HISTORY_MIB, 0);
  const { isLoaded } = await openRecording(fresh, async () => buildRecorded(fresh, font, jitThreshold), baseFile);
  if (isLoaded && fresh.keepsPast) fresh.java.pastRestart();
  fresh.java.replayBegin();
  fresh.maker.hasBase = fresh.java.replayHasBase() !== 0;
  machine = fresh;
  machine.playback = new Playback(machine, post, moment);
  if (isLoaded) machine.past.paint();
  machine.playback.report();
  post('running');
}

/** For the module kmos.js: commands instead of init, an archive. */
async function prepareEmbedded(fresh, { rootfs, isHosted }) {
  fresh.commands ??= new Commands(fresh, post);
  if (rootfs !== null) await loadArchive(fresh, rootfs, { fetchBytes, gunzip, isGzip });
  if (isHosted) fresh.java.chooseHosted();
}

async function instantiate(module, image, overlay, memoryMegabytes) {
  const pages = (memoryMegabytes + EXTRA_MIB) * 16;
  let memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (problem) {
    throw new Error(`the browser does not give ${memoryMegabytes} MiB of memory to the machine: ${problem.message}`);
  }
  const bytes = new Uint8Array(memory.buffer);
  const fresh = new RunningMachine(image, overlay, bytes);
  const jit = new Jit(memory);
  const vm = await TeaVM.wasmGC.load(module, { // eslint-disable-line no-undef
    memory: { external: memory },
    noAutoImports: true,
    installImports: imports => {
      imports.host = fresh.imports();
      imports.jit = jit.imports();
    },
  });
  fresh.java = vm.instance.exports;
  jit.connect(fresh.java);
  fresh.jit = jit;
  vm.exports.main([String(memoryMegabytes + EXTRA_MIB)]);
  return fresh;
}

/**
 * Runs the standard scripted session as fast as it goes, or a recording whose hashes are compared on the way; the JVM's run must give the
 * same hash and output.
 */
async function selfTest({ base, jitThreshold = 0, recording = null }) {
  const [module, image] = await Promise.all([loadModule(base, post), HttpDisk.open(new URL('disk/', base))]);
  const { overlay } = await openOverlay('kmos-self-test', 'copy');
  const fresh = await instantiate(module, image, overlay, 64);
  let onWake = () => {};
  fresh.wake = () => onWake();
  const { java } = fresh;
  if (recording === null) {
    if (!java.buildScripted(fresh.disk.sectors, jitThreshold)) throw new Error(fresh.failure);
  } else {
    putRecording(fresh, Uint8Array.from(atob(recording), c => c.charCodeAt(0)));
    buildRecorded(fresh, new Uint8Array(0), jitThreshold);
    java.replayBegin();
  }
  const step = recording === null ? java.stepScripted : cycles => java.replayStep(cycles, Infinity);
  const begin = performance.now();
  for (let result = 0; result !== ENDED;) {
    const woken = new Promise(resolve => { onWake = resolve; });
    result = step(2e6);
    if (result === FAILED) throw new Error(fresh.failure);
    if (result === WAITS_FOR_HOST) await woken;
  }
  const seconds = (performance.now() - begin) / 1000;
  const hash = recording === null ? fresh.text(java.transferBuffer(), java.stateHash()) : '';
  const hashes = recording === null ? 0 : java.replayHashes();
  const output = fresh.output.map(piece => String.fromCharCode(...piece)).join('');
  clearInterval(fresh.statusTimer);
  return { hash, hashes, output, seconds, instructions: fresh.java.instructions(), modules: fresh.jit.modules, moduleBytes: fresh.jit.bytes, moduleMs: fresh.jit.milliseconds };
}

/** Replays files of recorded instruction results ([{ mode, url, name }]): their reports, as kmos.web.WebVectors writes them. */
async function vectors({ base, files, sample, isJit = false }) {
  const module = await loadModule(base, post);
  const runner = await instantiate(module, null, null, 16);
  clearInterval(runner.statusTimer);
  const { java, bytes } = runner;
  const room = 1 << 16;
  const reports = [];
  for (const { mode, url, name } of files) {
    const packed = await fetchBytes(new URL(url, base));
    const text = isGzip(packed) ? await gunzip(packed) : packed;
    if (!java.vectorsOpen(mode, sample, isJit ? 1 : 0)) throw new Error(runner.failure);
    for (let at = 0; at < text.length; at += room) {
      const piece = text.subarray(at, at + room);
      bytes.set(piece, java.transferBuffer());
      if (!java.vectorsText(piece.length)) throw new Error(`${name}: ${runner.failure}`);
    }
    reports.push({ name, report: runner.text(java.transferBuffer(), java.vectorsClose()) });
  }
  return { reports, modules: runner.jit.modules };
}

/** For ./kmos bench: nanoseconds of decoding an instruction of 32- and 64-bit code. */
async function decodeCost({ base }) {
  const runner = await instantiate(await loadModule(base, post), null, null, 16);
  clearInterval(runner.statusTimer);
  const nanoseconds = [32, 64].map(bits => runner.java.decodeCost(bits));
  if (nanoseconds.includes(-1)) throw new Error(runner.failure);
  return { nanoseconds };
}

class RunningMachine {
  constructor(image, overlay, bytes) {
    this.java = null;
    this.bytes = bytes;
    this.image = image;
    this.disk = null;
    this.keepsPast = false;
    this.replaceDisk(overlay);
    this.maker = null;        // for snapshots: makes another instance of the same configuration
    this.isPaused = false;    // while its state is copied
    this.checkpoints = null;  // with a disk that is kept
    this.frames = null;
    this.commands = null;     // with the module kmos.js
    this.past = new Past(this, post);
    this.playback = null;     // of a recording
    this.cpuWatch = new CpuWatch(this, post);
    this.failure = '';
    this.input = [];          // Uint8Arrays that the serial line has not taken yet
    this.output = [];
    this.outputCount = 0;
    this.undrawnBytes = 0;    // output that the page has not acknowledged
    this.isScreenVisible = false;
    this.frameTimer = 0;
    this.lastFrame = 0;
    this.epoch = performance.now();
    this.cyclesPerStep = 1e5;
    this.isScheduled = false;
    this.hasEnded = false;
    this.isTrapWanted = false; // by a test
    this.timer = 0;
    this.busyMs = 0;          // since the last status
    this.ranMs = 0;           // until then
    this.lastStatus = { at: this.epoch, instructions: 0, read: 0, written: 0, fetched: 0 };
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => this.slice();
    this.compiling = 0;
    this.statusTimer = setInterval(() => this.postStatus(), STATUS_MS);
  }

  replaceDisk(overlay) {
    const disk = new Disk(this.image, overlay, () => this.bytes, (request, result) => {
      if (disk === this.disk) this.diskDone(request, result);
    }, text => post('notice', { text }));
    this.disk = disk;
    if (this.keepsPast) disk.keepPast();
  }

  /** Its past can be seen, from its start on. */
  keepPast() {
    this.keepsPast = true;
    this.disk.keepPast();
  }

  /** The digest of the sources that it was built from. */
  build() {
    return this.text(this.java.transferBuffer(), this.java.buildDigest());
  }

  /** How the machine came to be what it is, for a checkpoint: { bytes, instructions, startBlocks }; null: it has no recipe. */
  savedRecipe() {
    const { startBlocks } = this.maker;
    const instructions = this.java.recipeInstructions();
    const length = startBlocks === null || instructions < 0 || instructions > QUICK_INSTRUCTIONS ? 0 : this.java.recipeSave();
    return length === 0 ? null : { bytes: get(this, length), instructions: this.java.recipeInstructions(), startBlocks: [...startBlocks] };
  }

  /** The whole state, with what tells whether it can go on here. */
  checkpointBytes() {
    return get(this, this.java.checkpointState());
  }

  /** Guest time goes on from where it stands, at the pace of real time from now on. */
  follow() {
    this.epoch = performance.now() - this.java.guestNs() / 1e6;
  }

  /** Fresh entropy and the clock of this host: from now on no other machine is the same. */
  becomeOwn() {
    this.java.ownCopy(...crypto.getRandomValues(new Int32Array(2)), Date.now());
    this.follow();
  }

  imports() {
    return {
      output: (address, count) => {
        this.output.push(this.bytes.slice(address, address + count));
        this.outputCount += count;
      },
      failed: (address, count) => { this.failure = this.text(address, count); },
      diskRead: (request, sector, count, address) => this.disk.read(request, sector, count, address),
      diskWrite: (request, sector, count, address) => this.disk.write(request, sector, count, address),
      diskFlush: request => this.disk.flush(request),
      diskPast: isPast => this.disk.setPast(isPast !== 0),
    };
  }

  text(address, count) {
    return decoder.decode(this.bytes.subarray(address, address + count));
  }

  // The loop

  /** There is something to do: run a slice as soon as messages had their turn. */
  wake() {
    if (this.isScheduled || this.hasEnded || this.isPaused) return;
    clearTimeout(this.timer);
    this.isScheduled = true;
    this.channel.port2.postMessage(0);
  }

  slice() {
    this.isScheduled = false;
    if (this.hasEnded || this.isPaused) return;
    const begin = performance.now();
    let now = begin;
    let wait = 0;
    try {
      if (this.isTrapWanted) this.java.provokeTrap();
      if (this.past.isActive || this.past.wanted !== null && this.past.begin() && this.past.isActive) {
        this.past.slice();
        return;
      }
      if (this.playback !== null) {
        this.playback.slice();
        return;
      }
      do {
        this.feedInput();
        const cycles = this.cyclesPerStep;
        wait = this.java.step(cycles, (now - this.epoch) * 1e6);
        if (this.commands !== null && this.commands.pump() && (wait > 0 || wait === NOTHING_DUE)) wait = 0;
        const after = performance.now();
        const took = after - now;
        now = after;
        if (took > STEP_MS * 1.5) this.cyclesPerStep = Math.max(1e4, cycles * Math.max(0.05, STEP_MS / took));
        else if (wait === 0 && took < STEP_MS * 0.7) this.cyclesPerStep = Math.min(1e7, cycles * 1.3);
      } while (wait === 0 && now - begin < SLICE_MS && this.hasRoom());
    } catch (trap) {
      this.crash(trap);
      return;
    }
    this.busyMs += now - begin;
    this.postOutput();
    this.postFrame(now);
    if (wait === FAILED) {
      this.crash(new Error(this.failure));
    } else if (wait === ENDED) {
      this.end();
    } else if (!this.hasRoom()) {
      return; // until the page has drawn: message 'drawn'
    } else if (wait === 0) {
      this.wake();
    } else if (wait > 0) {
      this.timer = setTimeout(() => this.wake(), Math.min(wait / 1e6, 0x7FFFFFFF));
    } // NOTHING_DUE, WAITS_FOR_HOST: an event wakes us
    if (!this.hasEnded && wait !== 0) this.compileSoon();
  }

  /** While the machine waits, what is hot is compiled, a region at a time. */
  compileSoon() {
    clearTimeout(this.compiling);
    this.compiling = setTimeout(() => this.compileIdle(), IDLE_MS);
  }

  compileIdle() {
    if (this.isScheduled || this.hasEnded || this.isPaused || this.past.isActive || this.playback !== null) return;
    try {
      if (this.java.compileIdle() === 1) this.compileSoon();
    } catch (trap) {
      this.crash(trap);
    }
  }

  /** Whether the page is not too far behind with drawing. */
  hasRoom() {
    return this.undrawnBytes + this.outputCount < OUTPUT_LIMIT;
  }

  feedInput() {
    while (this.input.length > 0) {
      const piece = this.input[0].subarray(0, 1 << 16);
      this.bytes.set(piece, this.java.transferBuffer());
      const taken = this.java.input(piece.length);
      if (taken === this.input[0].length) this.input.shift();
      else this.input[0] = this.input[0].subarray(taken);
      if (taken < piece.length) return;
    }
  }

  diskDone(request, result) {
    if (this.java === null || this.hasEnded) return;
    try {
      this.java.diskDone(request, result);
    } catch (trap) {
      this.crash(trap);
      return;
    }
    this.wake();
  }

  // To the page

  postOutput() {
    if (this.outputCount === 0) return;
    const all = new Uint8Array(this.outputCount);
    let at = 0;
    for (const piece of this.output) {
      all.set(piece, at);
      at += piece.length;
    }
    this.output = [];
    this.outputCount = 0;
    this.undrawnBytes += all.length;
    post('output', { bytes: all }, [all.buffer]);
  }

  postFrame(now) {
    if (!this.isScreenVisible || this.java === null) return;
    const due = this.lastFrame + FRAME_MS - now;
    if (due > 0) {
      // What is drawn last before the guest goes to sleep must be seen as well.
      if (this.frameTimer === 0) {
        this.frameTimer = setTimeout(() => {
          this.frameTimer = 0;
          this.postFrame(performance.now());
        }, due);
      }
      return;
    }
    this.lastFrame = now;
    this.frames ??= new FrameReader(this.java, this.bytes);
    const frame = this.frames.changed();
    if (frame !== null) post('frame', frame, [frame.pixels]);
  }

  postStatus() {
    if (this.java === null || machine !== this) return;
    const now = performance.now();
    const instructions = this.java.instructions();
    const seconds = (now - this.lastStatus.at) / 1000;
    const { readBytes: read, writtenBytes: written } = this.disk;
    const fetched = this.image.fetchedBytes;
    post('status', {
      guestEpochMs: this.java.guestEpochMs(),
      guestNs: this.java.guestNs(),
      instructions,
      mips: (instructions - this.lastStatus.instructions) / seconds / 1e6,
      cpu: figures(this.java),
      busy: Math.min(1, this.busyMs / 1000 / seconds),
      memoryBytes: this.java.memoryBytes(),
      freeBytes: this.java.freeBytes(),
      isReading: read > this.lastStatus.read,
      isWriting: written > this.lastStatus.written,
      isFetching: this.image.fetching.size > 0,
      fetchedBytes: fetched,
      loadedBytes: self.loadedBytes,
      unsavedBlocks: this.disk.volatile.size,
      past: this.past.status(this.ranMs + this.busyMs),
    });
    this.cpuWatch.tick(now);
    // What is kept for the next visit is the present.
    if (!this.hasEnded && !this.past.isActive) this.checkpoints?.tick(this, this.busyMs / 1000 / seconds < 0.2);
    this.ranMs += this.busyMs;
    this.busyMs = 0;
    this.lastStatus = { at: now, instructions, read, written, fetched };
  }

  end() {
    this.hasEnded = true;
    this.checkpoints?.drop().catch(problem => post('notice', { text: `The browser refuses its storage: ${problem.message}` }));
    this.postStatus();
    clearInterval(this.statusTimer);
    this.lastFrame = 0;
    this.postFrame(performance.now());
    const [state, reason] = this.text(this.java.transferBuffer(), this.java.endState()).split('\n');
    post('ended', { state, reason });
  }

  /** A trap or an exception of ours: the machine stops and says where it was. */
  crash(problem) {
    this.hasEnded = true;
    clearInterval(this.statusTimer);
    this.postOutput();
    let dump = '';
    try {
      dump = this.text(this.java.transferBuffer(), this.java.dump());
    } catch (second) {
      dump = `no state: ${second.message}\n`;
    }
    post('error', { message: problem.message || String(problem), dump: `${dump}\n${problem.stack ?? ''}` });
  }

  // From the page

  message(message) {
    if (this.past.isActive && PRESENT_ONLY.has(message.type)) return;
    if (this.playback !== null && UNRECORDED_ONLY.has(message.type)) return;
    switch (message.type) {
      case 'past':
        if (!this.hasEnded) this.past.message(message);
        break;
      case 'recording':
        makeRecording(this, this.maker).then(bytes => post('recorded', { bytes, problem: '' }), problem => post('recorded', { bytes: null, problem: problem.message }));
        break;
      case 'input':
        this.input.push(message.bytes);
        this.wake();
        break;
      case 'resize':
        if (!this.hasEnded) this.java.resize(message.columns, message.rows);
        this.wake();
        break;
      case 'key':
        if (!this.hasEnded) this.java.key(message.code, message.isDown ? 1 : 0);
        this.wake();
        break;
      case 'run': case 'read-file': case 'write-file': case 'signal':
        if (!this.hasEnded) this.commands.request(message);
        this.wake();
        break;
      case 'cpu':
        this.cpuWatch.message(message);
        break;
      case 'provoke-trap':
        this.isTrapWanted = true;
        this.wake();
        break;
      case 'drawn':
        this.undrawnBytes = Math.max(0, this.undrawnBytes - message.count);
        this.wake();
        break;
      case 'screen':
        this.isScreenVisible = message.isVisible;
        if (message.isVisible) {
          this.frames?.forget();
          this.lastFrame = 0;
          this.postFrame(performance.now());
        }
        break;
      case 'snapshot':
        if (this.past.isActive) {
          post('snapshot', { problem: 'the machine is in its past: go back to now, or continue from here, first' });
          break;
        }
        this.snapshot(message).catch(problem => post('snapshot', { problem: problem.message }));
        break;
      case 'screen-text':
        this.checkpoints?.save(this, message.screen);
        break;
      case 'hidden':
        if (!this.hasEnded && !this.past.isActive) this.checkpoints?.begin();
        break;
      case 'moment':
        this.moment().catch(problem => post('snapshot', { problem: problem.message }));
        break;
      case 'playback':
        this.playback?.play(message.speed);
        break;
      case 'playback-leave':
        this.leavePlayback();
        break;
      case 'own-copy':
        if (!this.hasEnded) this.becomeOwn();
        this.wake();
        break;
      case 'export':
        this.exportDisk().catch(problem => post('notice', { text: `The disk cannot be exported: ${problem.message}` }));
        break;
      default:
        throw new Error(`unknown message ${message.type}`);
    }
  }

  /** From here on the machine is not the recorded one any more, but its user's. */
  leavePlayback() {
    if (this.playback === null || this.past.isActive) return;
    this.dropPlayback();
    this.becomeOwn();
    this.wake();
  }

  dropPlayback() {
    if (this.playback === null) return;
    this.playback = null;
    this.java.replayLeave();
    post('playback-left');
  }

  async snapshot({ screen = null, form = '' }) {
    const begin = performance.now();
    const made = await makeSnapshot(this, screen, form, this.maker);
    post('snapshot', { ...made, problem: '', milliseconds: performance.now() - begin }, [made.file.buffer]);
  }

  /** A recording, and where in it the machine is seen. */
  async moment() {
    const begin = performance.now();
    const moment = this.java.guestNs();
    const file = await makeRecording(this, this.maker);
    post('snapshot', { file, moment, problem: '', milliseconds: performance.now() - begin }, [file.buffer]);
  }

  async exportDisk() {
    const image = await this.disk.exportStream((done, total) => {
      if (done % 64 === 0) post('progress', { step: 'Exporting the disk', done, total });
    });
    const blob = await new Response(image.pipeThrough(new CompressionStream('gzip'))).blob();
    post('exported', { blob });
  }
}
