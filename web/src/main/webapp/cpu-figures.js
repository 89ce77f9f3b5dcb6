// SPDX-License-Identifier: Apache-2.0
// The worker's side of the processor panel: figures with the status, samples while somebody looks, one region on request.

/** Numbers of kmos.web.WebCpu.cpuFigure. */
const NAMES = ['instructions', 'tlbMisses', 'compiled', 'regions', 'regionsMade', 'twins', 'refused', 'clears', 'codeBytes', 'emittedBytes',
  'compilerMs', 'engineMs', 'entries', 'toInterpreter', 'stops', 'waiting', 'longestMs'];
const PROFILE_MS = 1000;

/** All figures of a machine's processor; those of the compiler are -1 when it is off. */
export function figures(java) {
  return Object.fromEntries(NAMES.map((name, number) => [name, java.cpuFigure(number)]));
}

export class CpuWatch {
  constructor(machine, post) {
    this.machine = machine;
    this.post = post;
    this.isOn = false;
    this.lastProfile = 0;
  }

  message({ action, process, address, which }) {
    const { java } = this.machine;
    if (action === 'region') {
      this.post('region', { process, address, which, text: this.text(java.prepareRegion(process, address, which)) });
      return;
    }
    this.isOn = action === 'begin';
    java.profile(this.isOn ? 1 : 0);
    this.lastProfile = 0;
  }

  /** With each status. */
  tick(now) {
    if (!this.isOn || now - this.lastProfile < PROFILE_MS) return;
    this.lastProfile = now;
    this.post('profile', { text: this.text(this.machine.java.prepareProfile()) });
  }

  text(length) {
    const { java, bytes } = this.machine;
    const all = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = java.preparedPiece(at);
      all.set(bytes.subarray(java.transferBuffer(), java.transferBuffer() + count), at);
      at += count;
    }
    return new TextDecoder().decode(all);
  }
}
