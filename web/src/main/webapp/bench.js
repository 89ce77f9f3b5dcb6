// SPDX-License-Identifier: Apache-2.0
// The machine of bench.html.
import { boot } from './kmos.js';

const query = new URLSearchParams(location.search);
const state = document.getElementById('state');
const rootfs = query.get('rootfs');
const jit = query.get('jit');
state.dataset.note = `${rootfs === null ? 'disk image' : 'rootfs'}, jit ${jit ?? 'on'}`;
const machine = boot({
  image: rootfs === null ? undefined : null, rootfs, memoryMb: Number(query.get('memory') ?? 768), cpu: query.get('cpu') ?? undefined,
  jit: jit === 'off' ? false : jit === null ? true : Number(jit),
});
machine.ready.then(() => { state.textContent = 'Ready.'; }, problem => { state.textContent = problem.message; });
machine.ended.then(({ state: how, reason }) => { state.textContent = `The machine has ended (${how}). ${reason}`; });
window.bench.give(machine);
