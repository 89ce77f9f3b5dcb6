// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import kmos.base.Memory;
import kmos.base.StateBytes;
import kmos.system.KmosSystem;
import kmos.system.snapshot.BaseFile;
import kmos.system.snapshot.BootedBase;
import kmos.system.snapshot.ImagePieces;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Recipe;
import kmos.system.snapshot.Restore;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import org.teavm.interop.Export;

/**
 * Snapshots for snapshots.js: bytes come and go through the transfer buffer in pieces. A module instance either runs a machine or
 * makes a snapshot file out of what another one's machine gave; both boot the base first.
 */
final class WebSnapshots {
    private static final double REACHED = -2, WAITS_FOR_HOST = -3, FAILED = -4;

    private static StateBytes incoming;
    private static byte[] outgoing;
    private static String image = "";
    private static BootedBase boot;
    private static SnapshotCodec.Base base;
    /** From a file beside the module; null: boot. */
    private static BaseFile baseFile;
    private static Snapshot opened;
    private static Recipe recipe;
    private static Recipe.Cook cook;
    private static MachineImage decoded;
    private static int[] needed;
    private static int[] reads;
    private static TreeMap<Integer, byte[]> disk = new TreeMap<>();
    private static TreeMap<Integer, byte[]> pieces = new TreeMap<>();

    private WebSnapshots() { }

    /** Makes the exports of this class part of the module. */
    static void prepare() {
        incoming = new StateBytes(16);
    }

    // Bytes in and out

    /** What comes next is something new, of length bytes. */
    @Export(name = "snapshotBegin")
    static void begin(int length) {
        incoming = new StateBytes(length);
    }

    /** The next count bytes. */
    @Export(name = "snapshotPut")
    static void put(int count) {
        byte[] piece = new byte[count];
        Memory.read(WebMachine.transferBuffer(), piece, 0, count);
        incoming.put(piece, 0, count);
    }

    /** Bytes of what was made, from an offset on, into the transfer buffer; returns how many. */
    @Export(name = "snapshotGet")
    static int get(int offset) {
        int count = Math.min(outgoing.length - offset, WebMachine.TRANSFER_BYTES);
        Memory.write(WebMachine.transferBuffer(), outgoing, offset, count);
        return count;
    }

    /** These bytes are got next; returns how many. */
    static int give(byte[] bytes) {
        outgoing = bytes;
        return bytes.length;
    }

    /** What was put; it is given once. */
    static byte[] incoming() {
        return incoming.take();
    }

    static String imageName() {
        return image;
    }

    /** What was put is the SHA-256 of the disk image, as text. */
    @Export(name = "snapshotImage")
    static void image() {
        image = new String(incoming(), StandardCharsets.US_ASCII);
    }

    /** A changed block of the disk: 4 KiB in the transfer buffer. */
    @Export(name = "snapshotDisk")
    static void disk(int number) {
        byte[] block = new byte[MachineImage.BLOCK_BYTES];
        Memory.read(WebMachine.transferBuffer(), block, 0, block.length);
        disk.put(number, block);
    }

    /** A piece of the disk image: 64 KiB in the transfer buffer. */
    @Export(name = "snapshotPiece")
    static void piece(int number) {
        byte[] piece = new byte[ImagePieces.BYTES];
        Memory.read(WebMachine.transferBuffer(), piece, 0, piece.length);
        pieces.put(number, piece);
    }

    private static final class Pieces implements ImagePieces {
        @Override
        public int[] atHand() {
            int[] numbers = new int[pieces.size()];
            int n = 0;
            for (Integer number : pieces.keySet()) {
                numbers[n++] = number;
            }
            return numbers;
        }

        @Override
        public byte[] piece(int number) {
            return pieces.get(number);
        }
    }

    // The base

    /** The machine was just built: {@link #bootStep} brings it to the base. */
    @Export(name = "bootBegin")
    static void bootBegin() {
        boot = new BootedBase(WebMachine.system());
    }

    /** 0: call again; REACHED, WAITS_FOR_HOST, FAILED (the machine stopped). */
    @Export(name = "bootStep")
    static double bootStep(double cycles) {
        try {
            boolean goesOn = boot.step((long) cycles);
            WebMachine.flushOutput();
            if (goesOn) {
                return WebMachine.system().machine().isWaitingForHost() ? WAITS_FOR_HOST : 0;
            }
            return REACHED;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return FAILED;
        }
    }

    /** The machine as it stands, with the blocks of {@link #disk}, is the base of what is opened or made. */
    @Export(name = "snapshotBase")
    static void base() {
        base = SnapshotCodec.base(new MachineImage(WebMachine.system().saveState(), disk), WebMachine.system().fixedObjects());
        disk = new TreeMap<>();
    }

    /** What was put is the base of the machine just built, as a file. 0: it is not (after {@link Host#failed}), so boot. */
    @Export(name = "snapshotBaseFile")
    static int baseFile() {
        try {
            baseFile = BaseFile.open(incoming(), WebMachine.config(), image);
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** The base of the file is what deltas that are made or opened build on. */
    @Export(name = "snapshotUseBase")
    static void useBase() {
        base = baseFile.base(WebMachine.system().fixedObjects());
        baseFile = null;
    }

    /** The base of the file is what {@link #load} loads. Returns the number of changed blocks of its disk, which {@link #block} gives. */
    @Export(name = "snapshotTakeBase")
    static int takeBase() {
        decoded = baseFile.image();
        baseFile = null;
        return decoded.disk().size();
    }

    // Recipes

    /** The machine stands at the base: from here on its recipe is kept. */
    @Export(name = "recipeFollow")
    static void recipeFollow() {
        recipe = Recipe.follow(WebMachine.system());
    }

    /** The machine took another way than the recipe's. */
    static void forgetRecipe() {
        recipe = null;
    }

    /** Instructions that whoever opens the recipe must run; negative when there is none. */
    @Export(name = "recipeInstructions")
    static double recipeInstructions() {
        return recipe == null ? -1 : recipe.instructions();
    }

    /** The recipe for a checkpoint that is made right behind this; its length, or 0: there is none. */
    @Export(name = "recipeSave")
    static int recipeSave() {
        byte[] saved = recipe == null ? null : recipe.saved();
        return saved == null ? 0 : give(saved);
    }

    /** What was put is the recipe of the machine that was just loaded, which took so many instructions. */
    @Export(name = "recipeResume")
    static void recipeResume(double instructions) {
        recipe = Recipe.resume(WebMachine.system(), incoming(), (long) instructions);
    }

    /** A file with the recipe and the blocks of {@link #disk}, those that were changed before the start; its length, or 0: there is none. */
    @Export(name = "recipeMake")
    static int recipeMake() {
        try {
            opened = MachineFacts.describe(WebMachine.config(), image);
            SnapshotCodec.add(opened, new MachineImage(new byte[0], disk), 0, null, new Pieces());
            disk = new TreeMap<>();
            pieces = new TreeMap<>();
            return recipe != null && recipe.add(opened) ? pack() : 0;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    /** The machine stands at the base of the opened recipe. 0 after {@link Host#failed}. */
    @Export(name = "recipeBegin")
    static int recipeBegin() {
        try {
            cook = new Recipe.Cook(WebMachine.system(), opened);
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** As {@link #bootStep}. */
    @Export(name = "recipeStep")
    static double recipeStep(double cycles) {
        try {
            boolean goesOn = cook.step((long) cycles);
            WebMachine.dropOutput();
            if (goesOn) {
                return WebMachine.system().machine().isWaitingForHost() ? WAITS_FOR_HOST : 0;
            }
            recipe = cook.follow();
            return REACHED;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return FAILED;
        }
    }

    // Making

    /** The state of the machine that runs here; returns its length. */
    @Export(name = "snapshotState")
    static int state() {
        outgoing = WebMachine.system().saveState();
        return outgoing.length;
    }

    /**
     * A file of what was put (a state), the blocks of {@link #disk}, and whatever source there is for copies: the base, pieces. Its
     * length, or 0 after {@link Host#failed}.
     */
    @Export(name = "snapshotEncode")
    static int encode() {
        try {
            opened = MachineFacts.describe(WebMachine.config(), image);
            SnapshotCodec.add(opened, new MachineImage(incoming(), disk), WebMachine.system().fixedObjects(), base, new Pieces());
            return pack();
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    /** The same file with what was put (the terminal's screen) in it; its length. */
    @Export(name = "snapshotAddScreen")
    static int addScreen() {
        opened.setSection("screen", incoming());
        return pack();
    }

    private static int pack() {
        outgoing = opened.toBytes();
        return outgoing.length;
    }

    /** Hash of the machine that was made or decoded, as text in the transfer buffer; returns its length. */
    @Export(name = "snapshotHash")
    static int hash() {
        return WebMachine.text(String.valueOf(opened.fact(Recipe.isIn(opened) ? Recipe.HASH : "hash")));
    }

    // Checkpoints

    /** The build's digest as text in the transfer buffer; its length. */
    @Export(name = "buildDigest")
    static int buildDigest() {
        return WebMachine.text(KmosSystem.build());
    }

    /** The state with the name of the build and a checksum, to be loaded by the same build; returns its length. */
    @Export(name = "checkpointState")
    static int checkpointState() {
        outgoing = WebMachine.system().save();
        return outgoing.length;
    }

    /** Loads what was put into the machine just built. 0 after {@link Host#failed}. */
    @Export(name = "checkpointLoad")
    static int checkpointLoad() {
        try {
            WebMachine.system().load(incoming());
            WebMachine.dropOutput();
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return 0;
        }
    }

    // Opening

    /**
     * Reads what was put as a snapshot file. 0 after {@link Host#failed}; else 1, or 3 when it needs the base, or 5 when it is a recipe, or 7 when it
     * is one whose machine has to be booted, for its disk had been written.
     */
    @Export(name = "snapshotOpen")
    static int open() {
        try {
            opened = Snapshot.of(incoming());
            needed = SnapshotCodec.neededPieces(opened);
            reads = SnapshotCodec.reads(opened);
            return Recipe.isIn(opened) ? SnapshotCodec.startsFromWrittenDisk(opened) ? 7 : 5 : SnapshotCodec.hasBase(opened) ? 3 : 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** Number of the index-th piece of the image that the snapshot needs, or -1. */
    @Export(name = "snapshotNeeds")
    static int needs(int index) {
        return index < needed.length ? needed[index] : -1;
    }

    /** Number of the index-th piece of the image that the opened recipe is known to read, or -1. */
    @Export(name = "snapshotReads")
    static int reads(int index) {
        return index < reads.length ? reads[index] : -1;
    }

    /** The build that made the opened snapshot as text in the transfer buffer; its length, 0 when it is this one. */
    @Export(name = "snapshotOtherBuild")
    static int otherBuild() {
        return MachineFacts.isOfThisBuild(opened) ? 0 : WebMachine.text(MachineFacts.build(opened));
    }

    /** 0 after {@link Host#failed}, else 1 and the number of changed blocks of its disk. config: of the machine built last. */
    @Export(name = "snapshotDecode")
    static int decode() {
        try {
            MachineFacts.checkKind(opened, WebMachine.config(), image);
            decoded = SnapshotCodec.image(opened, base, new Pieces());
            return 1 + decoded.disk().size();
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** Puts the next changed block into the transfer buffer and returns its number. */
    @Export(name = "snapshotBlock")
    static int block() {
        Map.Entry<Integer, byte[]> first = decoded.disk().pollFirstEntry();
        Memory.write(WebMachine.transferBuffer(), first.getValue(), 0, MachineImage.BLOCK_BYTES);
        return first.getKey();
    }

    /** Loads the decoded machine into the one just built. 0 after {@link Host#failed}. */
    @Export(name = "snapshotLoad")
    static int load() {
        try {
            if (Recipe.isIn(opened) || MachineFacts.isOfThisBuild(opened)) { // of a recipe only the base is loaded, and that is this build's
                Restore.load(WebMachine.system(), decoded);
            } else {
                Restore.loadOfAnotherBuild(WebMachine.system(), decoded);
            }
            WebMachine.dropOutput(); // what was printed while the machine was built was printed long ago
            decoded = null;
            base = null;
            pieces = new TreeMap<>();
            return 1;
        } catch (RuntimeException | Error problem) {
            WebMachine.failPlainly(problem);
            return 0;
        }
    }

    /** The terminal's screen of an opened snapshot: its length, 0 for none. */
    @Export(name = "snapshotScreen")
    static int screen() {
        byte[] screen = opened.section("screen");
        outgoing = screen == null ? new byte[0] : screen;
        return outgoing.length;
    }

    /** The machine becomes its user's own: fresh entropy, and the clock of here and now. */
    @Export(name = "ownCopy")
    static void ownCopy(int entropy1, int entropy2, double epochMs) {
        WebMachine.system().becomeOwn((long) entropy1 << 32 | entropy2 & 0xFFFFFFFFL, (long) epochMs * 1_000_000);
    }
}
