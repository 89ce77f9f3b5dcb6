// SPDX-License-Identifier: Apache-2.0
// Runs before the page is there: the worker and what it needs are on their way while the page's own script is loaded.
import { newWorker } from './new-worker.js';

const worker = newWorker();
worker.onerror = event => { worker.problem = event.message ?? 'it could not be loaded'; }; // for the page, when it is there
worker.postMessage({ type: 'prefetch', base: new URL('.', document.baseURI).href, opensSnapshot: /^#[sfm]=/.test(location.hash) || /[?&]lesson=/.test(location.search) });
window.kmosWorker = worker;
