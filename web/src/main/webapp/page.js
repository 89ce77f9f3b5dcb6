// SPDX-License-Identifier: Apache-2.0
// The page: owns the worker's life, shows what it says. Nothing here is slow: the machine runs in the worker.
import { CpuPanel } from './cpu.js';
import { Lesson } from './lesson.js';
import { newWorker } from './new-worker.js';
import { PlaybackBar } from './playback-bar.js';
import { Screen } from './screen.js';
import { Share, snapshotInAddress } from './share.js';
import { StatusLine } from './status.js';
import { SerialConsole } from './terminal.js';
import { Tabs } from './tabs.js';
import { Theme } from './theme.js';
import { Timeline } from './timeline.js';

const DEFAULT_MEMORY_MEGABYTES = 256;
const RESTART_MS = 1500;

const $ = id => document.getElementById(id);

let worker = null;
let state = 'starting'; // starting, running, in use, waiting (for an answer), ended, failed
let isKept = false;        // whether changes to the disk outlive the page
let restartTimer = 0;
let isRestoring = false;   // from a snapshot: it has its own window size
let isLesson = false;      // from a lesson's snapshot
let restoredHash = '';     // for tests
let sharedHash = '';
let startMarks = [];
let openedMs = 0;          // from the navigation to the painted screen

const send = message => {
  if (worker !== null && (state === 'running' || message.type === 'screen')) worker.postMessage(message);
};
const leave = () => tabs.focus();
const serial = new SerialConsole($('terminal'), send, leave);
const screen = new Screen($('screen'), send, leave);
const status = new StatusLine($);
const tabs = new Tabs(document.querySelector('[role="tablist"]'), name => {
  if (name === 'panel-serial') serial.fit();
  sendScreenVisibility();
}, name => (name === 'panel-serial' ? serial.focus() : $('screen').focus()));
const playback = new PlaybackBar($, send);
const timeline = new Timeline($, send, isPast => {
  showState();
  if (!isPast && playback.last === null) {
    if (!isRestoring) serial.release();
    send({ type: 'resize', columns: serial.columns, rows: serial.rows });
    tabs.enter();
  }
});
const cpu = new CpuPanel($, send);
new Theme($('theme'), name => serial.setTheme(name));

function sendScreenVisibility() {
  send({ type: 'screen', isVisible: !$('panel-screen').hidden && document.visibilityState === 'visible' });
}
document.addEventListener('visibilitychange', () => {
  sendScreenVisibility();
  if (document.visibilityState === 'hidden') send({ type: 'hidden' }); // the machine saves itself: the tab may not come back
});

// Life of the machine

function memoryMegabytes() {
  const wanted = Number(new URLSearchParams(location.search).get('memory') ?? DEFAULT_MEMORY_MEGABYTES);
  return Number.isInteger(wanted) && wanted >= 64 && wanted <= 1536 ? wanted : DEFAULT_MEMORY_MEGABYTES;
}

/** Processor model (?cpu=v3): x86-64 level 2 or 3, or 4 for everything there is. */
function cpuLevel() {
  return { v3: 3, max: 4 }[new URLSearchParams(location.search).get('cpu')] ?? 2;
}

function setState(name) {
  state = name;
  showState();
}

/** A machine that is seen in its past does not run. */
function showState() {
  status.setState(state !== 'running' ? state : timeline.isPast ? 'in its past' : playback.last === null ? 'running' : 'playing');
}

/** Entries of a loop or function before it is compiled: ?jit=off or ?jit=NUMBER. */
function jitThreshold() {
  const given = new URLSearchParams(location.search).get('jit');
  return given === 'off' ? 0 : Number(given) || 1500;
}

/** The worker that early.js has made, the first time. */
function takeWorker() {
  const early = window.kmosWorker;
  window.kmosWorker = undefined;
  return early ?? newWorker();
}

/** diskMode: keep, copy or reset; see storage.js. snapshot: bytes of a file, or null. resumes: goes on where the machine was left. moment: where a recording stops, or null. */
function startMachine(diskMode = 'keep', snapshot = null, resumes = false, moment = null) {
  clearTimeout(restartTimer);
  worker?.terminate();
  isRestoring = snapshot !== null;
  isLesson = false;
  $('restored').hidden = true;
  $('resumed').hidden = true;
  serial.reset();
  screen.clear();
  timeline.reset();
  cpu.reset();
  playback.reset();
  for (const id of ['note', 'in-use', 'other-build', 'ended', 'failure']) $(id).hidden = true;
  setState('starting');
  showProgress({ step: 'Starting', done: 0, total: 0 });
  worker = takeWorker();
  worker.onmessage = event => handlers[event.data.type](event.data);
  worker.onerror = event => workerFailed(event.message ?? 'it could not be loaded');
  if (worker.problem !== undefined) workerFailed(worker.problem);
  worker.postMessage({
    type: 'start', base: new URL('.', document.baseURI).href, memoryMegabytes: memoryMegabytes(), cpuLevel: cpuLevel(), diskMode, columns: serial.columns, rows: serial.rows,
    jitThreshold: jitThreshold(), snapshot, moment, resumes: resumes && new URLSearchParams(location.search).get('resume') !== 'off',
  });
}

const handlers = {
  progress: showProgress,
  disk({ isKept: kept, note }) {
    isKept = kept;
    if (note !== '') showNote(note);
  },
  running() {
    $('progress').hidden = true;
    setState('running');
    cpu.running();
    if (isLesson) send({ type: 'own-copy' });
    if (!isRestoring) send({ type: 'resize', columns: serial.columns, rows: serial.rows });
    sendScreenVisibility();
    if (document.activeElement === document.body) tabs.enter();
  },
  restored({ screen, hash, marks, isExact }) {
    restoredHash = hash;
    startMarks = marks;
    serial.restore(screen);
    const isOwn = !isExact || isLesson;
    $('restored').hidden = isOwn;
    if (isOwn) {
      isRestoring = false; // it gets this window's size
      serial.release();
    }
    requestAnimationFrame(() => setTimeout(() => { openedMs = performance.now(); })); // painted
  },
  'other-build'({ build, guestEpochMs, isRecording }) {
    $('progress').hidden = true;
    const at = `${new Date(guestEpochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    $('other-build-text').textContent = isRecording
      ? `This recording was made by another version of kmOS (build ${build}) and cannot be replayed by this one. The machine as it was at its beginning, ${at}, can be restored. Your own disk is not touched.`
      : `This machine was saved by another version of kmOS (build ${build}). It can be restored as it was at ${at}, but may go on differently. Your own disk is not touched.`;
    $('other-build').hidden = false;
    setState('waiting');
    $('other-build-restore').focus();
  },
  resumed({ screen, date }) {
    if (screen !== null) {
      serial.restore(screen);
      serial.release();
    }
    $('resumed-text').textContent = `The machine goes on where you left it on ${new Date(date).toLocaleString()}.`;
    $('resumed').hidden = false;
  },
  'not-resumed'({ reason }) {
    startMachine();
    showNote(`The machine was started again, it could not go on where you left it: ${reason}`);
  },
  'screen-wanted'() {
    send({ type: 'screen-text', screen: serial.screen() });
  },
  snapshot(answer) {
    sharedHash = answer.hash ?? '';
    share.made(answer);
  },
  output({ bytes }) {
    serial.write(bytes);
  },
  frame(frame) {
    screen.draw(frame);
  },
  status(values) {
    status.show(values);
    timeline.bounds(values.past);
    cpu.figures(values.cpu, values.mips);
  },
  profile(values) {
    cpu.profile(values);
  },
  region(values) {
    cpu.region(values);
  },
  past(values) {
    timeline.at(values);
  },
  'past-screen'({ bytes, columns, rows }) {
    serial.hold(columns, rows); // as it was then; the timeline's second row leaves less room now
    serial.repaint(bytes);
  },
  playback(values) {
    playback.show(values);
    if (!timeline.isPast) showState();
  },
  'playback-size'({ columns, rows }) {
    serial.hold(columns, rows);
  },
  'playback-left'() {
    playback.reset();
    showState();
    makeOwn();
  },
  recorded({ bytes, problem }) {
    if (bytes === null) showNote(`The recording cannot be exported: ${problem}.`);
    else download(new Blob([bytes]), 'kmos.recording');
  },
  notice({ text }) {
    showNote(text);
  },
  'disk-in-use'() {
    $('progress').hidden = true;
    $('in-use').hidden = false;
    setState('in use');
  },
  ended({ state: how, reason }) {
    setState('ended');
    $('ended-text').textContent = endText(how, reason);
    $('ended').hidden = false;
    if (how === 'RESTARTING') restartTimer = setTimeout(() => startMachine(), RESTART_MS);
    else $('ended-again').focus();
  },
  error({ message, dump }) {
    fail(message, dump);
  },
  exported({ blob }) {
    $('progress').hidden = true;
    download(blob, 'kmos-disk.img.gz');
  },
};

/** A machine from elsewhere is the user's from now on: it gets this window's size, and the keys. */
function makeOwn() {
  isRestoring = false;
  serial.release();
  send({ type: 'resize', columns: serial.columns, rows: serial.rows });
  tabs.enter();
}

function endText(how, reason) {
  switch (how) {
    case 'POWERED_OFF': return `The machine is powered off. ${isKept ? 'The disk is saved.' : 'Changes to the disk were not kept.'}`;
    case 'RESTARTING': return 'The machine restarts…';
    case 'HALTED': return 'The machine is halted. It is safe to close this page.';
    case 'PANICKED': return `Kernel panic: ${reason || 'no reason given'}.${isKept ? ' What was synced to the disk is safe.' : ''}`;
    default: return `The machine stopped (${how}). ${reason}`;
  }
}

function fail(message, dump) {
  $('progress').hidden = true;
  $('failure-text').textContent = message;
  $('failure-dump').textContent = dump;
  $('failure-details').hidden = dump === '';
  $('failure').hidden = false;
  setState('failed');
}

function workerFailed(problem) {
  fail(`The machine's worker failed: ${problem}`, '');
}

function showProgress({ step, done, total }) {
  $('progress').hidden = false;
  $('progress-step').textContent = step;
  const bar = $('progress-bar');
  if (total > 0) {
    bar.max = total;
    bar.value = Math.min(done, total);
  } else {
    bar.removeAttribute('value');
  }
}

function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function showNote(text) {
  $('note-text').textContent = text;
  $('note').hidden = false;
}

// Commands

function onClick(id, action) {
  $(id).addEventListener('click', () => {
    $('menu').open = false;
    action();
  });
}
onClick('note-close', () => {
  $('note').hidden = true;
  tabs.enter();
});
onClick('in-use-again', () => startMachine('keep', null, true));
onClick('in-use-copy', () => startMachine('copy'));
onClick('ended-again', () => startMachine());
onClick('failure-again', () => startMachine());
onClick('restart', () => startMachine());
onClick('export', () => (state === 'running' || state === 'ended'
  ? worker.postMessage({ type: 'export' }) : showNote('The disk can be exported while the machine runs.')));
onClick('recording', () => (state === 'running' || state === 'ended'
  ? worker.postMessage({ type: 'recording' }) : showNote('The recording can be exported while the machine runs.')));
onClick('reset', () => $('reset-dialog').showModal());
$('reset-dialog').addEventListener('close', () => {
  if ($('reset-dialog').returnValue === 'reset') startMachine('reset');
});
$('screen-reader').addEventListener('change', event => serial.setScreenReaderMode(event.target.checked));
$('menu').addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    $('menu').open = false;
    $('menu').querySelector('summary').focus();
  }
});
document.addEventListener('pointerdown', event => {
  if (!$('menu').contains(event.target)) $('menu').open = false;
});

// Snapshots

const share = new Share($, {
  ask(screen, form) {
    if (state !== 'running') {
      showNote('A machine can be shared while it runs.');
      return false;
    }
    worker.postMessage({ type: 'snapshot', screen, form });
    return true;
  },
  screen: () => serial.screen(),
  async open(file) {
    startMachine('forget', new Uint8Array(await file.arrayBuffer()));
  },
  refuse: showNote,
});
onClick('resumed-again', () => startMachine());
onClick('resumed-close', () => {
  $('resumed').hidden = true;
  tabs.enter();
});
onClick('other-build-restore', () => {
  $('other-build').hidden = true;
  worker.postMessage({ type: 'restore-plainly' });
});
onClick('other-build-usual', () => startUsual());
onClick('restored-own', () => {
  $('restored').hidden = true;
  send({ type: 'own-copy' });
  makeOwn();
});
onClick('restored-exact', () => {
  $('restored').hidden = true;
  tabs.enter();
});

/** The user's own machine: what the page's address names is left. */
function startUsual() {
  history.replaceState(null, '', location.pathname + location.search);
  startMachine('keep', null, true);
}

const lesson = new Lesson($, {
  type(text) {
    serial.sendBytes(new TextEncoder().encode(text));
    tabs.enter();
  },
  again: () => startLesson(),
});

async function startLesson() {
  try {
    const file = await lesson.open();
    startMachine('forget', file);
    isLesson = true;
  } catch (problem) {
    fail(`This lesson cannot be opened: ${problem.message}`, '');
  }
}

/** The machine of the page's address, or the usual one. */
async function startAddressed() {
  if (lesson.name !== null && location.hash === '') {
    startLesson();
    return;
  }
  try {
    const { file, moment } = await snapshotInAddress();
    startMachine(file === null ? 'keep' : 'forget', file, true, moment);
  } catch (problem) {
    fail(`This link cannot be opened: ${problem.message}`, '');
  }
}
addEventListener('hashchange', startAddressed);

// Keys that a phone lacks

const TOUCH_KEYS = { escape: '\x1b', tab: '\t', left: '\x1b[D', up: '\x1b[A', down: '\x1b[B', right: '\x1b[C', interrupt: '\x03', 'end-of-file': '\x04' };
const SCREEN_KEYS = { escape: ['Escape'], tab: ['Tab'], left: ['ArrowLeft'], up: ['ArrowUp'], down: ['ArrowDown'], right: ['ArrowRight'],
  interrupt: ['ControlLeft', 'KeyC'], 'end-of-file': ['ControlLeft', 'KeyD'] };
const control = document.querySelector('[data-key="control"]');
/** The console that is seen gets the keys. */
const target = () => ($('panel-screen').hidden ? serial : screen);
const showControl = () => control.setAttribute('aria-pressed', String(target().isControlHeld));
serial.onControlUsed = showControl;
screen.onControlUsed = showControl;
$('touch-keys').addEventListener('pointerdown', event => event.preventDefault()); // the terminal keeps the focus and the keyboard stays up
$('touch-keys').addEventListener('click', event => {
  const key = event.target.closest('button')?.dataset.key;
  if (key === 'control') {
    target().isControlHeld = !target().isControlHeld;
    showControl();
  } else if (key !== undefined && target() === screen) {
    screen.tap(SCREEN_KEYS[key]);
  } else if (key !== undefined) {
    serial.sendBytes(new TextEncoder().encode(TOUCH_KEYS[key]));
  }
});

/** For tests. */
window.kmos = {
  screenText: () => serial.text(),
  type: text => serial.sendBytes(new TextEncoder().encode(text)),
  size: () => [serial.columns, serial.rows],
  status: () => status.last,
  playback: () => playback.last,
  past: () => timeline.last,
  pastHash: () => timeline.hash(),
  state: () => state,
  restoredHash: () => restoredHash,
  sharedHash: () => sharedHash,
  share: () => share.begin(),
  shareState: () => share.begin('state'),
  openedMs: () => openedMs,
  /** When the steps of the start were done, ms since the navigation. */
  marks: () => startMarks.map(step => step.replace(/\d+$/, at => Math.round(at - performance.timeOrigin))).join(', '),
  provokeTrap: () => send({ type: 'provoke-trap' }),
};

startAddressed();
