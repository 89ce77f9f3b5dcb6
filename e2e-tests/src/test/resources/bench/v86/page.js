// SPDX-License-Identifier: Apache-2.0
// Boots the rootfs under v86 and speaks the guest's line protocol over the serial port.
'use strict';
const q = new URLSearchParams(location.search);
const waiting = new Map();
let lines = [], cur = '', nextId = 1, onReady;
const t0 = performance.now();
const ready = new Promise(r => onReady = r);

const emulator = new V86({
    wasm_path: 'v86.wasm',
    bios: { url: 'seabios.bin' },
    vga_bios: { url: 'vgabios.bin' },
    ...(q.has('state') ? { initial_state: { url: q.get('state') } } : {
        bzimage: { url: q.get('kernel') ?? 'vmlinuz' },
        initrd: { url: q.get('initrd') ?? 'initrd.cpio' },
    }),
    cmdline: q.get('cmdline') ?? 'console=ttyS0 quiet loglevel=3 tsc=reliable mitigations=off random.trust_cpu=on audit=0 nowatchdog',
    memory_size: (+q.get('mem') || 512) << 20,
    vga_memory_size: 2 << 20,
    disable_keyboard: true, disable_mouse: true, disable_speaker: true,
    disable_jit: q.has('nojit') ? 1 : 0,
    autostart: true,
});

emulator.add_listener('serial0-output-byte', b => {
    if (b !== 10) { if (b !== 13) cur += String.fromCharCode(b); return; }
    const t = performance.now(), text = cur;
    cur = '';
    console.log(text);
    if (text.startsWith('@ready')) return onReady({ bootMs: t - t0, note: text.slice(7) });
    const m = text.match(/^@exit (\d+) (\d+)$/);
    if (!m) return void lines.push({ t, text });
    const done = waiting.get(+m[1]);
    waiting.delete(+m[1]);
    done?.({ code: +m[2], lines });
    lines = [];
});

window.bench = {
    ready,
    exec(argv) {
        const id = nextId++;
        lines = [];
        return new Promise(done => {
            waiting.set(id, done);
            emulator.serial0_send(`${id} ${argv.map(a => /^[\w./=:-]+$/.test(a) ? a : `'${a.replaceAll("'", "'\\''")}'`).join(' ')}\n`);
        });
    },
};
window.emulator = emulator;

// a restored machine is already at its prompt: it is ready once it answers
if (q.has('state')) emulator.add_listener('emulator-started', async () => {
    await window.bench.exec(['true']);
    onReady({ bootMs: performance.now() - t0, note: 'restored' });
});
