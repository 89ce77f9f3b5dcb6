// SPDX-License-Identifier: Apache-2.0
// A recording that is played: while there is one, it decides what a slice does.

const SLICE_MS = 9, PIECE_MS = 3, REPORT_MS = 100, FRAME_MS = 16;
/** Results of replayStep. */
const END = -2, WAITS = -3, FAILED = -4, LIMIT = -5;

export class Playback {
  /** stopNs: guest time to which it goes at once, and stops; null: it is played from its beginning. */
  constructor(machine, post, stopNs) {
    this.machine = machine;
    this.post = post;
    this.stopNs = stopNs;
    this.speed = stopNs === null ? 1 : Infinity; // 0: paused; Infinity: as fast as it goes
    this.isAtEnd = false;
    this.cycles = 1e6;
    this.size = '';
    this.lastReport = 0;
    this.follow();
  }

  /** From now on, here, guest time goes on at the chosen speed. */
  follow() {
    this.from = { at: performance.now(), ns: this.machine.java.guestNs() };
  }

  play(speed) {
    this.speed = speed;
    this.follow();
    this.report();
    this.machine.wake();
  }

  /** It is where it was to stop. */
  pause() {
    this.stopNs = null;
    this.speed = 0;
    this.lastReport = 0;
  }

  /** The machine is back from its past. */
  resume() {
    this.machine.java.replayResume();
    this.play(0);
  }

  slice() {
    const { machine } = this;
    const { java } = machine;
    const begin = performance.now();
    let result = 0;
    while (this.speed > 0 && !this.isAtEnd && result === 0 && performance.now() - begin < SLICE_MS && machine.hasRoom()) {
      const piece = performance.now();
      const limit = Math.min(this.stopNs ?? Infinity, this.speed === Infinity ? Infinity : this.from.ns + (piece - this.from.at) * 1e6 * this.speed);
      result = java.replayStep(this.cycles, limit);
      const took = performance.now() - piece;
      if (took > PIECE_MS * 1.5) this.cycles = Math.max(1e4, this.cycles * Math.max(0.1, PIECE_MS / took));
      else if (took < PIECE_MS * 0.7) this.cycles = Math.min(2e7, this.cycles * 1.3);
      if (result === FAILED) throw new Error(machine.failure);
      if (result === END) this.isAtEnd = true;
      if (result === LIMIT && limit === this.stopNs) this.pause();
    }
    machine.busyMs += performance.now() - begin;
    this.showSize();
    machine.postOutput();
    machine.postFrame(performance.now());
    if (this.isAtEnd || performance.now() - this.lastReport > REPORT_MS) this.report();
    if (this.speed === 0 || this.isAtEnd || result === WAITS || !machine.hasRoom()) return; // a message, or the disk's answer, wakes us
    if (result === LIMIT) setTimeout(() => machine.wake(), FRAME_MS);
    else machine.wake();
  }

  /** The recorded terminal's size, when it changes. */
  showSize() {
    const { java } = this.machine;
    const columns = java.pastColumns(), rows = java.pastRows();
    if (this.size === `${columns} ${rows}`) return;
    this.size = `${columns} ${rows}`;
    this.machine.postOutput(); // what came before is drawn at the size before
    this.post('playback-size', { columns, rows });
  }

  report() {
    this.lastReport = performance.now();
    const { java } = this.machine;
    this.post('playback', { ns: java.guestNs(), endNs: java.replayEndNs(), speed: this.speed, isAtEnd: this.isAtEnd, hashes: java.replayHashes() });
  }
}
