// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.Errno;
import kmos.base.Log;
import kmos.base.StateFields;
import kmos.fs.block.BlockDevice;
import kmos.fs.block.BlockRequest;
import kmos.kernel.IrqHandler;
import kmos.kernel.Kernel;
import kmos.machine.PhysicalMemory;
import kmos.machine.PortSpace;

/**
 * The first disk of the primary IDE channel by bus-master DMA (ATA-6; "Programming Interface for Bus Master IDE
 * Controller"). One command is on its way at a time; neighbours in the queue that are neighbours on the disk go as one
 * command of at most 64 KiB. A failed command is tried again, a merged one request by request.
 */
public final class IdeDriver implements BlockDevice, IrqHandler {
    private static final int COMMAND_BASE = 0x1F0, CONTROL = 0x3F6, IRQ = 14;
    private static final int FEATURE = 1, COUNT = 2, LBA_LOW = 3, LBA_MID = 4, LBA_HIGH = 5, DEVICE = 6, STATUS = 7;
    private static final int ERR = 1, DRQ = 8, DF = 0x20, BSY = 0x80;
    private static final int READ_DMA = 0xC8, WRITE_DMA = 0xCA, READ_DMA_EXT = 0x25, WRITE_DMA_EXT = 0x35, FLUSH_CACHE = 0xE7,
        FLUSH_CACHE_EXT = 0xEA, IDENTIFY = 0xEC, SET_FEATURES = 0xEF;
    private static final int BM_COMMAND = 0, BM_STATUS = 2, BM_TABLE = 4, BM_START = 1, BM_TO_MEMORY = 8, BM_ERROR = 2, BM_INTERRUPT = 4;
    private static final int MAX_SECTORS = 128, MAX_TRIES = 3;

    private final Kernel kernel;
    private final PortSpace ports;
    private final PhysicalMemory memory;
    private int busMaster;
    private int table;
    private long sectorCount;
    private boolean hasExtended;
    private String model = "";
    /** In order of arrival; the first `active` of them are the command on its way. */
    private final List<BlockRequest> queue = new ArrayList<>();
    private int active;
    private int tries;
    /** So many requests from the head go alone: a merged command failed. */
    private int alone;

    public IdeDriver(Kernel kernel) {
        this.kernel = kernel;
        ports = kernel.machine().ports();
        memory = kernel.machine().memory();
    }

    /** Looks for controller and disk. False, with a line in the log, when there is none. */
    public boolean probe() {
        PciConfig pci = new PciConfig(ports);
        int function = pci.find(PciConfig.CLASS_IDE);
        if (function < 0) {
            kernel.printk("ide: no controller");
            return false;
        }
        pci.enable(function);
        busMaster = pci.bar(function, 4);
        ports.write8(CONTROL, 2); // no interrupt while probing
        ports.write8(COMMAND_BASE + DEVICE, 0xA0);
        ports.write8(COMMAND_BASE + STATUS, IDENTIFY);
        int status = ports.read8(COMMAND_BASE + STATUS);
        if (status == 0 || status == 0x7F || status == 0xFF || (status & ERR) != 0 || !waitForData()) {
            kernel.printk("ide0: no disk");
            return false;
        }
        readIdentity();
        table = kernel.frames().allocate();
        Check.that(table >= 0, "no frame for the PRD table");
        ports.write8(COMMAND_BASE + FEATURE, 3); // transfer mode: Ultra DMA 5
        ports.write8(COMMAND_BASE + COUNT, 0x45);
        ports.write8(COMMAND_BASE + STATUS, SET_FEATURES);
        ports.read8(COMMAND_BASE + STATUS);
        kernel.interrupts().register(IRQ, "ide0", this);
        ports.write8(busMaster + BM_STATUS, BM_ERROR | BM_INTERRUPT);
        ports.write8(CONTROL, 0);
        kernel.printk("hda: " + model + ", ATA DISK drive");
        kernel.printk("hda: " + sectorCount + " sectors (" + sectorCount / 2048 + " MiB), UDMA(100)"
            + (hasExtended ? ", LBA48" : ""));
        return true;
    }

    /** IDENTIFY answers at once on a drive that is ready; a drive that is not is no disk for us. */
    private boolean waitForData() {
        for (int i = 0; i < 1000; i++) {
            int status = ports.read8(COMMAND_BASE + STATUS);
            if ((status & BSY) == 0) {
                return (status & DRQ) != 0;
            }
        }
        return false;
    }

    private void readIdentity() {
        int[] id = new int[256];
        for (int i = 0; i < 256; i++) {
            id[i] = ports.read16(COMMAND_BASE);
        }
        StringBuilder text = new StringBuilder();
        for (int w = 27; w < 47; w++) {
            text.append((char) (id[w] >> 8)).append((char) (id[w] & 0xFF));
        }
        model = text.toString().trim();
        hasExtended = (id[83] & 1 << 10) != 0;
        sectorCount = hasExtended ? id[100] | (long) id[101] << 16 | (long) id[102] << 32 : id[60] | (long) id[61] << 16;
    }

    public String model() {
        return model;
    }

    @Override
    public long sectorCount() {
        return sectorCount;
    }

    @Override
    public void submit(BlockRequest request) {
        if (request.operation() != BlockRequest.FLUSH && !isPossible(request)) {
            request.done(Errno.EIO);
            return;
        }
        queue.add(request);
        account(request);
        start();
    }

    /** Counts the request where it came in; a read is the current task's (Linux submit_bio, task_io_account_read). */
    private void account(BlockRequest request) {
        request.setSubmittedNs(kernel.nowNs());
        for (DiskStatistics s : kernel.vfs().blockDevices().statistics(this, request.sector())) {
            s.submitted(kernel.nowNs());
        }
        if (request.operation() == BlockRequest.READ && kernel.current() != null) {
            kernel.current().io().fetched((long) request.sectorCount() * SECTOR_SIZE);
        }
    }

    private boolean isPossible(BlockRequest r) {
        int physical = r.address() - memory.linear(0);
        int bytes = r.sectorCount() * SECTOR_SIZE;
        return r.sector() >= 0 && r.sectorCount() > 0 && r.sectorCount() <= MAX_SECTORS
            && r.sector() + r.sectorCount() <= sectorCount && physical >= 0 && physical <= memory.size() - bytes;
    }

    private void start() {
        if (active > 0 || queue.isEmpty()) {
            return;
        }
        BlockRequest first = queue.get(0);
        active = 1;
        if (first.operation() == BlockRequest.FLUSH) {
            command(hasExtended ? FLUSH_CACHE_EXT : FLUSH_CACHE, 0, 0);
            return;
        }
        int sectors = first.sectorCount();
        while (alone == 0 && active < queue.size()) {
            BlockRequest next = queue.get(active);
            if (next.operation() != first.operation() || next.sector() != first.sector() + sectors
                || sectors + next.sectorCount() > MAX_SECTORS) {
                break;
            }
            sectors += next.sectorCount();
            active++;
        }
        boolean isRead = first.operation() == BlockRequest.READ;
        fillTable();
        ports.write32(busMaster + BM_TABLE, table);
        ports.write8(busMaster + BM_COMMAND, isRead ? BM_TO_MEMORY : 0);
        ports.write8(busMaster + BM_STATUS, BM_ERROR | BM_INTERRUPT);
        command(isRead ? hasExtended ? READ_DMA_EXT : READ_DMA : hasExtended ? WRITE_DMA_EXT : WRITE_DMA, first.sector(), sectors);
        ports.write8(busMaster + BM_COMMAND, (isRead ? BM_TO_MEMORY : 0) | BM_START);
    }

    /** An entry for each run of physical memory; none crosses a 64 KiB boundary. */
    private void fillTable() {
        int at = table;
        for (int i = 0; i < active; i++) {
            BlockRequest r = queue.get(i);
            int physical = r.address() - memory.linear(0);
            int left = r.sectorCount() * SECTOR_SIZE;
            while (left > 0) {
                int n = Math.min(left, 0x10000 - (physical & 0xFFFF));
                memory.write32(at, physical);
                memory.write32(at + 4, n & 0xFFFF);
                at += 8;
                physical += n;
                left -= n;
            }
        }
        memory.write32(at - 4, memory.read32(at - 4) | 1 << 31);
    }

    private void command(int code, long sector, int sectors) {
        if (kernel.trace().on(Log.IDE)) {
            kernel.trace().debug(Log.IDE, "command " + hex(code) + " sector " + sector + " count " + sectors + " requests " + active + " of " + queue.size());
        }
        if (hasExtended) {
            ports.write8(COMMAND_BASE + DEVICE, 0xE0);
            ports.write8(COMMAND_BASE + COUNT, sectors >> 8);
            ports.write8(COMMAND_BASE + LBA_LOW, (int) (sector >>> 24) & 0xFF);
            ports.write8(COMMAND_BASE + LBA_MID, (int) (sector >>> 32) & 0xFF);
            ports.write8(COMMAND_BASE + LBA_HIGH, (int) (sector >>> 40) & 0xFF);
        } else {
            ports.write8(COMMAND_BASE + DEVICE, 0xE0 | (int) (sector >>> 24) & 15);
        }
        ports.write8(COMMAND_BASE + COUNT, sectors & 0xFF);
        ports.write8(COMMAND_BASE + LBA_LOW, (int) sector & 0xFF);
        ports.write8(COMMAND_BASE + LBA_MID, (int) (sector >>> 8) & 0xFF);
        ports.write8(COMMAND_BASE + LBA_HIGH, (int) (sector >>> 16) & 0xFF);
        ports.write8(COMMAND_BASE + STATUS, code);
    }

    @Override
    public void interrupt() {
        int master = ports.read8(busMaster + BM_STATUS);
        if (active == 0 || (master & BM_INTERRUPT) == 0) {
            return;
        }
        int status = ports.read8(COMMAND_BASE + STATUS); // ends the drive's request
        ports.write8(busMaster + BM_COMMAND, 0);
        ports.write8(busMaster + BM_STATUS, BM_ERROR | BM_INTERRUPT);
        boolean isDma = queue.get(0).operation() != BlockRequest.FLUSH;
        if (kernel.trace().on(Log.IDE)) {
            kernel.trace().debug(Log.IDE, "done, status " + hex(status));
        }
        if ((status & (ERR | DF)) != 0 || isDma && (master & BM_ERROR) != 0) {
            failed(status, ports.read8(COMMAND_BASE + FEATURE));
        } else {
            finish(0);
        }
    }

    private void failed(int status, int error) {
        BlockRequest first = queue.get(0);
        kernel.printk(4, "hda: dma_intr: status=" + hex(status) + ", error=" + hex(error) + ", sector " + first.sector());
        tries++;
        if (active > 1) {
            alone = active; // find out which one it is
            active = 0;
            tries = 0;
            start();
        } else if (tries < MAX_TRIES) {
            active = 0;
            start();
        } else {
            kernel.printk(3, "blk_update_request: I/O error, dev hda, sector " + first.sector());
            finish(Errno.EIO);
        }
    }

    private static String hex(int value) {
        String digits = Integer.toHexString(value & 0xFF);
        return digits.length() < 2 ? "0x0" + digits : "0x" + digits;
    }

    /** Tells the owners only after the queue is in order: they may submit more. */
    private void finish(int errno) {
        List<BlockRequest> done = new ArrayList<>(queue.subList(0, active));
        for (int i = 0; i < done.size(); i++) {
            queue.remove(0);
            count(done.get(i), i > 0);
        }
        alone = Math.max(0, alone - done.size());
        active = 0;
        tries = 0;
        start();
        for (BlockRequest r : done) {
            if (errno == 0 && r.operation() == BlockRequest.READ) {
                memory.written(r.address() - memory.linear(0), r.sectorCount() * SECTOR_SIZE);
            }
            r.done(errno);
        }
    }

    private void count(BlockRequest r, boolean isMerged) {
        for (DiskStatistics s : kernel.vfs().blockDevices().statistics(this, r.sector())) {
            if (isMerged) {
                s.merged(r.operation());
            }
            s.done(r, isMerged, kernel.nowNs());
        }
    }

    @Override
    public void state(StateFields s) {
        busMaster = s.i32("busMaster", busMaster);
        table = s.i32("table", table);
        sectorCount = s.i64("sectorCount", sectorCount);
        hasExtended = s.bool("hasExtended", hasExtended);
        model = s.text("model", model);
        s.refs("queue", queue, BlockRequest.class);
        active = s.i32("active", active);
        tries = s.i32("tries", tries);
        alone = s.i32("alone", alone);
    }
}
