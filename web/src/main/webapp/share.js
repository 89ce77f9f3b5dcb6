// SPDX-License-Identifier: Apache-2.0
// Sharing: the machine as a link (the fragment of the page's address) or as a file, and opening either.

const PREFIX = '#s=';
/** Before the address of a file, relative to the page. */
const FILE_PREFIX = '#f=';
/** Before a moment, guest time in ns, and after an exclamation mark a recording. */
const MOMENT_PREFIX = '#m=';
const STORE = 'snapshots';
/** Longer links get lost in chats and mails; browsers themselves take 1 MB (Firefox) and 2 MB (Chromium). */
const LINK_LIMIT = 32_000;
/** HTTP's status. */
const TOO_LARGE = 413;

/** Base64 for URLs, RFC 4648 §5, without padding. */
function toBase64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
}

/**
 * { file: of the snapshot or recording in the page's address, or that the address names, null: none; moment: where to stop in a recording, ns, or null }.
 * Error: damaged, or not there.
 */
export async function snapshotInAddress(hash = location.hash) {
  if (hash.startsWith(FILE_PREFIX)) {
    const url = new URL(decodeURIComponent(hash.slice(FILE_PREFIX.length)), document.baseURI);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.status === 404 ? 'the server does not have this snapshot (any more)' : `the server answers ${answer.status}`);
    return { file: new Uint8Array(await answer.arrayBuffer()), moment: null };
  }
  const moment = /^#m=(\d+(?:\.(?:25|5|75))?)!/.exec(hash);
  if (!hash.startsWith(PREFIX) && moment === null) return { file: null, moment: null };
  try {
    return moment === null ? { file: fromBase64(hash.slice(PREFIX.length)), moment: null } : { file: fromBase64(hash.slice(moment[0].length)), moment: Number(moment[1]) };
  } catch {
    throw new Error('the snapshot in this link is truncated or damaged: some of its characters are missing or wrong');
  }
}

function size(bytes) {
  return bytes < 1000 ? `${bytes} bytes` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export class Share {
  /**
   * $: element by id. ask(screen): asks the worker for a snapshot, which is given to made(). screen(): what the terminal shows.
   * open(file): restarts with a snapshot file. refuse(text): for the user.
   */
  constructor($, { ask, screen, open, refuse }) {
    this.$ = $;
    this.ask = ask;
    this.screen = screen;
    this.refuse = refuse;
    this.isAsked = false;
    $('share').addEventListener('click', () => this.begin());
    $('share-copy').addEventListener('click', () => this.copy());
    $('share-link').addEventListener('focus', () => $('share-link').select());
    $('share-store').addEventListener('click', () => this.store());
    $('share-file').addEventListener('click', () => this.save());
    $('open-file').addEventListener('click', () => {
      $('menu').open = false;
      $('open-file-input').click();
    });
    $('open-file-input').addEventListener('change', event => {
      if (event.target.files.length > 0) open(event.target.files[0]);
      event.target.value = '';
    });
    document.addEventListener('keydown', event => {
      if (event.ctrlKey && event.shiftKey && event.code === 'KeyS') {
        event.preventDefault();
        event.stopPropagation();
        this.begin();
      }
    }, true);
    document.addEventListener('dragover', event => event.preventDefault());
    document.addEventListener('drop', event => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) open(event.dataTransfer.files[0]);
    });
  }

  /** form: 'state' for the state where a recipe would do as well. */
  begin(form = '') {
    if (this.isAsked) return;
    this.isAsked = this.ask(this.screen(), form);
    this.$('share').disabled = this.isAsked;
  }

  /** The worker's answer. */
  made({ file, problem, milliseconds, stateBytes, instructions, moment }) {
    this.isAsked = false;
    this.$('share').disabled = false;
    if (problem !== '') {
      this.refuse(`The machine cannot be shared: ${problem}`);
      return;
    }
    this.file = file;
    this.fileName = moment === undefined ? 'machine.kmos' : 'kmos.recording';
    const link = this.address() + (moment === undefined ? PREFIX : `${MOMENT_PREFIX}${moment}!`) + toBase64(file);
    const isShort = link.length <= LINK_LIMIT;
    this.$('share-text').textContent = isShort
      ? `Whoever opens this link finds the machine as it ${moment === undefined ? 'is now' : 'was then, and how it went on'}, to the instruction. It has ${size(link.length)}.`
      : `The machine as it is now takes a link of ${size(link.length)}. Chats and mails cut such links, Firefox takes none over 1 MB and Chromium none over 2 MB: `
        + `save a file of ${size(file.length)} instead, and drop it on a kmOS page.`;
    const how = moment !== undefined ? 'A recording' : instructions === undefined ? `${size(stateBytes)} of state` : `A recipe of ${(instructions / 1e6).toFixed(0)} million instructions`;
    this.$('share-figures').textContent = `${how}, made in ${(milliseconds / 1000).toFixed(1)} s.`;
    this.$('share-dialog').showModal();
    this.$('share-store').hidden = true;
    this.offer(isShort ? link : '');
    if (!isShort) this.findStore();
  }

  /** The page's address without what follows the #. */
  address() {
    return location.href.slice(0, location.href.length - location.hash.length).replace(/#$/, '');
  }

  /** Shows a link, which is copied too; '' for none. */
  offer(link) {
    this.$('share-row').hidden = link === '';
    this.$('share-link').value = link;
    this.$('share-copied').textContent = '';
    if (link !== '') this.copy();
  }

  /** A static host keeps no snapshots, kmOS's own server does. */
  async findStore() {
    const limits = await fetch(new URL(STORE, document.baseURI)).then(answer => (answer.ok ? answer.json() : null), () => null).catch(() => null);
    this.$('share-store').hidden = !(limits?.maxBytes >= this.file.length);
  }

  async store() {
    const say = text => { this.$('share-copied').textContent = text; };
    try {
      const answer = await fetch(new URL(STORE, document.baseURI), { method: 'POST', body: this.file });
      // What stands before the server refuses in its own way, with a page of its own.
      const { path, problem } = await answer.json().catch(() => ({}));
      if (path !== undefined) this.offer(this.address() + FILE_PREFIX + path);
      else say(`The server does not take it: ${problem ?? (answer.status === TOO_LARGE ? 'it is too large for the server' : `it answers ${answer.status}`)}.`);
    } catch (failed) {
      say(`The server cannot be reached: ${failed.message}`);
    }
  }

  async copy() {
    const field = this.$('share-link');
    field.focus();
    field.select();
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
      else if (!document.execCommand('copy')) throw new Error('not allowed'); // no secure context
      this.$('share-copied').textContent = 'Copied.';
    } catch {
      this.$('share-copied').textContent = 'The browser does not let us copy: press Ctrl+C.';
    }
  }

  save() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([this.file], { type: 'application/octet-stream' }));
    link.download = this.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
