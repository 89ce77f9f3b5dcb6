// SPDX-License-Identifier: Apache-2.0
// The page's side of a recording that is played: what it shows, and its buttons.

const seconds = ns => (ns / 1e9).toFixed(1);
export const SPEEDS = { 1: '1×', 4: '4×', 16: '16×', max: 'as fast as it goes' };

export class PlaybackBar {
  /** send: posts a message to the worker. */
  constructor($, send) {
    this.$ = $;
    this.send = send;
    this.last = null;
    for (const [value, text] of Object.entries(SPEEDS)) $('playback-speed').append(new Option(text, value));
    $('playback-play').addEventListener('click', () => this.play(this.last?.speed > 0 ? 0 : this.speed()));
    $('playback-speed').addEventListener('change', () => { if (this.last?.speed > 0) this.play(this.speed()); });
    $('playback-leave').addEventListener('click', () => send({ type: 'playback-leave' }));
    this.reset();
  }

  speed() {
    const { value } = this.$('playback-speed');
    return value === 'max' ? Infinity : Number(value);
  }

  play(speed) {
    this.send({ type: 'playback', speed });
  }

  /** Nothing is played. */
  reset() {
    this.last = null;
    this.$('playback').hidden = true;
  }

  /** The worker's report. */
  show(values) {
    const { $ } = this;
    this.last = values;
    $('playback').hidden = false;
    $('playback-text').textContent = values.isAtEnd ? `The recording has ended, at ${seconds(values.endNs)} s.`
      : `A recording, at ${seconds(values.ns)} of ${seconds(values.endNs)} s. What you type is not taken.`;
    $('playback-play').hidden = values.isAtEnd;
    $('playback-speed').hidden = values.isAtEnd;
    $('playback-play').textContent = values.speed > 0 ? 'Pause' : 'Play';
  }
}
