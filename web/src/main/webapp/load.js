// SPDX-License-Identifier: Apache-2.0
// What a start of the worker fetches: the module, the disk's manifest, the font, the booted base.
import { fetchBytes, fetchUnpacked } from './bytes.js';
import { NO_IMAGE } from './commands.js';
import { HttpDisk } from './http-disk.js';

// TeaVM's loader compiles what it is given, bytes or an address; ours is compiled already, and used for several instances.
const { compile } = WebAssembly;
WebAssembly.compile = (source, options) => (source instanceof WebAssembly.Module ? Promise.resolve(source) : compile.call(WebAssembly, source, options));

/** All that a start needs, as promises; baseFile() only when it is wanted. diskBase: null for no disk; post(type, fields): to the page. */
export function fetchParts(base, diskBase, post) {
  const parts = {
    module: loadModule(base, post),
    image: diskBase === null ? Promise.resolve(NO_IMAGE) : HttpDisk.open(diskBase),
    font: diskBase === null ? Promise.resolve(new Uint8Array(0)) : fetchBytes(new URL('console.psf', diskBase)),
  };
  // Awaited one at a time, so that the error is the same each time: without a manifest there is no font either.
  for (const part of Object.values(parts)) part.catch(() => {});
  return { ...parts, baseFile: once(() => loadBase(base)) };
}

/** The module, compiled while it comes. */
export async function loadModule(base, post) {
  const body = await fetchUnpacked(new URL('classes.wasm.gz', base), (done, total) => {
    self.loadedBytes = done;
    post('progress', { step: 'Loading the machine', done, total });
  });
  return WebAssembly.compileStreaming(new Response(body, { headers: { 'Content-Type': 'application/wasm' } }), { builtins: ['js-string'] });
}

/** The usual machine when it has booted, as the site's build made it (kmos.headless.BaseAsset), or null: whoever needs it boots. */
async function loadBase(base) {
  try {
    return new Uint8Array(await new Response(await fetchUnpacked(new URL('base.gz', base))).arrayBuffer());
  } catch (problem) {
    console.warn(`kmOS: ${problem.message}`);
    return null;
  }
}

/** make(), but one time only. */
function once(make) {
  let made = null;
  return () => (made ??= make());
}
