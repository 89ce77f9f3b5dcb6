// SPDX-License-Identifier: Apache-2.0
// The timeline under the consoles: drag back, step back, play, go on from there.
import { SPEEDS } from './playback-bar.js';

const seconds = ns => (ns / 1e9).toFixed(3);
/** Units that are looked for by an address: the message's action. */
const BY_ADDRESS = new Set(['breakpoint', 'writer']);
/** Linear, hexadecimal; before it perhaps the number of a process, decimal. */
const ADDRESS = /^\s*(?:(\d{1,5}):)?(?:0x)?([0-9a-f]{1,16})\s*$/i;

export class Timeline {
  /** send: posts a message to the worker. onChange(isPast): the machine left its present or is back. */
  constructor($, send, onChange) {
    this.$ = $;
    this.send = send;
    this.onChange = onChange;
    this.isPast = false;
    this.isPlaying = false;
    this.isSearching = false;
    this.firstNs = 0;
    this.presentNs = 0;
    this.last = null;
    this.isDragged = false;
    const slider = $('timeline-at');
    slider.addEventListener('input', () => {
      this.isDragged = true;
      this.showTime(this.sliderNs());
      this.do({ action: 'seek', ns: this.sliderNs() });
    });
    slider.addEventListener('change', () => { this.isDragged = false; });
    for (const [value, text] of Object.entries(SPEEDS)) $('timeline-speed').append(new Option(text, value));
    $('timeline-speed').addEventListener('change', () => { if (this.isPlaying) this.play(); });
    $('timeline-play').addEventListener('click', () => (this.isPlaying ? this.do({ action: 'pause' }) : this.play()));
    $('timeline-back').addEventListener('click', () => (this.isSearching ? this.do({ action: 'stop' }) : this.back()));
    $('timeline-unit').addEventListener('change', () => { $('timeline-address').hidden = !BY_ADDRESS.has($('timeline-unit').value); });
    $('timeline-now').addEventListener('click', () => this.do({ action: 'return' }));
    $('timeline-link').addEventListener('click', () => send({ type: 'moment' }));
    $('timeline-branch').addEventListener('click', () => this.do({ action: 'branch' }));
    this.reset();
  }

  do(what) {
    this.send({ type: 'past', ...what });
  }

  back() {
    const unit = this.$('timeline-unit').value;
    if (!BY_ADDRESS.has(unit)) {
      this.do({ action: 'back', kind: Number(unit) });
      return;
    }
    const input = this.$('timeline-address');
    const found = ADDRESS.exec(input.value);
    input.setAttribute('aria-invalid', String(found === null));
    if (found === null) input.focus();
    else this.do({ action: unit, pid: Number(found[1] ?? 0), address: Number.parseInt(found[2], 16) });
  }

  play() {
    const speed = this.$('timeline-speed').value;
    this.do({ action: 'play', speed: speed === 'max' ? Infinity : Number(speed) });
  }

  sliderNs() {
    const slider = this.$('timeline-at');
    return slider.value === slider.max ? this.presentNs : this.firstNs + Number(slider.value) * 1e6;
  }

  /** No machine, or a new one. */
  reset() {
    // Its place is always taken, so that the terminal's size does not change while the machine starts.
    this.$('timeline-at').disabled = true;
    this.$('timeline-back').disabled = true;
    this.isPast = false;
    this.isPlaying = false;
    this.isSearching = false;
    this.last = null;
    this.showPast();
  }

  /** Bounds from the worker's status. */
  bounds(past) {
    if (past === null) return;
    this.$('timeline-at').disabled = false;
    this.$('timeline-back').disabled = false;
    this.firstNs = past.firstNs;
    this.presentNs = past.presentNs;
    const slider = this.$('timeline-at');
    slider.max = String(Math.max(1, Math.ceil((past.presentNs - past.firstNs) / 1e6)));
    if (!this.isPast && !this.isDragged) {
      slider.value = slider.max;
      this.showTime(past.presentNs);
    }
  }

  /** Where the machine is now. */
  at(values) {
    this.last = values;
    const changed = this.isPast !== values.isPast;
    this.isPast = values.isPast;
    this.isPlaying = values.isPlaying;
    this.isSearching = values.isSearching;
    this.bounds(values);
    if (!this.isDragged && values.isPast) {
      this.$('timeline-at').value = String(Math.floor((values.ns - values.firstNs) / 1e6));
      this.showTime(values.ns);
    }
    this.showPast();
    if (changed) this.onChange(values.isPast);
  }

  /** The state's hash where the machine stands, for tests. */
  async hash() {
    const was = this.last;
    this.do({ action: 'hash' });
    while (this.last === was || this.last.hash === '') await new Promise(done => { setTimeout(done, 10); });
    return this.last.hash;
  }

  showTime(ns) {
    const text = this.isPast || ns < this.presentNs ? `${seconds(ns)} s` : 'now';
    this.$('timeline-time').textContent = text;
    this.$('timeline-at').setAttribute('aria-valuetext', text === 'now' ? 'now' : `${seconds(ns)} seconds after the start`);
  }

  showPast() {
    const { $ } = this;
    $('timeline-past').hidden = !this.isPast;
    $('timeline').classList.toggle('past', this.isPast);
    $('timeline-play').textContent = this.isPlaying ? 'Pause' : 'Play';
    $('timeline-back').textContent = this.isSearching ? 'Stop' : 'Step back';
    $('timeline-place').textContent = this.isSearching ? 'Searching…' : this.isPast && this.last !== null ? this.last.place : '';
    $('timeline-state-text').textContent = this.isPast && this.last !== null ? this.last.state : '';
  }
}
