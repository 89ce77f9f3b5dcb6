// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateTest {
    private static final MemoryArena ARENA = new MemoryArena(64 << 20);

    /** A graph with a cycle, a list, nulls and memory. */
    private static final class Node implements Stateful {
        long number;
        boolean isSet;
        String text;
        byte[] bytes;
        int[] ints;
        Node next;
        final List<Node> others = new ArrayList<>();

        @Override
        public void state(StateFields s) {
            number = s.i64("number", number);
            isSet = s.bool("isSet", isSet);
            text = s.text("text", text);
            bytes = s.bytes("bytes", bytes);
            ints = s.ints("ints", ints);
            next = s.ref("next", next, Node.class);
            s.refs("others", others, Node.class);
        }
    }

    private static final class Root implements Stateful {
        final int memory = ARENA.allocate(3 * 4096);
        int inMemory;
        Node first;
        final Node part = new Node();

        @Override
        public void state(StateFields s) {
            first = s.ref("first", first, Node.class);
            s.struct("part", part);
            s.memory("memory", memory, 3 * 4096);
            inMemory = s.address("inMemory", inMemory);
        }
    }

    private static StateTypes types(Root root) {
        return new StateTypes(root.memory).fixed(root).add("Node", Node.class, Node::new);
    }

    private static Root example() {
        Root r = new Root();
        r.first = new Node();
        r.first.number = Long.MIN_VALUE;
        r.first.isSet = true;
        r.first.text = "Gr\u00fc\u00dfe \ud83d\ude00";
        r.first.bytes = new byte[] {1, -2, 3};
        r.first.ints = new int[] {7, -8};
        r.first.next = new Node();
        r.first.next.next = r.first;
        r.first.others.add(r.first.next);
        r.first.others.add(null);
        r.part.number = 5;
        Memory.put32(r.memory + 4096, 0x12345678);
        r.inMemory = r.memory + 100;
        return r;
    }

    @Test
    void aGraphComesBackAsItWas_andSavesToTheSameBytes() {
        Root a = example();
        byte[] saved = StateWriter.save(types(a), a);
        Root b = new Root();
        Memory.put32(b.memory, 99);
        StateReader.load(types(b), b, saved);
        assertEquals(Long.MIN_VALUE, b.first.number);
        assertEquals(a.first.text, b.first.text);
        assertArrayEquals(a.first.bytes, b.first.bytes);
        assertArrayEquals(a.first.ints, b.first.ints);
        assertSame(b.first, b.first.next.next);
        assertSame(b.first.next, b.first.others.get(0));
        assertNull(b.first.others.get(1));
        assertEquals(0, Memory.get32(b.memory));
        assertEquals(0x12345678, Memory.get32(b.memory + 4096));
        assertEquals(b.memory + 100, b.inMemory);
        assertArrayEquals(saved, StateWriter.save(types(b), b));
    }

    @Test
    void aFieldThatTheFileLacksKeepsItsValue() {
        Root a = example();
        a.first = null;
        byte[] saved = StateWriter.save(types(a), a);
        Stateful more = s -> assertEquals(42, s.i32("added later", 42));
        StateReader.load(types(a), more, saved);
    }

    @Test
    void everyTruncationAndManyMutationsAreRefusedOrLoaded_neverAnythingElse() {
        Root a = example();
        byte[] saved = StateWriter.save(types(a), a);
        for (int n = 0; n < saved.length; n += 7) {
            byte[] cut = new byte[n];
            System.arraycopy(saved, 0, cut, 0, n);
            assertThrows(StateFormatException.class, () -> StateReader.load(types(a), new Root2(), cut));
        }
        long seed = 1;
        for (int i = 0; i < 2000; i++) {
            byte[] bad = saved.clone();
            for (int k = 0; k < 3; k++) {
                seed = seed * 6364136223846793005L + 1442695040888963407L;
                bad[(int) ((seed >>> 33) % bad.length)] = (byte) (seed >>> 20);
            }
            try {
                StateReader.load(types(a), new Root2(), bad);
            } catch (StateFormatException refused) {
                assertEquals(String.class, refused.getMessage().getClass());
            }
        }
    }

    /** A root without memory of its own, so that damaged files touch nothing. */
    private static final class Root2 implements Stateful {
        private Node first;

        @Override
        public void state(StateFields s) {
            first = s.ref("first", first, Node.class);
        }
    }
}
