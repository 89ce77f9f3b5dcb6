// SPDX-License-Identifier: Apache-2.0
// The worker's side of the timeline: while the machine is in its past, this decides what a slice does.

const SLICE_MS = 9, PIECE_MS = 3, REPORT_MS = 100, FRAME_MS = 16;
/** Memory for checkpoints. */
export const HISTORY_MIB = 96;
/** Results of pastWork. */
const DONE = 0, WAITS = 2, FAILED = -4;
/** Results of pastBreakpoint and pastWriter. */
const NO_PROCESS = -1, NOT_MAPPED = 0;

export class Past {
  constructor(machine, post) {
    this.machine = machine;
    this.post = post;
    this.isActive = false;
    this.isMoving = false;
    this.isSearch = false;
    this.searchNs = 0;        // where the search began
    this.speed = 0;           // 0: paused; Infinity: as fast as it goes
    this.wanted = null;       // what to do when the present move has ended
    this.cycles = 1e6;
    this.lastReport = 0;
    this.playFrom = { at: 0, ns: 0 };
  }

  get java() {
    return this.machine.java;
  }

  /** The bounds of what can be seen, for the page's status. */
  bounds() {
    const firstNs = this.java.pastFirstNs();
    return firstNs < 0 ? null : { firstNs, presentNs: this.java.pastPresentNs(), isPast: this.isActive };
  }

  /** The bounds, and what the checkpoints cost so far, for measurements: ranMs, in which the machine ran. */
  status(ranMs) {
    const bounds = this.bounds();
    const { java } = this;
    return bounds === null ? null : { ...bounds, checkpoints: java.pastCheckpoints(), bytes: java.pastBytes(), checkpointMs: java.pastCheckpointMs(), ranMs };
  }

  message(message) {
    this.wanted = message;
    if (!this.isMoving || message.action === 'seek' || message.action === 'stop') this.begin();
    this.machine.wake();
  }

  /** Starts what is wanted; false when the machine waits for its disk in the present and cannot be left yet. */
  begin() {
    const { action, ns, kind, speed, address, pid } = this.wanted;
    if (action === 'hash') {
      this.wanted = null;
      this.report(true);
      return true;
    }
    if (!this.isActive) {
      if (!['seek', 'back', 'breakpoint', 'writer', 'play'].includes(action)) {
        this.wanted = null;
        return true;
      }
      if (!this.java.pastEnter()) return false;
      this.isActive = true;
    }
    this.wanted = null;
    this.speed = 0;
    switch (action) {
      case 'seek':
        this.move(() => this.java.pastSeek(ns));
        break;
      case 'back':
        this.search(() => this.java.pastBack(kind));
        break;
      case 'breakpoint':
        this.search(() => this.java.pastBreakpoint(address, pid), pid);
        break;
      case 'writer':
        this.search(() => this.java.pastWriter(address, pid), pid);
        break;
      case 'stop':
        if (this.isSearch) {
          this.isSearch = false;
          this.move(() => this.java.pastSeek(this.searchNs));
        }
        break;
      case 'play':
        this.speed = speed;
        this.playFrom = { at: performance.now(), ns: this.java.guestNs() };
        break;
      case 'pause':
        this.report();
        break;
      case 'return':
        this.java.pastReturn();
        this.leave();
        break;
      case 'branch':
        this.machine.dropPlayback(); // another future than the recorded one
        this.branch().catch(problem => this.machine.crash(problem));
        break;
      default:
        throw new Error(`unknown action ${action}`);
    }
    return true;
  }

  move(start) {
    start();
    this.isMoving = true;
  }

  /** start() begins a search; what it answers instead is told to the user. */
  search(start, pid) {
    this.searchNs = this.java.guestNs();
    const result = start();
    if (result === NO_PROCESS || result === NOT_MAPPED) {
      this.post('notice', { text: result === NO_PROCESS ? `There is no process ${pid} here.` : 'Nothing is mapped at that address here.' });
      this.report();
      return;
    }
    this.isSearch = true;
    this.isMoving = true;
    this.lastReport = performance.now();
  }

  /** Java has a way to go. */
  goOn() {
    this.isMoving = true;
    this.machine.wake();
  }

  async branch() {
    this.isMoving = true;
    await this.machine.disk.revert();
    this.java.pastBranch();
    this.leave();
  }

  leave() {
    this.isActive = false;
    this.isMoving = false;
    this.paint();
    this.machine.follow();
    this.machine.playback?.resume();
    this.report();
    this.machine.wake();
  }

  /** In place of a slice of the present. */
  slice() {
    const begin = performance.now();
    let result = DONE;
    do {
      if (!this.isMoving) {
        if (this.wanted !== null) {
          if (!this.begin() || !this.isActive) return;
        } else if (this.speed > 0) {
          this.playOn();
        } else {
          return;
        }
      }
      const piece = performance.now();
      result = this.java.pastWork(this.cycles);
      const took = performance.now() - piece;
      if (took > PIECE_MS * 1.5) this.cycles = Math.max(1e4, this.cycles * Math.max(0.1, PIECE_MS / took));
      else if (took < PIECE_MS * 0.7) this.cycles = Math.min(2e7, this.cycles * 1.3);
      if (result === FAILED) throw new Error(this.machine.failure);
      if (result === DONE) this.arrived();
      else if (this.isSearch && performance.now() - this.lastReport > REPORT_MS) this.report();
    } while (result !== WAITS && performance.now() - begin < SLICE_MS && !(result === DONE && this.speed > 0));
    this.machine.postOutput();
    this.machine.postFrame(performance.now());
    if (result === WAITS) return; // the disk's answer wakes us
    if (this.isMoving || this.wanted !== null || this.speed === Infinity) this.machine.wake();
    else if (this.speed > 0) setTimeout(() => this.machine.wake(), FRAME_MS);
  }

  playOn() {
    const elapsed = (performance.now() - this.playFrom.at) * 1e6;
    const ns = this.speed === Infinity ? this.java.guestNs() + 5e7 : this.playFrom.ns + elapsed * this.speed;
    this.move(() => this.java.pastPlay(ns));
  }

  arrived() {
    this.isMoving = false;
    if (this.isSearch && !this.java.pastFound()) this.post('notice', { text: 'There is no such place in the past that is kept.' });
    this.isSearch = false;
    if (this.speed === 0) {
      this.paint();
      this.report();
    } else if (this.java.guestNs() >= this.java.pastPresentNs()) {
      this.speed = 0;
      this.report();
    } else if (performance.now() - this.lastReport > REPORT_MS) {
      this.report();
    }
  }

  paint() {
    const { java, machine } = this;
    const length = java.pastPaint();
    const at = java.transferBuffer();
    this.post('past-screen', { bytes: machine.bytes.slice(at, at + length), columns: java.pastColumns(), rows: java.pastRows() });
  }

  /** withHash: for tests, it takes a while. */
  report(withHash = false) {
    this.lastReport = performance.now();
    const text = length => this.machine.text(this.java.transferBuffer(), length);
    const isHere = this.isActive && !this.isSearch;
    this.post('past', {
      ...this.bounds(), ns: this.isSearch ? this.searchNs : this.java.guestNs(), isPlaying: this.speed > 0, isSearching: this.isSearch, instructions: this.java.instructions(),
      place: isHere ? text(this.java.pastPlace()) : '', state: isHere ? text(this.java.pastState()) : '', hash: withHash ? text(this.java.pastHash()) : '',
    });
  }
}
