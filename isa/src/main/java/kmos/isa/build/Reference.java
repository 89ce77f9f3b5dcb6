// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kmos.isa.Features;

/** The table for readers: what docs/ref/isa.md is made from, in the order of the decoder's row numbers. */
public final class Reference {
    /** One form; extensions are the names that Features knows, width is 128, 256 or 0 where VEX.L does not choose. */
    public record Form(String bytes, String operands, String meaning, String extensions, int vectorBits) { }

    private Reference() { }

    public static List<Form> forms() throws IOException {
        List<Form> forms = new ArrayList<>();
        for (IsaRow row : IsaTable.read()) {
            String[] columns = row.line.trim().split("\\s{2,}");
            List<String> extensions = new ArrayList<>();
            for (String note : row.notes) {
                if (Features.bit(note) >= 0) {
                    extensions.add(note);
                }
            }
            if (row.has("avx/avx2")) {
                extensions.add(row.vexL == 1 ? "avx2" : "avx");
            }
            int bits = !row.isVex || row.vexL == IsaRow.ANY ? 0 : row.vectorBits(2);
            forms.add(new Form(columns[0], columns[1], columns[2], String.join(" ", extensions), bits));
        }
        return forms;
    }
}
