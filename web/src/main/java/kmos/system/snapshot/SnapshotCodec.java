// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.util.TreeMap;
import kmos.base.Hash64;
import kmos.base.StateBytes;
import kmos.base.StateFormatException;
import kmos.base.StateTree;

/**
 * A machine's image as a delta in a {@link Snapshot}, and back. The source of copies is the image of the base (nothing, when there
 * is none), followed by the pieces of the disk image that the section "pieces" names.
 */
public final class SnapshotCodec {
    private static final String DELTA = "delta", PIECES = "pieces", READS = "reads", HASH = "hash", BASE_HASH = "baseHash", FIXED = "fixed";
    /** A piece that saves less is not worth being fetched by whoever opens the snapshot. */
    private static final int WORTHWHILE_BYTES = 256;

    private SnapshotCodec() { }

    /**
     * Adds image to the snapshot. fixedCount: of the state, as kmos.system.KmosSystem says. base: null, or what {@link #base} gave for
     * the same kind of machine.
     */
    public static void add(Snapshot snapshot, MachineImage image, int fixedCount, Base base, ImagePieces pieces) {
        byte[] state = image.state();
        byte[] source = new byte[0];
        if (base != null) {
            state = StateMatch.align(base.tree(), new StateTree(state, fixedCount));
            source = base.plain;
            snapshot.setFact(BASE_HASH, Long.toHexString(base.hash));
        }
        byte[] target = image.plain(state);
        int[] numbers = pieces.atHand();
        byte[] delta = BinaryDelta.encode(withPieces(source, numbers, pieces), target);
        int[] used = used(delta, source.length, numbers);
        if (used.length < numbers.length) {
            delta = BinaryDelta.encode(withPieces(source, used, pieces), target);
        }
        snapshot.setSection(PIECES, list(used));
        snapshot.setSection(DELTA, delta);
        snapshot.setFact(HASH, Long.toHexString(hash(image)));
        snapshot.setFact(FIXED, Integer.toString(fixedCount));
    }

    /** Hash of state and disk. */
    public static long hash(MachineImage image) {
        long hash = Hash64.of(image.state());
        for (Integer number : image.disk().keySet()) {
            hash = Hash64.mix(Hash64.mix(hash, number), Hash64.of(image.disk().get(number)));
        }
        return hash;
    }

    /** An image prepared to be the base of deltas. */
    public static final class Base {
        private final byte[] plain;
        private final long hash;
        private final int fixedCount;

        /** plain: as {@link MachineImage#plain}. */
        Base(byte[] plain, long hash, int fixedCount) {
            this.plain = plain;
            this.hash = hash;
            this.fixedCount = fixedCount;
        }

        /** Only who makes a delta compares objects. */
        private StateTree tree() {
            return new StateTree(MachineImage.ofPlain(plain).state(), fixedCount);
        }
    }

    public static Base base(MachineImage image, int fixedCount) {
        return new Base(image.plain(image.state()), hash(image), fixedCount);
    }

    /** Whether {@link #image} wants a base. */
    public static boolean hasBase(Snapshot snapshot) {
        return snapshot.fact(BASE_HASH) != null;
    }

    private static byte[] list(int[] numbers) {
        StateBytes list = new StateBytes(64);
        list.putVarint(numbers.length);
        for (int number : numbers) {
            list.putVarint(number);
        }
        return list.toArray();
    }

    /** Says in a recipe which pieces of the disk image its machine reads, so that whoever opens it can fetch them all at once. */
    public static void addReads(Snapshot recipe, int[] pieces) {
        recipe.setSection(READS, list(pieces));
    }

    /** What {@link #addReads} said, or nothing. */
    public static int[] reads(Snapshot recipe) {
        return recipe.section(READS) == null ? new int[0] : numbers(recipe, READS);
    }

    /** Whether a recipe's machine was booted from a disk that had been written: it is an image of no state, but of blocks. */
    public static boolean startsFromWrittenDisk(Snapshot recipe) {
        return !Long.toHexString(hash(new MachineImage(new byte[0], new TreeMap<>()))).equals(recipe.fact(HASH));
    }

    /** The pieces of the disk image that must be at hand for {@link #image}. */
    public static int[] neededPieces(Snapshot snapshot) {
        return numbers(snapshot, PIECES);
    }

    private static int[] numbers(Snapshot snapshot, String section) {
        SnapshotInput in = new SnapshotInput(snapshot.need(section));
        int[] numbers = new int[in.count(in.varint())];
        for (int i = 0; i < numbers.length; i++) {
            long number = in.varint();
            if (number < 0 || number > Integer.MAX_VALUE / ImagePieces.BYTES * 16L) {
                throw new SnapshotException("this snapshot is damaged: it asks for a part of the disk that is not there");
            }
            numbers[i] = (int) number;
        }
        return numbers;
    }

    /** The machine's image. SnapshotException: damaged, or base is not the one it was made from. */
    public static MachineImage image(Snapshot snapshot, Base base, ImagePieces pieces) {
        String wanted = snapshot.fact(BASE_HASH);
        if (wanted != null && (base == null || !wanted.equals(Long.toHexString(base.hash)))) {
            if (!MachineFacts.isOfThisBuild(snapshot)) {
                throw new SnapshotException("this snapshot was made by another version of kmOS, build " + MachineFacts.build(snapshot)
                    + ". It holds the difference to a machine that has just booted, which is another one in this version: open it with the build that made it");
            }
            throw new SnapshotException("this snapshot was made from another start of the machine (" + wanted + ", here it is "
                + (base == null ? "none" : Long.toHexString(base.hash)) + ")");
        }
        byte[] source = withPieces(wanted == null ? new byte[0] : base.plain, neededPieces(snapshot), pieces);
        MachineImage aligned = MachineImage.ofPlain(
            BinaryDelta.apply(source, snapshot.need(DELTA), (int) Snapshot.limitBytes(snapshot.memoryMegabytes())));
        MachineImage image = wanted == null ? aligned : new MachineImage(canonical(aligned.state(), snapshot), aligned.disk());
        if (!Long.toHexString(hash(image)).equals(snapshot.fact(HASH))) {
            throw new SnapshotException("this snapshot is damaged: the machine in it is not the one that was saved");
        }
        return image;
    }

    private static byte[] canonical(byte[] state, Snapshot snapshot) {
        try {
            return new StateTree(state, (int) MachineFacts.number(snapshot, FIXED, 0, 1 << 16)).canonical();
        } catch (StateFormatException damaged) {
            throw new SnapshotException("this snapshot is damaged: " + damaged.getMessage());
        }
    }

    private static byte[] withPieces(byte[] source, int[] numbers, ImagePieces pieces) {
        if (numbers.length == 0) {
            return source;
        }
        StateBytes all = new StateBytes(source.length + numbers.length * ImagePieces.BYTES);
        all.put(source, 0, source.length);
        for (int number : numbers) {
            byte[] piece = pieces.piece(number);
            if (piece == null || piece.length != ImagePieces.BYTES) {
                throw new SnapshotException("part " + number + " of the disk image is missing");
            }
            all.put(piece, 0, piece.length);
        }
        return all.take();
    }

    /** Those of the pieces behind the first sourceLength bytes from which much is copied. */
    private static int[] used(byte[] delta, int sourceLength, int[] numbers) {
        int[] bytes = new int[numbers.length];
        BinaryDelta.copies(delta, (from, count) -> {
            for (int done = 0; done < count;) {
                long at = from + done - sourceLength;
                int piece = at < 0 ? -1 : (int) (at / ImagePieces.BYTES);
                int inPiece = at < 0 ? (int) Math.min(count - done, -at) : (int) Math.min(count - done, ImagePieces.BYTES - at % ImagePieces.BYTES);
                if (piece >= 0 && piece < bytes.length) {
                    bytes[piece] += inPiece;
                }
                done += inPiece;
            }
        });
        TreeMap<Integer, Integer> used = new TreeMap<>();
        for (int i = 0; i < numbers.length; i++) {
            if (bytes[i] >= WORTHWHILE_BYTES) {
                used.put(numbers[i], bytes[i]);
            }
        }
        int[] list = new int[used.size()];
        int n = 0;
        for (Integer number : used.keySet()) {
            list[n++] = number;
        }
        return list;
    }
}
