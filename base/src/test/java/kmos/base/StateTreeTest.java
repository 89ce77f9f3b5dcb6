// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateTreeTest {
    private static final class Node implements Stateful {
        private final long number;
        private final List<Node> next = new ArrayList<>();
        private Node partner;

        Node(long number) {
            this.number = number;
        }

        @Override
        public void state(StateFields s) {
            s.i64("number", number);
            s.refs("next", next, Node.class);
            partner = s.ref("partner", partner, Node.class);
            s.struct("part", part -> part.bytes("bytes", new byte[] {1, 2}));
        }
    }

    private final Node root = new Node(0);
    private final StateTypes types = new StateTypes(0).fixed(root).add("Node", Node.class, () -> new Node(0));

    private byte[] saved() {
        for (int i = 1; i <= 5; i++) {
            root.next.add(new Node(i));
        }
        root.next.get(0).partner = root.next.get(4);
        root.next.get(4).next.add(new Node(6));
        root.next.get(4).next.add(null);
        root.partner = root;
        return StateWriter.save(types, root);
    }

    @Test
    void aSavedStateIsCanonicalAlready() {
        byte[] saved = saved();
        assertArrayEquals(saved, new StateTree(saved, types.fixedCount()).canonical());
    }

    @Test
    void aStateWithItsObjectsInAnyOrder_becomesCanonicalAgain() {
        byte[] saved = saved();
        StateTree tree = new StateTree(saved, 1);
        assertEquals(7, tree.partCount());
        int[] order = {0, 4, 6, 2, 5, 1, 3};
        int[] newIds = new int[8];
        newIds[1] = 1;
        for (int i = 1; i < order.length; i++) {
            newIds[1 + order[i]] = 1 + i;
        }
        byte[] shuffled = tree.renumbered(order, newIds);
        assertTrue(Hash64.of(saved) != Hash64.of(shuffled));
        assertArrayEquals(saved, new StateTree(shuffled, 1).canonical());
    }

    @Test
    void whatNoOneRefersTo_isNotInTheCanonicalState() {
        byte[] saved = saved();
        StateTree tree = new StateTree(saved, 1);
        root.next.remove(2);
        byte[] without = StateWriter.save(types, root);
        byte[] cut = saved.clone();
        // The reference to the third object becomes null, and stays in its list: so compare counts only.
        int at = tree.valueAt(tree.firstToken(0) + 1) + 4 + 2 * 4;
        assertEquals(4, LittleEndian.get32(cut, at));
        LittleEndian.put32(cut, at, 0);
        StateTree canonical = new StateTree(new StateTree(cut, 1).canonical(), 1);
        assertEquals(new StateTree(without, 1).partCount(), canonical.partCount());
    }

    @Test
    void everyTruncationAndManyMutations_areRefusedOrRead() {
        byte[] saved = saved();
        for (int n = 0; n < saved.length; n++) {
            byte[] cut = new byte[n];
            System.arraycopy(saved, 0, cut, 0, n);
            assertThrows(StateFormatException.class, () -> new StateTree(cut, 1));
        }
        long seed = 1;
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = saved.clone();
            for (int k = 0; k < 2; k++) {
                seed = seed * 6364136223846793005L + 1442695040888963407L;
                bad[(int) ((seed >>> 33) % bad.length)] = (byte) (seed >>> 20);
            }
            try {
                new StateTree(bad, 1).canonical();
            } catch (StateFormatException wanted) {
                refused++;
            }
        }
        assertTrue(refused > 1000 && refused < 20_000, "refused " + refused);
    }
}
