// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import kmos.base.Memory;
import kmos.cpu.CompileQueue;
import kmos.cpu.CpuState;
import kmos.cpu.jit.Jit;
import kmos.cpu.jit.JitCounters;
import kmos.cpu.jit.RegionText;
import kmos.system.KmosSystem;
import kmos.system.profile.ProcessProfile;
import kmos.system.profile.Profiler;
import org.teavm.interop.Export;

/**
 * What the processor panel shows: figures, samples, one region. Texts of any length are prepared here and fetched in pieces
 * through the transfer buffer. Called between slices only.
 */
final class WebCpu {
    private static final int MAX_PROCESSES = 20, MAX_FUNCTIONS = 40;
    private static boolean isProfiling;
    private static byte[] prepared;

    private WebCpu() { }

    /** Makes the exports of this class part of the module. */
    static void prepare() {
        prepared = new byte[0];
        isProfiling = false;
    }

    static void built(KmosSystem system) {
        if (isProfiling) {
            begin(system);
        }
    }

    private static void begin(KmosSystem system) {
        system.setProfiler(new Profiler(system.kernel(), system.cpu(), Profiler.PERIOD));
    }

    /** One of the figures of cpu-figures.js, by its number; -1 for those of a compiler that is off. */
    @Export(name = "cpuFigure")
    static double cpuFigure(int number) {
        KmosSystem system = WebMachine.system();
        if (number == 0) {
            return system.cpu().instructionCount();
        }
        if (number == 1) {
            return Memory.get64(system.cpu().base() + CpuState.TLB_MISSES);
        }
        Jit jit = system.cpu().jit();
        if (jit == null) {
            return -1;
        }
        JitCounters c = jit.counters();
        CompileQueue queue = system.cpu().compileQueue();
        switch (number) {
            case 2: return c.instructions();
            case 3: return jit.liveRegions();
            case 4: return c.regions();
            case 5: return c.twins();
            case 6: return c.refused();
            case 7: return c.clears();
            case 8: return jit.codeBytes();
            case 9: return c.emittedBytes();
            case 10: return c.compilerMs();
            case 11: return c.engineMs();
            case 12: return c.entries();
            case 13: return c.leftToInterpreter();
            case 14: return c.stops();
            case 15: return queue == null ? 0 : queue.size();
            case 16: return queue == null ? -1 : queue.longestMs();
            default: return -1;
        }
    }

    /** While the machine has nothing to do: compiles one of the places that wait for that. 0 when there is none. */
    @Export(name = "compileIdle")
    static int compileIdle() {
        CompileQueue queue = WebMachine.system().cpu().compileQueue();
        return queue != null && queue.compileIdle() ? 1 : 0;
    }

    /** Samples programs from now on, from none; 0: no longer. */
    @Export(name = "profile")
    static void profile(int isOn) {
        isProfiling = isOn != 0;
        if (isProfiling) {
            begin(WebMachine.system());
        } else {
            WebMachine.system().setProfiler(null);
        }
    }

    /**
     * Prepares the samples so far, lines of fields between tabs: "samples", samples, idle, period; "process", number, pid, name, bits, samples;
     * behind each process its functions: "function", samples, symbol, place, hottest address.
     */
    @Export(name = "prepareProfile")
    static int prepareProfile() {
        StringBuilder s = new StringBuilder();
        Profiler profiler = WebMachine.system().profiler();
        if (profiler == null) {
            return put(s);
        }
        s.append("samples\t").append(profiler.samples()).append('\t').append(profiler.idleSamples()).append('\t').append(profiler.period()).append('\n');
        List<ProcessProfile> processes = profiler.processes();
        for (ProcessProfile p : processes.subList(0, Math.min(MAX_PROCESSES, processes.size()))) {
            s.append("process\t").append(p.number()).append('\t').append(p.pid()).append('\t').append(plain(p.name())).append('\t').append(p.is64() ? 64 : 32)
                .append('\t').append(p.samples()).append('\n');
            List<ProcessProfile.Function> functions = p.functions();
            for (ProcessProfile.Function f : functions.subList(0, Math.min(MAX_FUNCTIONS, functions.size()))) {
                s.append("function\t").append(f.samples()).append('\t').append(plain(f.symbol())).append('\t').append(plain(f.place())).append('\t').append(Long.toHexString(f.pc())).append('\n');
            }
        }
        return put(s);
    }

    private static String plain(String name) {
        return name.replace('\t', ' ').replace('\n', ' ').replace('\f', ' ');
    }

    /**
     * Prepares a region that holds an instruction of a process: parts between form feeds. "region", then heads (addresses, the one that
     * is shown first), x86, IR, WebAssembly, and lines of address and samples; or "none" and the reason.
     */
    @Export(name = "prepareRegion")
    static int prepareRegion(int process, double address, int which) {
        Profiler profiler = WebMachine.system().profiler();
        Jit jit = WebMachine.system().cpu().jit();
        if (jit == null) {
            return put("none\fThe compiler is off.");
        }
        ProcessProfile found = profiler == null ? null : profiler.process(process);
        if (found == null) {
            return put("none\fThis process is not known any more.");
        }
        long pc = (long) address;
        StringBuilder s = new StringBuilder("none\fThis code is interpreted: no region holds it at this time.");
        boolean isAlive = profiler.inSpaceOf(found, () -> describe(s, jit, found, pc, which));
        return isAlive ? put(s) : put("none\fThis process has ended.");
    }

    private static void describe(StringBuilder s, Jit jit, ProcessProfile process, long pc, int which) {
        List<Long> heads = jit.regionsWith(pc);
        RegionText text = heads.isEmpty() ? null : jit.describe(heads.get(Math.min(which, heads.size() - 1)), pc);
        if (text == null) {
            return;
        }
        s.setLength(0);
        s.append("region\f").append(Long.toHexString(text.pc())).append(' ').append(text.instructions()).append(' ').append(text.bytes());
        for (long head : heads) {
            s.append(' ').append(Long.toHexString(head));
        }
        s.append('\f').append(text.x86()).append('\f').append(text.ir()).append('\f').append(text.wasm()).append('\f');
        for (Map.Entry<Long, Long> e : process.samplesByAddress().entrySet()) {
            String address = Long.toHexString(e.getKey());
            if (text.x86().contains("  " + address + "  ")) {
                s.append(address).append(' ').append(e.getValue()).append('\n');
            }
        }
    }

    private static int put(CharSequence text) {
        prepared = text.toString().getBytes(StandardCharsets.UTF_8);
        return prepared.length;
    }

    /** Copies what was prepared, from a byte on, into the transfer buffer; returns how much. */
    @Export(name = "preparedPiece")
    static int preparedPiece(int from) {
        int count = Math.min(WebMachine.TRANSFER_BYTES, prepared.length - from);
        byte[] piece = new byte[count];
        System.arraycopy(prepared, from, piece, 0, count);
        Memory.write(WebMachine.transferBuffer(), piece, 0, count);
        return count;
    }
}
