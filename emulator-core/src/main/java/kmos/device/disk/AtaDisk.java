// SPDX-License-Identifier: Apache-2.0
package kmos.device.disk;

import kmos.base.LittleEndian;
import kmos.base.Memory;
import kmos.base.StateFields;
import kmos.base.StateFormatException;
import kmos.host.BlockBackend;
import kmos.machine.Machine;

/**
 * An ATA-6 hard disk (T13/1410D): task file, PIO and DMA commands with 28- and 48-bit addresses. Transfers go through a
 * buffer of 256 sectors in linear memory; longer commands are several backend requests.
 */
public final class AtaDisk implements BackendRequest.Owner {
    public static final int BUFFER_SECTORS = 256;
    public static final int BUFFER_BYTES = BUFFER_SECTORS * 512;
    /** Guest time from a command to its data. */
    public static final long LATENCY_NS = 100_000;
    static final int ERR = 1, DRQ = 8, DSC = 0x10, DRDY = 0x40, BSY = 0x80;
    static final int ABRT = 4, IDNF = 0x10, UNC = 0x40;
    private static final int HEADS = 16, SECTORS = 63, MAX_MULTIPLE = 16;
    /** What the command in progress does. */
    private static final int IDLE = 0, PIO_IN = 1, PIO_OUT = 2, DMA_IN = 3, DMA_OUT = 4, FLUSHING = 5;

    /** The channel the disk hangs on. */
    interface Cable {
        /** INTRQ. */
        void interrupt();

        /** DMARQ: the disk wants to move its buffer. The channel answers with {@link AtaDisk#dmaReady} when it can. */
        void requestDma();

        /** Moves count bytes between linear memory and the PRD list. False: no more room, or a bad address. */
        boolean transfer(int linear, int count, boolean isToMemory);

        void dmaEnded(boolean isError);
    }

    private final BlockBackend backend;
    private final int buffer;
    private final BackendRequest request;
    private Cable cable;
    private int feature, status = DRDY | DSC, error = 1, device;
    /** Each register holds the previous write in bits 8-15 (HOB). */
    private int count = 1, lbaLow = 1, lbaMid, lbaHigh;
    private int multiple = 1;
    private int activity = IDLE;
    private long sector;
    private int remaining;
    private int chunk;
    private int blockSectors = 1;
    private int dataAt, dataEnd, blockEnd;
    private boolean isCacheEnabled = true;

    /** buffer: linear address of BUFFER_BYTES. */
    public AtaDisk(Machine machine, BlockBackend backend, int buffer) {
        this.backend = backend;
        this.buffer = buffer;
        this.request = new BackendRequest(machine, backend, this, 0);
    }

    void plug(Cable newCable) {
        cable = newCable;
    }

    // Task file. The channel writes the shared registers of both its drives, as the cable does.

    int status() {
        return status;
    }

    int readRegister(int offset, boolean isHighOrder) {
        int shift = isHighOrder ? 8 : 0;
        return switch (offset) {
            case 1 -> error;
            case 2 -> count >>> shift & 0xFF;
            case 3 -> lbaLow >>> shift & 0xFF;
            case 4 -> lbaMid >>> shift & 0xFF;
            case 5 -> lbaHigh >>> shift & 0xFF;
            default -> device | 0xA0;
        };
    }

    void writeRegister(int offset, int value) {
        switch (offset) {
            case 1 -> feature = (feature << 8 | value) & 0xFFFF;
            case 2 -> count = (count << 8 | value) & 0xFFFF;
            case 3 -> lbaLow = (lbaLow << 8 | value) & 0xFFFF;
            case 4 -> lbaMid = (lbaMid << 8 | value) & 0xFFFF;
            case 5 -> lbaHigh = (lbaHigh << 8 | value) & 0xFFFF;
            default -> device = value;
        }
    }

    void reset() {
        request.cancel();
        activity = IDLE;
        status = DRDY | DSC;
        multiple = 1;
        signature();
    }

    private void signature() {
        error = 1;
        count = 1;
        lbaLow = 1;
        lbaMid = 0;
        lbaHigh = 0;
        device &= 0x10;
    }

    void command(int code) {
        if ((status & (BSY | DRQ)) != 0) {
            return;
        }
        error = 0;
        status = DRDY | DSC;
        switch (code) {
            case 0x20, 0x21 -> begin(PIO_IN, false, 1);
            case 0x24 -> begin(PIO_IN, true, 1);
            case 0xC4 -> begin(PIO_IN, false, multiple);
            case 0x29 -> begin(PIO_IN, true, multiple);
            case 0x30, 0x31 -> begin(PIO_OUT, false, 1);
            case 0x34 -> begin(PIO_OUT, true, 1);
            case 0xC5 -> begin(PIO_OUT, false, multiple);
            case 0x39 -> begin(PIO_OUT, true, multiple);
            case 0xC8, 0xC9 -> begin(DMA_IN, false, 1);
            case 0x25 -> begin(DMA_IN, true, 1);
            case 0xCA, 0xCB -> begin(DMA_OUT, false, 1);
            case 0x35 -> begin(DMA_OUT, true, 1);
            case 0xE7, 0xEA -> {
                activity = FLUSHING;
                status = BSY;
                request.start(BackendRequest.FLUSH, 0, 0, 0, LATENCY_NS);
            }
            case 0xEC -> identify();
            case 0xEF -> setFeatures();
            case 0xC6 -> {
                int n = count & 0xFF;
                if (n == 0 || n > MAX_MULTIPLE || (n & n - 1) != 0) {
                    fail(ABRT);
                } else {
                    multiple = n;
                    cable.interrupt();
                }
            }
            case 0x40, 0x41 -> verify(false);
            case 0x42 -> verify(true);
            case 0xF8 -> nativeMax(Math.min(backend.sectorCount(), 1L << 28) - 1, false);
            case 0x27 -> nativeMax(backend.sectorCount() - 1, true);
            case 0x90 -> {
                signature();
                cable.interrupt();
            }
            case 0xE5 -> {
                count = 0xFF; // active or idle
                cable.interrupt();
            }
            case 0x91, 0xE0, 0xE1, 0xE2, 0xE3, 0xE6, 0x94, 0x95, 0x96, 0x97, 0x99 -> cable.interrupt();
            default -> {
                if ((code & 0xF0) == 0x10 || (code & 0xF0) == 0x70) {
                    cable.interrupt(); // RECALIBRATE, SEEK: the head is there
                } else {
                    fail(ABRT);
                }
            }
        }
    }

    private void fail(int errorBits) {
        activity = IDLE;
        status = DRDY | DSC | ERR;
        error = errorBits;
        cable.interrupt();
    }

    /** Reads address and count of a command from the task file; -1 for an address in CHS form that is none. */
    private void decode(boolean isExtended) {
        if (isExtended) {
            sector = lbaLow & 0xFF | (long) (lbaMid & 0xFF) << 8 | (long) (lbaHigh & 0xFF) << 16
                | (long) (lbaLow >>> 8) << 24 | (long) (lbaMid >>> 8) << 32 | (long) (lbaHigh >>> 8) << 40;
            remaining = count == 0 ? 65_536 : count;
            return;
        }
        remaining = (count & 0xFF) == 0 ? 256 : count & 0xFF;
        if ((device & 0x40) != 0) {
            sector = lbaLow & 0xFF | (lbaMid & 0xFF) << 8 | (lbaHigh & 0xFF) << 16 | (device & 15) << 24;
        } else {
            int cylinder = lbaMid & 0xFF | (lbaHigh & 0xFF) << 8;
            int inTrack = lbaLow & 0xFF;
            sector = inTrack == 0 || inTrack > SECTORS ? -1
                : ((long) cylinder * HEADS + (device & 15)) * SECTORS + inTrack - 1;
        }
    }

    private boolean isOnDisk() {
        return sector >= 0 && sector + remaining <= backend.sectorCount();
    }

    private void begin(int newActivity, boolean isExtended, int sectorsPerBlock) {
        decode(isExtended);
        if (!isOnDisk()) {
            fail(IDNF);
            return;
        }
        activity = newActivity;
        blockSectors = sectorsPerBlock;
        chunk = Math.min(remaining, BUFFER_SECTORS);
        switch (activity) {
            case PIO_IN -> startRequest(BackendRequest.READ);
            case PIO_OUT -> offerData(0);
            default -> {
                status = DRDY | DSC | DRQ;
                cable.requestDma();
            }
        }
    }

    private void startRequest(int operation) {
        status = BSY;
        request.start(operation, sector, chunk, buffer, LATENCY_NS);
    }

    /** The channel's bus master is running: begins the DMA command that waits for it. */
    void dmaReady() {
        if (request.isInFlight()) {
            return;
        }
        if (activity == DMA_IN) {
            startRequest(BackendRequest.READ);
        } else if (activity == DMA_OUT) {
            if (cable.transfer(buffer, chunk * 512, false)) {
                startRequest(BackendRequest.WRITE);
            } else {
                dmaFailed();
            }
        }
    }

    private void dmaFailed() {
        cable.dmaEnded(true);
        fail(ABRT);
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        request.deadline();
    }

    @Override
    public void requestDone(String hostError) {
        if (hostError != null) {
            boolean isDma = activity == DMA_IN || activity == DMA_OUT;
            boolean isRead = activity == PIO_IN || activity == DMA_IN;
            putAddress();
            if (isDma) {
                cable.dmaEnded(false);
            }
            fail(isRead ? UNC : ABRT);
            return;
        }
        switch (activity) {
            case PIO_IN -> {
                offerData(0);
                cable.interrupt();
            }
            case DMA_IN -> {
                if (cable.transfer(buffer, chunk * 512, true)) {
                    chunkDone();
                } else {
                    dmaFailed();
                }
            }
            case FLUSHING -> finish();
            default -> chunkDone();
        }
    }

    /** A chunk is on the disk, or in memory (DMA). */
    private void chunkDone() {
        sector += chunk;
        remaining -= chunk;
        if (remaining == 0) {
            if (activity == DMA_IN || activity == DMA_OUT) {
                cable.dmaEnded(false);
            }
            finish();
            return;
        }
        chunk = Math.min(remaining, BUFFER_SECTORS);
        switch (activity) {
            case PIO_OUT -> {
                offerData(0);
                cable.interrupt();
            }
            default -> {
                status = DRDY | DSC | DRQ;
                cable.requestDma();
            }
        }
    }

    private void finish() {
        activity = IDLE;
        status = DRDY | DSC;
        cable.interrupt();
    }

    /** Raises DRQ for the next block of the chunk, from byte at of the buffer. */
    private void offerData(int at) {
        dataAt = at;
        dataEnd = chunk * 512;
        blockEnd = Math.min(dataEnd, at + blockSectors * 512);
        status = DRDY | DSC | DRQ;
    }

    /** The data register, 16 or 32 bits wide. */
    int readData(int width) {
        if ((status & DRQ) == 0 || activity != PIO_IN) {
            return width == 32 ? -1 : 0xFFFF;
        }
        int value = width == 32 ? Memory.get32(buffer + dataAt) : Memory.get16(buffer + dataAt);
        dataAt += width / 8;
        if (dataAt >= blockEnd) {
            blockRead();
        }
        return value;
    }

    private void blockRead() {
        if (dataAt < dataEnd) {
            offerData(dataAt);
            cable.interrupt();
            return;
        }
        sector += chunk;
        remaining -= chunk;
        if (remaining <= 0) {
            activity = IDLE;
            status = DRDY | DSC;
        } else {
            chunk = Math.min(remaining, BUFFER_SECTORS);
            startRequest(BackendRequest.READ);
        }
    }

    void writeData(int width, int value) {
        if ((status & DRQ) == 0 || activity != PIO_OUT) {
            return;
        }
        if (width == 32) {
            Memory.put32(buffer + dataAt, value);
        } else {
            Memory.put16(buffer + dataAt, value);
        }
        dataAt += width / 8;
        if (dataAt >= blockEnd) {
            if (dataAt < dataEnd) {
                offerData(dataAt);
                cable.interrupt();
            } else {
                startRequest(BackendRequest.WRITE);
            }
        }
    }

    /** Leaves the failing address in the task file, as the standard asks after an error. */
    private void putAddress() {
        lbaLow = (int) (sector >>> 24 & 0xFF) << 8 | (int) sector & 0xFF;
        lbaMid = (int) (sector >>> 32 & 0xFF) << 8 | (int) (sector >>> 8 & 0xFF);
        lbaHigh = (int) (sector >>> 40 & 0xFF) << 8 | (int) (sector >>> 16 & 0xFF);
    }

    private void verify(boolean isExtended) {
        decode(isExtended);
        if (isOnDisk()) {
            cable.interrupt();
        } else {
            fail(IDNF);
        }
    }

    private void nativeMax(long last, boolean isExtended) {
        sector = last;
        putAddress();
        if (!isExtended) {
            device = device & 0xF0 | (int) (last >>> 24 & 15);
        }
        cable.interrupt();
    }

    private void setFeatures() {
        int mode = count & 0xFF;
        switch (feature & 0xFF) {
            case 0x02, 0x82 -> isCacheEnabled = (feature & 0xFF) == 0x02;
            case 0x03 -> {
                boolean isKnown = mode <= 1 || mode >= 8 && mode <= 12 || mode >= 0x20 && mode <= 0x22
                    || mode >= 0x40 && mode <= 0x45;
                if (!isKnown) {
                    fail(ABRT);
                    return;
                }
            }
            case 0x55, 0xAA, 0x66, 0xCC -> { } // look-ahead, reverting to defaults
            default -> {
                fail(ABRT);
                return;
            }
        }
        cable.interrupt();
    }

    private void identify() {
        byte[] id = new byte[512];
        long sectors = backend.sectorCount();
        int lba28 = (int) Math.min(sectors, (1L << 28) - 1);
        int cylinders = (int) Math.min(16_383, sectors / (HEADS * SECTORS));
        word(id, 0, 0x0040);
        word(id, 1, cylinders);
        word(id, 3, HEADS);
        word(id, 6, SECTORS);
        text(id, 10, 10, "KM00000001");
        text(id, 23, 4, "1.0");
        text(id, 27, 20, "kmOS virtual disk");
        word(id, 47, 0x8000 | MAX_MULTIPLE);
        word(id, 48, 1);
        word(id, 49, 0x0300); // DMA, LBA
        word(id, 53, 7);
        word(id, 54, cylinders);
        word(id, 55, HEADS);
        word(id, 56, SECTORS);
        LittleEndian.put32(id, 57 * 2, cylinders * HEADS * SECTORS);
        word(id, 59, 0x100 | multiple);
        LittleEndian.put32(id, 60 * 2, lba28);
        word(id, 63, 0x0007);
        word(id, 64, 0x0003);
        for (int w = 65; w <= 68; w++) {
            word(id, w, 120);
        }
        word(id, 80, 0x007E); // ATA-1 to ATA-6
        word(id, 82, 0x0020); // write cache
        word(id, 83, 0x7400); // 48-bit addresses, FLUSH CACHE (EXT)
        word(id, 84, 0x4000);
        word(id, 85, isCacheEnabled ? 0x0020 : 0);
        word(id, 86, 0x3400);
        word(id, 87, 0x4000);
        word(id, 88, 0x203F); // Ultra DMA modes 0-5, mode 5 selected
        word(id, 93, 0x6001);
        LittleEndian.put64(id, 100 * 2, sectors);
        Memory.write(buffer, id, 0, 512);
        activity = PIO_IN;
        remaining = 1;
        chunk = 1;
        blockSectors = 1;
        offerData(0);
        cable.interrupt();
    }

    private static void word(byte[] id, int number, int value) {
        LittleEndian.put16(id, number * 2, value);
    }

    /** Two characters a word, the first in the high byte, padded with spaces. */
    private static void text(byte[] id, int number, int words, String value) {
        for (int i = 0; i < words * 2; i++) {
            id[number * 2 + (i ^ 1)] = (byte) (i < value.length() ? value.charAt(i) : ' ');
        }
    }

    @Override
    public void state(StateFields s) {
        feature = s.u16("feature", feature);
        status = s.u8("status", status);
        error = s.u8("error", error);
        device = s.u8("device", device);
        count = s.u16("count", count);
        lbaLow = s.u16("lbaLow", lbaLow);
        lbaMid = s.u16("lbaMid", lbaMid);
        lbaHigh = s.u16("lbaHigh", lbaHigh);
        multiple = s.u8("multiple", multiple);
        activity = s.u8("activity", activity);
        sector = s.i64("sector", sector);
        remaining = s.i32("remaining", remaining);
        chunk = s.i32("chunk", chunk);
        if (chunk < 0 || chunk > BUFFER_SECTORS) {
            throw new StateFormatException("a disk command moves " + chunk + " sectors at once");
        }
        blockSectors = s.i32("blockSectors", blockSectors);
        dataAt = s.i32("dataAt", dataAt);
        dataEnd = s.i32("dataEnd", dataEnd);
        blockEnd = s.i32("blockEnd", blockEnd);
        isCacheEnabled = s.bool("isCacheEnabled", isCacheEnabled);
        // The buffer matters only while a command holds data in it; a read in flight is done again.
        boolean holdsData = activity == PIO_IN && (status & DRQ) != 0 || activity == PIO_OUT
            || activity == DMA_OUT && request.isInFlight();
        if (s.bool("holdsData", holdsData)) {
            // Behind the chunk lies what earlier commands left: nobody can read it.
            s.memory("buffer", buffer, chunk * 512);
        }
        s.struct("request", request);
        if (s.isLoading()) {
            request.issueAgain(buffer);
        }
    }
}
