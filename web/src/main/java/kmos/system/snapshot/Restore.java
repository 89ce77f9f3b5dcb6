// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.util.Arrays;
import java.util.TreeSet;
import kmos.base.StateFormatException;
import kmos.base.StateTree;
import kmos.base.StateWriter;
import kmos.system.KmosSystem;

/** Puts an image into a fresh system. */
public final class Restore {
    private Restore() { }

    /**
     * Loads the state. SnapshotException: what was saved cannot be (a forged file may hold anything; its checksum is no
     * signature); the system must then be closed. A machine that ran before is not touched: this one is new.
     */
    public static void load(KmosSystem fresh, MachineImage image) {
        try {
            fresh.loadState(image.state());
        } catch (StateFormatException damaged) {
            throw new SnapshotException("this snapshot is damaged: " + damaged.getMessage());
        } catch (RuntimeException forged) {
            // One of three places that may catch everything: any state method may fail on values that no machine ever had.
            throw new SnapshotException("this snapshot holds a machine that cannot be (" + forged + ")");
        }
    }

    /**
     * Loads what another build saved, as far as it is understood: fields that are new in this build have their defaults. Returns whether the machine is the
     * same in every field. SnapshotException: something that was saved has no place here, or as {@link #load}.
     */
    public static boolean loadOfAnotherBuild(KmosSystem fresh, MachineImage image) {
        load(fresh, image);
        byte[] again;
        try {
            again = fresh.saveState();
        } catch (RuntimeException unfit) {
            // As above: a field that has no default a machine could have.
            throw new SnapshotException("this snapshot lacks what this version of kmOS needs (" + unfit + ")");
        }
        if (Arrays.equals(image.state(), again)) {
            return true;
        }
        TreeSet<String> lost = fields(new StateTree(image.state(), fresh.fixedObjects()));
        lost.removeAll(fields(new StateTree(again, fresh.fixedObjects())));
        if (!lost.isEmpty()) {
            throw new SnapshotException("this snapshot holds what this version of kmOS does not know: " + lost.first() + (lost.size() == 1 ? "" : " and " + (lost.size() - 1) + " more"));
        }
        return false;
    }

    /** "class.struct.field" of all that a state holds. */
    private static TreeSet<String> fields(StateTree tree) {
        TreeSet<String> all = new TreeSet<>();
        for (int part = 0; part < tree.partCount(); part++) {
            collect(tree, tree.firstToken(part), part == 0 ? "machine" : tree.type(part), all);
        }
        return all;
    }

    /** From the first token of a part or struct on; returns the token behind its end. */
    private static int collect(StateTree tree, int first, String path, TreeSet<String> all) {
        int token = first;
        while (tree.kind(token) != StateWriter.END) {
            String name = path + "." + tree.name(token);
            all.add(name);
            token = tree.kind(token) == StateWriter.STRUCT ? collect(tree, token + 1, name, all) : token + 1;
        }
        return token + 1;
    }
}
