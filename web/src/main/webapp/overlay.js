// SPDX-License-Identifier: Apache-2.0
// Where written blocks of a disk live: IndexedDB, or memory that is forgotten with the page. Blocks are 4 KiB, by number.
// An array given to or got from an overlay never changes.

export const BLOCK_BYTES = 4096;
const STORE = 'blocks';
/** VERSION counts commits; CHECKPOINT is a machine that goes with the disk of one version. */
const META = 'meta', VERSION = 'version', CHECKPOINT = 'checkpoint';
const CLEAN_BLOCKS = 8192;

const request = r => new Promise((resolve, reject) => {
  r.onsuccess = () => resolve(r.result);
  r.onerror = () => reject(r.error);
});

/** Kept in this tab only. */
export class MemoryOverlay {
  constructor(blocks = new Map()) {
    this.blocks = blocks;
  }

  /** How many blocks were written. */
  get size() {
    return this.blocks.size;
  }

  has(number) {
    return this.blocks.has(number);
  }

  /** The block if it is in memory, else null. */
  cached(number) {
    return this.blocks.get(number) ?? null;
  }

  async load(number) {
    return this.blocks.get(number);
  }

  /** All or nothing. */
  async commit(blocks) {
    for (const [number, bytes] of blocks) this.blocks.set(number, bytes);
  }

  /** The state of the last commit: a Map. */
  async snapshot() {
    return new Map(this.blocks);
  }
}

/** Kept in the browser. One commit is one transaction with strict durability: after a kill the disk shows exactly the last one. */
export class IndexedDbOverlay {
  static async open(name) {
    const open = indexedDB.open(name, 2);
    open.onupgradeneeded = event => {
      if (event.oldVersion < 1) open.result.createObjectStore(STORE);
      open.result.createObjectStore(META);
    };
    const overlay = new IndexedDbOverlay(await request(open));
    open.result.onversionchange = () => overlay.close(); // the disk is being reset
    for (const key of await request(overlay.store('readonly').getAllKeys())) overlay.keys.add(key);
    overlay.version = await request(overlay.meta('readonly').get(VERSION)) ?? 0;
    return overlay;
  }

  static async remove(name) {
    await request(indexedDB.deleteDatabase(name));
  }

  constructor(database) {
    this.database = database;
    this.keys = new Set();
    this.version = 0; // of what is committed
    this.clean = new Map(); // blocks as they are in the database, oldest first
  }

  close() {
    this.database.close();
  }

  store(mode) {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }

  get size() {
    return this.keys.size;
  }

  meta(mode) {
    return this.database.transaction(META, mode).objectStore(META);
  }

  has(number) {
    return this.keys.has(number);
  }

  cached(number) {
    return this.clean.get(number) ?? null;
  }

  async load(number) {
    const bytes = this.clean.get(number) ?? await request(this.store('readonly').get(number));
    if (bytes?.length !== BLOCK_BYTES) throw new Error(`block ${number} is missing in the browser's database`);
    this.keep(number, bytes);
    return bytes;
  }

  commit(blocks) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction([STORE, META], 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore(STORE);
      for (const [number, bytes] of blocks) store.put(bytes, number);
      // In the same transaction: a checkpoint of an older disk can be told from now on.
      transaction.objectStore(META).put(this.version + 1, VERSION);
      transaction.oncomplete = () => {
        this.version++;
        for (const [number, bytes] of blocks) {
          this.keys.add(number);
          this.keep(number, bytes);
        }
        resolve();
      };
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser aborted the transaction'));
    });
  }

  /** Keeps a machine that goes with the disk as it is committed now. False when a commit came between. */
  saveCheckpoint(checkpoint, version) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(META, 'readwrite');
      const store = transaction.objectStore(META);
      let isSaved = false;
      const now = store.get(VERSION);
      now.onsuccess = () => {
        if ((now.result ?? 0) !== version) return;
        store.put({ ...checkpoint, version }, CHECKPOINT);
        isSaved = true;
      };
      transaction.oncomplete = () => resolve(isSaved);
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser aborted the transaction'));
    });
  }

  /** The machine that was kept last, with the version of the disk that it goes with; null: none. */
  async checkpoint() {
    const saved = await request(this.meta('readonly').get(CHECKPOINT));
    return saved ?? null;
  }

  async dropCheckpoint() {
    await request(this.meta('readwrite').delete(CHECKPOINT));
  }

  async snapshot() {
    const store = this.store('readonly');
    const [keys, values] = await Promise.all([request(store.getAllKeys()), request(store.getAll())]);
    return new Map(keys.map((key, i) => [key, values[i]]));
  }

  keep(number, bytes) {
    this.clean.delete(number);
    this.clean.set(number, bytes);
    if (this.clean.size > CLEAN_BLOCKS) this.clean.delete(this.clean.keys().next().value);
  }
}
