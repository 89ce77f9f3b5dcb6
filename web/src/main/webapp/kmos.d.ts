// SPDX-License-Identifier: Apache-2.0
/** What boot() starts a machine from. */
export interface BootOptions {
  /** Folder of the module's other files (kmos-worker.js, classes.wasm.gz, disk/). Default: where kmos.js lies. */
  base?: string | URL;
  /** Folder of a disk image (manifest.json and chunks/); null for none. Default: disk/ in base. */
  image?: string | URL | boolean | null;
  /** Archive (newc cpio or tar, either may be gzip'ed): where it is, or its bytes. */
  rootfs?: string | URL | ArrayBuffer | ArrayBufferView | null;
  /** Guest RAM in MiB, 64 to 1536. Default 256. */
  memoryMb?: number;
  /** Processor model. Default v2. */
  cpu?: 'v2' | 'v3' | 'max';
  /** Whether hot code is compiled; a number is how often a loop runs before. Default true. */
  jit?: boolean | number;
  /** What snapshot() gave: the machine goes on from there. The other options must be the same; RAM and processor are the snapshot's. */
  snapshot?: ArrayBuffer | ArrayBufferView;
  /** Whether the image's init is started as well, with the serial console as its terminal. Default false. */
  init?: boolean;
  /** What becomes of changes to the disk: forget (default), keep (in this browser), copy of what was kept, reset. */
  disk?: 'forget' | 'keep' | 'copy' | 'reset';
  /** Window of the serial console. */
  columns?: number;
  rows?: number;
  /** Bytes on the serial console; the machine waits while a returned promise is pending and much is outstanding. */
  onConsole?: (bytes: Uint8Array) => void | Promise<void>;
  onProgress?: (progress: { step: string; done: number; total: number }) => void;
  /** Something a user might want to know. Default: console.warn. */
  onNotice?: (text: string) => void;
}

export interface ExecOptions {
  /** Added to HOME, PATH and TERM=dumb; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /** Working directory, absolute. Default /. */
  cwd?: string;
  /** Standard input; it ends after this. Default: empty. Not with tty. */
  input?: string | ArrayBuffer | ArrayBufferView;
  /** A pseudo terminal for the three standard streams instead of pipes. */
  tty?: boolean;
  /** Called with text as it arrives, and when (performance.now() of this page). */
  onOutput?: (text: string, t: number) => void;
  /** Kills the program; exec then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface Line {
  /** performance.now() of this page at which the line's end arrived. */
  t: number;
  text: string;
}

export interface ExecResult {
  /** Exit status; 128 + signal when a signal ended it. */
  code: number;
  /** The signal that ended it, or 0. */
  signal: number;
  /** Standard output and standard error as they came. */
  lines: Line[];
}

/** The guest's kernel refused. code: name of the error, as ENOENT. */
export class GuestError extends Error {
  readonly code: string;
}

export class Machine {
  private constructor();
  /** When commands can be run. Rejects when the machine cannot be started. */
  readonly ready: Promise<{ bootMs: number }>;
  /** When it is over: POWERED_OFF, RESTARTING, HALTED, PANICKED, STOPPED or FAILED. */
  readonly ended: Promise<{ state: string; reason: string }>;
  exec(argv: string[], options?: ExecOptions): Promise<ExecResult>;
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, data: string | ArrayBuffer | ArrayBufferView, options?: { mode?: number }): Promise<void>;
  type(text: string | ArrayBuffer | ArrayBufferView): void;
  resize(columns: number, rows: number): void;
  stop(): void;
  /** The machine as it is now, as the bytes of a snapshot file. */
  snapshot(): Promise<Uint8Array>;
}

export function boot(options?: BootOptions): Machine;
