// SPDX-License-Identifier: Apache-2.0
// The machine's worker, from wherever the page's files lie.

/**
 * A worker's script must be of the page's origin. When the files lie elsewhere (a page with <base href>), a script of our own
 * imports theirs; that host has to allow it (Access-Control-Allow-Origin).
 */
export function newWorker() {
  const script = new URL(`kmos-worker.js?v=${document.documentElement.dataset.build}`, document.baseURI);
  if (script.origin === location.origin) return new Worker(script);
  const code = `self.kmosBase = ${JSON.stringify(new URL('.', script).href)};\nself.kmosVersion = ${JSON.stringify(script.search)};\n`
    + `importScripts(${JSON.stringify(script.href)});`;
  const own = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const made = new Worker(own);
  setTimeout(() => URL.revokeObjectURL(own), 60_000);
  return made;
}
