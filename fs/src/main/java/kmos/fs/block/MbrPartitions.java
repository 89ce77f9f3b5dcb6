// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import java.util.ArrayList;
import java.util.List;
import kmos.base.LittleEndian;

/**
 * The partition table of a PC's master boot record: four entries of 16 bytes at 446, signature 0x55 0xAA at 510.
 *
 * <pre>
 * 0 boot flag   1 first CHS   4 type (0 unused, 0x83 Linux, 5 and 0xF extended)   5 last CHS   8 first LBA   12 sectors
 * </pre>
 *
 * Differs from Linux: logical drives in extended partitions are not followed.
 */
public final class MbrPartitions {
    public static final int LINUX = 0x83;

    /** An entry in use; number is 1 to 4. isCut: the table says more, but the disk ends here. */
    public record Entry(int number, int type, boolean isBootable, long firstSector, long sectorCount, boolean isCut) { }

    private MbrPartitions() { }

    /** Entries of the first sector that begin on a disk of the given size, cut where it ends; none without the signature. */
    public static List<Entry> parse(byte[] sector, long diskSectors) {
        List<Entry> entries = new ArrayList<>();
        if (sector.length < 512 || LittleEndian.get16(sector, 510) != 0xAA55) {
            return entries;
        }
        for (int i = 0; i < 4; i++) {
            int at = 446 + i * 16;
            int type = sector[at + 4] & 0xFF;
            long first = LittleEndian.getUnsigned32(sector, at + 8);
            long count = LittleEndian.getUnsigned32(sector, at + 12);
            if (type != 0 && first > 0 && count > 0 && first < diskSectors) {
                boolean isCut = first + count > diskSectors;
                entries.add(new Entry(i + 1, type, (sector[at] & 0x80) != 0, first, isCut ? diskSectors - first : count, isCut));
            }
        }
        return entries;
    }

    /** Reads the table through a cache of the whole disk. NotReady, EIO. */
    public static List<Entry> read(BlockCache disk) {
        byte[] sector = new byte[512];
        disk.read(0, sector, 0, 512);
        return parse(sector, disk.device().sectorCount());
    }

    /** A first sector with one partition of the given type, bootable. */
    public static byte[] format(long firstSector, long sectorCount, int type, int diskSignature) {
        byte[] sector = new byte[512];
        LittleEndian.put32(sector, 440, diskSignature);
        sector[446] = (byte) 0x80;
        LittleEndian.put16(sector, 447, 0xFFFE);
        sector[449] = (byte) 0xFF; // CHS that says: use the LBA
        sector[450] = (byte) type;
        LittleEndian.put16(sector, 451, 0xFFFE);
        sector[453] = (byte) 0xFF;
        LittleEndian.put32(sector, 454, (int) firstSector);
        LittleEndian.put32(sector, 458, (int) sectorCount);
        LittleEndian.put16(sector, 510, 0xAA55);
        return sector;
    }
}
