// SPDX-License-Identifier: Apache-2.0
package kmos.system.profile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kmos.kernel.mm.AddressSpace;

/** The samples of one process, from one execve to the next. */
public final class ProcessProfile {
    private static final int MAX_ADDRESSES = 20_000;

    private final int number;
    private final AddressSpace space;
    private final int pid;
    private final boolean is64;
    private String name;
    private final Map<Long, Spot> spots = new HashMap<>();
    private long samples;
    private long elsewhere;

    /** Samples of one instruction, and the function that it belongs to. */
    private static final class Spot {
        final ProfiledFile file;
        final long offset;
        final String area;
        long samples;

        Spot(ProfiledFile file, long offset, String area) {
            this.file = file;
            this.offset = offset;
            this.area = area;
        }

        String symbol(long pc) {
            return file == null ? "0x" + Long.toHexString(pc) : file.functionAt(offset);
        }
    }

    /**
     * A function's samples. pc: its hottest instruction. place: the file, or what kind of memory it is. Where no symbol is
     * known, symbol is "file+offset" of the function's or the instruction's address.
     */
    public record Function(String symbol, String place, long samples, long pc, long pcSamples) { }

    /** Where a new address lies. */
    interface Finder {
        /** The mapped file, or null. */
        ProfiledFile file(AddressSpace space, long pc);

        long fileOffset(AddressSpace space, long pc);

        /** What memory it is when it is no file: "[vdso]". */
        String area(AddressSpace space, long pc);
    }

    ProcessProfile(int number, AddressSpace space, int pid, String name) {
        this.number = number;
        this.space = space;
        this.pid = pid;
        this.name = name;
        is64 = space.is64Bit();
    }

    AddressSpace space() {
        return space;
    }

    /** Which one among all that a profiler met. */
    public int number() {
        return number;
    }

    public int pid() {
        return pid;
    }

    /** Its command name when it was seen last. */
    public String name() {
        return name;
    }

    public boolean is64() {
        return is64;
    }

    public long samples() {
        return samples;
    }

    /** Samples in code whose address was not noted, because there were too many. */
    public long elsewhere() {
        return elsewhere;
    }

    void sample(long pc, String command, Finder finder) {
        name = command;
        samples++;
        Spot spot = spots.get(pc);
        if (spot == null) {
            if (spots.size() >= MAX_ADDRESSES) {
                elsewhere++;
                return;
            }
            ProfiledFile file = finder.file(space, pc);
            spot = new Spot(file, file == null ? pc : finder.fileOffset(space, pc), file == null ? finder.area(space, pc) : file.path());
            spots.put(pc, spot);
        }
        spot.samples++;
        if (spot.file != null) {
            spot.file.sampled();
        }
    }

    /** Functions, most samples first; equal ones by their names. */
    public List<Function> functions() {
        Map<String, Function> found = new HashMap<>();
        for (Map.Entry<Long, Spot> e : spots.entrySet()) {
            Spot spot = e.getValue();
            long pc = e.getKey();
            Function f = new Function(spot.symbol(pc), spot.area, spot.samples, pc, spot.samples);
            found.merge(f.symbol() + '\n' + f.place(), f, ProcessProfile::add);
        }
        List<Function> list = new ArrayList<>(found.values());
        list.sort((a, b) -> a.samples() != b.samples() ? Long.compare(b.samples(), a.samples()) : a.symbol().compareTo(b.symbol()));
        return list;
    }

    private static Function add(Function a, Function b) {
        boolean isFirst = a.pcSamples() > b.pcSamples() || a.pcSamples() == b.pcSamples() && a.pc() < b.pc();
        Function hot = isFirst ? a : b;
        return new Function(a.symbol(), a.place(), a.samples() + b.samples(), hot.pc(), hot.pcSamples());
    }

    /** Samples of every instruction that was met. */
    public Map<Long, Long> samplesByAddress() {
        Map<Long, Long> found = new HashMap<>();
        for (Map.Entry<Long, Spot> e : spots.entrySet()) {
            found.put(e.getKey(), e.getValue().samples);
        }
        return found;
    }
}
