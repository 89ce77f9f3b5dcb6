// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.Collection;
import kmos.base.StateFields;

/** Lists of file names in a saved state: joined by '/', which no name holds. */
public final class StateNames {
    private StateNames() { }

    /** Saves the names, or returns the saved ones. */
    public static String[] save(StateFields s, String field, Collection<String> names) {
        StringBuilder joined = new StringBuilder();
        for (String name : names) {
            joined.append(name).append('/');
        }
        String text = s.text(field, joined.toString());
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '/') {
                count++;
            }
        }
        String[] result = new String[count];
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to = text.indexOf('/', from);
            result[i] = text.substring(from, to);
            from = to + 1;
        }
        return result;
    }
}
