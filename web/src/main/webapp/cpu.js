// SPDX-License-Identifier: Apache-2.0
// The processor panel: what is interpreted and what is compiled, where programs spend their time, and what a region looks like.

const count = n => (n < 1e4 ? String(n) : n < 1e7 ? `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)} k` : `${(n / 1e6).toFixed(n < 1e8 ? 1 : 0)} M`);
const bytes = n => (n < 1e4 ? `${n} B` : n < 1e7 ? `${(n / 1024).toFixed(0)} KiB` : `${(n / 2 ** 20).toFixed(1)} MiB`);
const time = ms => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
const percent = (part, whole) => `${(100 * part / whole).toFixed(1)} %`;
/** With fewer instructions between two figures, a share says nothing. */
const FEW_INSTRUCTIONS = 10_000;

export class CpuPanel {
  /** send: posts a message to the worker. */
  constructor($, send) {
    this.$ = $;
    this.send = send;
    this.rows = new Map();
    this.chosen = ''; // number of the process that the user chose; until then it is the one with most samples
    this.shown = null; // the region that is shown or asked for: process, address, which
    for (const id of ['cpu-toggle', 'cpu-open']) $(id).addEventListener('click', () => this.toggle($('cpu').hidden));
    $('cpu-close').addEventListener('click', () => this.toggle(false));
    $('cpu').addEventListener('keydown', event => {
      if (event.key === 'Escape') this.toggle(false);
    });
    $('cpu-process').addEventListener('change', () => {
      this.chosen = $('cpu-process').value;
      this.showFunctions();
    });
    $('cpu-again').addEventListener('click', () => this.begin());
    $('cpu-region-which').addEventListener('change', event => this.askRegion({ ...this.shown, which: event.target.selectedIndex }));
    $('cpu-region-close').addEventListener('click', () => this.closeRegion());
    this.reset();
  }

  get isOpen() {
    return !this.$('cpu').hidden;
  }

  toggle(isOpen) {
    const { $ } = this;
    $('cpu').hidden = !isOpen;
    $('cpu-toggle').setAttribute('aria-expanded', String(isOpen));
    $('menu').open = false;
    if (isOpen) {
      this.begin();
      $('cpu-title').focus();
    } else {
      this.send({ type: 'cpu', action: 'end' });
      $('cpu-toggle').focus();
    }
  }

  begin() {
    this.chosen = '';
    this.processes = [];
    this.closeRegion();
    this.showProcesses();
    this.send({ type: 'cpu', action: 'begin' });
  }

  /** No machine, or a new one. */
  reset() {
    this.last = null;
    this.chosen = '';
    this.processes = [];
    this.closeRegion();
    this.showProcesses();
  }

  /** The new machine runs: it does not know yet that somebody looks. */
  running() {
    if (this.isOpen) this.begin();
  }

  // Figures

  /** values: figures of cpu-figures.js, four times a second. */
  figures(values, mips) {
    const before = this.last;
    this.last = values;
    if (!this.isOpen) return;
    const { $ } = this;
    const isOff = values.compiled < 0;
    $('cpu-compiler').hidden = isOff;
    $('cpu-off').hidden = !isOff;
    $('cpu-mips').textContent = `${mips < 10 ? mips.toFixed(1) : Math.round(mips)} million instructions a second`;
    $('cpu-tlb').textContent = before === null ? count(values.tlbMisses)
      : `${count(values.tlbMisses)}, ${((values.tlbMisses - before.tlbMisses) / Math.max(1, values.instructions - before.instructions) * 1000).toFixed(2)} per 1,000 instructions`;
    if (isOff) return;
    const all = percent(values.compiled, Math.max(1, values.instructions));
    const done = before === null ? 0 : values.instructions - before.instructions;
    if (done >= FEW_INSTRUCTIONS) {
      const share = (values.compiled - before.compiled) / done;
      $('cpu-share').value = share;
      $('cpu-share-now').textContent = `${(100 * share).toFixed(1)} %`;
    } else {
      $('cpu-share-now').textContent = 'idle';
    }
    $('cpu-share-all').textContent = `since the start ${all}`;
    const extras = [`${count(values.regionsMade)} made`, values.waiting > 0 && `${values.waiting} waiting`, values.twins > 0 && `${values.twins} for odd stacks`, values.refused > 0 && `${values.refused} refused`,
      values.clears > 0 && `dropped ${values.clears}×`].filter(Boolean);
    $('cpu-regions').textContent = `${count(values.regions)} (${extras.join(', ')})`;
    $('cpu-code').textContent = `${bytes(values.codeBytes)} of WebAssembly`;
    $('cpu-time').textContent = `${time(values.compilerMs)} here, ${time(values.engineMs)} in the browser's engine${values.longestMs >= 0 ? `, at most ${time(values.longestMs)} at a time` : ''}`;
    $('cpu-entries').textContent = `${count(values.entries)}, ${percent(values.toInterpreter, Math.max(1, values.entries))} of them left to the interpreter`;
  }

  // Hot spots

  profile({ text }) {
    this.processes = [];
    for (const line of text.split('\n')) {
      const [kind, ...fields] = line.split('\t');
      if (kind === 'samples') {
        const [samples, idle] = fields.map(Number);
        this.$('cpu-samples').textContent = `${count(samples)} samples${idle > 0 ? `, ${count(idle)} more while nothing ran` : ''}`;
      } else if (kind === 'process') {
        const [number, pid, name, bits, samples] = fields;
        this.processes.push({ number: Number(number), pid, name, bits, samples: Number(samples), functions: [] });
      } else if (kind === 'function') {
        const [samples, symbol, place, address] = fields;
        this.processes.at(-1).functions.push({ samples: Number(samples), symbol, place, address });
      }
    }
    this.showProcesses();
  }

  showProcesses() {
    const select = this.$('cpu-process');
    const all = this.processes.reduce((sum, p) => sum + p.samples, 0);
    // While the list is open a change would close it.
    const names = this.processes.map(p => `${p.name} (${p.pid}), ${percent(p.samples, all)}`);
    if (document.activeElement !== select || this.processes.length !== select.options.length) {
      select.replaceChildren(...this.processes.map((p, i) => new Option(names[i], String(p.number))));
      if (this.processes.some(p => String(p.number) === this.chosen)) select.value = this.chosen;
    }
    select.disabled = this.processes.length === 0;
    if (this.processes.length === 0) this.$('cpu-samples').textContent = 'no samples yet';
    this.showFunctions();
  }

  /** Rows stay where they are while one of them has the focus or the mouse. */
  showFunctions() {
    const { $ } = this;
    const process = this.processes.find(p => String(p.number) === $('cpu-process').value);
    const body = $('cpu-functions');
    const isHeld = body.contains(document.activeElement) || body.matches(':hover');
    const old = this.rows;
    this.rows = new Map();
    for (const f of process?.functions ?? []) {
      const key = `${process.number} ${f.symbol} ${f.place}`;
      const row = old.get(key) ?? this.newRow();
      old.delete(key);
      row.dataset.address = f.address;
      row.dataset.process = process.number;
      const [share, samples, name, place] = row.cells;
      share.textContent = percent(f.samples, process.samples);
      samples.textContent = f.samples;
      name.firstChild.textContent = f.symbol;
      place.textContent = f.place;
      this.rows.set(key, row);
    }
    if (isHeld) {
      for (const row of this.rows.values()) if (!row.isConnected) body.append(row);
      for (const [key, row] of old) if (process !== undefined && key.startsWith(`${process.number} `)) this.rows.set(key, row); else row.remove();
    } else {
      body.replaceChildren(...this.rows.values());
    }
  }

  newRow() {
    const row = document.createElement('tr');
    for (let i = 0; i < 4; i++) row.insertCell();
    const button = document.createElement('button');
    button.title = 'Show the region around its hottest instruction';
    button.addEventListener('click', () => this.askRegion({ process: Number(row.dataset.process), address: row.dataset.address, which: 0, symbol: button.textContent }));
    row.cells[2].append(button);
    return row;
  }

  // A region

  askRegion(wanted) {
    this.shown = wanted;
    this.send({ type: 'cpu', action: 'region', process: wanted.process, address: Number.parseInt(wanted.address, 16), which: wanted.which });
  }

  closeRegion() {
    this.shown = null;
    this.$('cpu-region').hidden = true;
  }

  region({ process, address, text }) {
    const { $ } = this;
    if (this.shown === null || this.shown.process !== process || Number.parseInt(this.shown.address, 16) !== address) return;
    const [kind, head, x86, ir, wasm, samples] = text.split('\f');
    $('cpu-region').hidden = false;
    const isRegion = kind === 'region';
    $('cpu-columns').hidden = !isRegion;
    $('cpu-region-which').hidden = true;
    $('cpu-region-title').textContent = isRegion ? `Region of ${this.shown.symbol}` : `${this.shown.symbol}: ${head}`;
    if (isRegion) {
      const [pc, instructions, size, ...heads] = head.split(' ');
      const which = $('cpu-region-which');
      which.hidden = heads.length < 2;
      which.replaceChildren(...heads.map(each => new Option(`from 0x${each}`)));
      which.selectedIndex = heads.indexOf(pc);
      $('cpu-x86-size').textContent = `${instructions} instructions`;
      $('cpu-wasm-size').textContent = `module of ${bytes(Number(size))}`;
      $('cpu-x86').replaceChildren(...this.annotated(x86, samples));
      $('cpu-ir').textContent = ir;
      $('cpu-wasm').textContent = wasm;
      $('cpu-x86').querySelector('mark')?.scrollIntoView({ block: 'nearest' });
    }
    $('cpu-region').scrollIntoView({ block: 'nearest' });
  }

  /** The listing with samples before the instructions that have some. */
  annotated(x86, samples) {
    const counts = new Map(samples.trim().split('\n').map(line => line.split(' ')));
    return x86.split('\n').map(line => {
      const n = counts.get(line.match(/^ {2}([0-9a-f]+) {2}/)?.[1]);
      const element = document.createElement(n === undefined ? 'span' : 'mark');
      element.textContent = `${(n ?? '').padStart(6)} ${line}\n`;
      return element;
    });
  }
}
