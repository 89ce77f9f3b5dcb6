// SPDX-License-Identifier: Apache-2.0
// The line at the bottom.

const mib = bytes => (bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0);

export class StatusLine {
  constructor($) {
    this.$ = $;
    this.last = null;
  }

  setState(name) {
    this.$('status-state').textContent = name;
    if (name !== 'running' && this.last !== null) {
      // Nothing moves any more: what was true a quarter of a second ago is not.
      this.show({ ...this.last, mips: 0, busy: 0, isReading: false, isWriting: false, isFetching: false });
    }
  }

  show(values) {
    this.last = values;
    const { $ } = this;
    $('status-clock').textContent = new Date(values.guestEpochMs).toISOString().slice(0, 19).replace('T', ' ');
    $('status-speed').textContent = `${values.mips < 10 ? values.mips.toFixed(1) : Math.round(values.mips)} MIPS, ${Math.round(values.busy * 100)} % busy`;
    $('status-memory').textContent = `memory ${mib(values.memoryBytes - values.freeBytes)} of ${mib(values.memoryBytes)} MiB`;
    const disk = [values.isFetching && 'fetching', values.isReading && 'reading', values.isWriting && 'writing'].filter(Boolean);
    $('status-disk').textContent = `disk ${disk.join(', ') || 'idle'}` + (values.unsavedBlocks > 0 ? `, ${values.unsavedBlocks * 4} KiB unsaved` : '');
    $('status-net').textContent = `downloaded ${mib(values.loadedBytes + values.fetchedBytes)} MiB`;
  }
}
