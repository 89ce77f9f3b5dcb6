// SPDX-License-Identifier: Apache-2.0
// The embedding API in the worker: programs and file transfers that the page asks for, and the bytes that go to and fro.
const WORD_LIMIT = 1 << 16;

export class Commands {
  /** machine: the RunningMachine. */
  constructor(machine, post) {
    this.machine = machine;
    this.post = post;
    this.isReady = false;
    this.running = new Map(); // call -> { id, input, inputEnds }
  }

  /** A message of the page: run, read-file, write-file or signal. */
  request(message) {
    const { java, bytes } = this.machine;
    const { call } = message;
    if (message.type === 'signal') {
      const command = this.running.get(call);
      if (command !== undefined) java.commandSignal(command.id, message.signal);
      return;
    }
    const words = message.type === 'run' ? [...message.argv, ...message.env, message.cwd] : [message.path];
    const text = new TextEncoder().encode(words.map(word => `${word}\0`).join(''));
    if (text.length > WORD_LIMIT) {
      this.post('call-ended', { call, status: -1, problem: `E2BIG more than ${WORD_LIMIT} bytes of arguments and environment` });
      return;
    }
    bytes.set(text, java.transferBuffer());
    let id;
    if (message.type === 'run') {
      id = java.commandRun(text.length, message.argv.length, message.env.length, message.tty ? 1 : 0,
      (performance.now() - this.machine.epoch) * 1e6);
    } else if (message.type === 'read-file') id = java.commandReadFile(text.length);
    else id = java.commandWriteFile(text.length, message.mode);
    this.running.set(call, { id, input: message.input ?? new Uint8Array(0), inputEnds: !message.tty && message.type !== 'read-file' });
  }

  /** Moves what can be moved; whether the guest has something to do because of it. */
  pump() {
    const { java } = this.machine;
    if (!this.isReady) {
      if (!java.commandsReady()) return false;
      this.isReady = true;
      const length = java.archiveProblem();
      this.post('ready', { problem: length === 0 ? '' : this.machine.text(java.transferBuffer(), length) });
      return false;
    }
    let isMoved = false;
    for (const [call, command] of this.running) {
      isMoved = this.feed(command) || isMoved;
      const status = java.commandStatus(command.id);
      isMoved = this.drain(call, command) || isMoved;
      if (status >= 0) this.finish(call, command, status);
    }
    return isMoved;
  }

  feed(command) {
    const { java, bytes } = this.machine;
    let isMoved = false;
    while (command.input.length > 0) {
      // Pieces of a page or less go whole or not at all; larger ones as far as there is room.
      const piece = command.input.subarray(0, WORD_LIMIT);
      bytes.set(piece, java.transferBuffer());
      const taken = java.commandInput(command.id, piece.length);
      if (taken === 0) return isMoved;
      command.input = command.input.subarray(taken);
      isMoved = true;
    }
    if (command.inputEnds) {
      command.inputEnds = false;
      java.commandEndInput(command.id);
      isMoved = true;
    }
    return isMoved;
  }

  drain(call, command) {
    const { java, bytes } = this.machine;
    let isMoved = false;
    for (;;) {
      const count = java.commandOutput(command.id);
      if (count === 0) return isMoved;
      const address = java.transferBuffer();
      const piece = bytes.slice(address, address + count);
      this.machine.undrawnBytes += count;
      this.post('call-output', { call, bytes: piece, time: performance.timeOrigin + performance.now() }, [piece.buffer]);
      isMoved = true;
    }
  }

  finish(call, command, status) {
    const { java } = this.machine;
    const length = java.commandProblem(command.id);
    const problem = length === 0 ? '' : this.machine.text(java.transferBuffer(), length);
    java.commandClose(command.id);
    this.running.delete(call);
    this.post('call-ended', { call, status, problem });
  }
}

/** Puts an archive (its bytes, or where it is) into a module that has no machine yet. Error: what is wrong with it. */
export async function loadArchive(fresh, archive, { fetchBytes, gunzip, isGzip }) {
  const packed = typeof archive === 'string' ? await fetchBytes(archive) : archive;
  const all = isGzip(packed) ? await gunzip(packed) : packed;
  fresh.java.archiveOpen(all.length);
  for (let at = 0; at < all.length; at += WORD_LIMIT) {
    const piece = all.subarray(at, at + WORD_LIMIT);
    fresh.bytes.set(piece, fresh.java.transferBuffer());
    fresh.java.archivePiece(piece.length);
  }
  if (!fresh.java.archiveClose()) throw new Error(`rootfs: ${fresh.failure}`);
}

/** Stands for the disk image of a machine that has none. */
export const NO_IMAGE = { sha256: 'none', size: 0, fetchedBytes: 0, fetching: new Map(), prefetchBoot() { } };
