// SPDX-License-Identifier: Apache-2.0
// Which overlay a disk gets: IndexedDB under a Web Lock, so that one tab at a time writes it; else memory.
import { IndexedDbOverlay, MemoryOverlay } from './overlay.js';

const LOCK_WAIT_MS = 2500; // a reloaded page's old worker needs a moment to let go

/** Thrown when another tab uses the disk. */
export class DiskInUse extends Error { }

/** Holds the lock until this worker ends. */
function acquireLock(name) {
  return new Promise((resolve, reject) => {
    navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, () => new Promise(() => resolve())).catch(problem => {
      const isBusy = problem.name === 'TimeoutError' || problem.name === 'AbortError';
      reject(isBusy ? new DiskInUse('another tab uses this disk') : problem);
    });
  });
}

/**
 * mode: 'keep' (the default), 'copy' (a copy of what was saved, changes forgotten) or 'reset' (throw all changes away
 * first), or 'forget' (no storage at all). Returns { overlay, isKept, note }; note says why changes are not kept. DiskInUse.
 */
export async function openOverlay(name, mode) {
  if (mode === 'forget') return forgotten('');
  if (!globalThis.isSecureContext || !navigator.locks || !globalThis.indexedDB) {
    return forgotten('This address is not a secure context (https or localhost), so the browser offers no storage that one tab can lock. '
      + 'Changes to the disk are not kept.');
  }
  if (mode === 'copy') {
    const saved = await IndexedDbOverlay.open(name);
    const blocks = await saved.snapshot();
    saved.close();
    return forgotten('This is a copy of the disk. Changes are not kept.', blocks);
  }
  await acquireLock(name);
  try {
    if (mode === 'reset') await IndexedDbOverlay.remove(name);
    return { overlay: await IndexedDbOverlay.open(name), isKept: true, note: '' };
  } catch (problem) {
    return forgotten(`The browser refuses its storage (${problem.message}). Changes to the disk are not kept.`);
  }
}

function forgotten(note, blocks) {
  return { overlay: new MemoryOverlay(blocks), isKept: false, note };
}
