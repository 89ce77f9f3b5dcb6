// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The decoder's decision tree in one int array. A cell is 0 (#UD), a row number + 1, or -(address of a node). A node is its
 * kind followed by its cells: mode (2: 16/32-bit, 64-bit), prefix (4: none, 66, F3, F2), mod (2: memory, register),
 * reg (8), rm (8), REX.W or VEX.W (2), VEX.L (2). Cells 0 to 1791 are the four opcode maps and three of VEX.
 */
final class DecodeTree {
    static final int MODE = 1, PREFIX = 2, MOD = 3, REG = 4, RM = 5, REX_W = 6, VEX_L = 7;

    private record Dimension(int kind, int size, ToIntFunction<IsaRow> value) { }

    private static final List<Dimension> DIMENSIONS = List.of(
        new Dimension(MODE, 2, r -> r.has("i64") ? 0 : r.has("o64") ? 1 : IsaRow.ANY),
        new Dimension(PREFIX, 4, r -> r.prefix),
        new Dimension(MOD, 2, r -> r.mod),
        new Dimension(REG, 8, r -> r.reg),
        new Dimension(RM, 8, r -> r.rm),
        new Dimension(REX_W, 2, r -> r.rexW),
        new Dimension(VEX_L, 2, r -> r.vexL));

    private final List<Integer> cells = new ArrayList<>();

    static int[] build(List<IsaRow> rows) {
        DecodeTree tree = new DecodeTree();
        for (int i = 0; i < IsaRow.MAPS << 8; i++) {
            tree.cells.add(0);
        }
        for (int cell = 0; cell < IsaRow.MAPS << 8; cell++) {
            List<IsaRow> here = new ArrayList<>();
            for (IsaRow row : rows) {
                if (row.map == cell >> 8 && (row.isRegisterInOpcode ? (row.opcode & 0xF8) == (cell & 0xF8)
                    : row.opcode == (cell & 0xFF))) {
                    here.add(row);
                }
            }
            // An exact opcode goes before the family it lies in (90 before 90+r).
            if (here.stream().anyMatch(r -> !r.isRegisterInOpcode)) {
                here.removeIf(r -> r.isRegisterInOpcode);
            }
            tree.cells.set(cell, tree.cell(here, 0));
        }
        if (tree.cells.size() > 0x8000) {
            throw new IllegalStateException("decision tree does not fit 16 bits: " + tree.cells.size());
        }
        return tree.cells.stream().mapToInt(Integer::intValue).toArray();
    }

    private int cell(List<IsaRow> rows, int from) {
        if (rows.isEmpty()) {
            return 0;
        }
        for (int d = from; d < DIMENSIONS.size(); d++) {
            Dimension dimension = DIMENSIONS.get(d);
            if (rows.stream().allMatch(r -> dimension.value.applyAsInt(r) == IsaRow.ANY)) {
                continue;
            }
            int node = cells.size();
            cells.add(dimension.kind);
            for (int i = 0; i < dimension.size; i++) {
                cells.add(0);
            }
            for (int i = 0; i < dimension.size; i++) {
                int value = i;
                List<IsaRow> part = new ArrayList<>(rows);
                // A row that leaves this open is a candidate everywhere.
                part.removeIf(r -> dimension.value.applyAsInt(r) != value && dimension.value.applyAsInt(r) != IsaRow.ANY);
                cells.set(node + 1 + i, cell(part, d + 1));
            }
            return -node;
        }
        // A row with a mandatory prefix goes before one without.
        List<IsaRow> left = new ArrayList<>(rows);
        left.removeIf(r -> rows.size() > 1 && r.prefix == IsaRow.ANY);
        if (left.size() != 1) {
            throw new IllegalArgumentException("x86.isa: two rows for one encoding:\n" + rows.get(0).line + "\n" + rows.get(1).line);
        }
        return left.get(0).index + 1;
    }
}
