// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/**
 * What stands around a saved state when it is kept: which format and build it is of, how long it is, and a checksum. So a
 * state that cannot go on here is refused with a sentence that says why, before anything is loaded.
 *
 * <pre>
 * 0 magic "kmOSfile"   8 format version   12 length of the body   16 checksum of the body (64 bits)
 * 24 length of the build's name   26 its name (ASCII)   then the body
 * </pre>
 */
public final class StateFile {
    /** Counts up when the meaning of saved fields changes without their names changing. */
    public static final int VERSION = 1;
    private static final byte[] MAGIC = {'k', 'm', 'O', 'S', 'f', 'i', 'l', 'e'};
    private static final int HEADER = 26;

    private StateFile() { }

    /** body: as StateWriter made it. build: names the build that saved it, e.g. a digest of its sources. */
    public static byte[] wrap(byte[] body, String build) {
        byte[] file = new byte[HEADER + build.length() + body.length];
        System.arraycopy(MAGIC, 0, file, 0, MAGIC.length);
        LittleEndian.put32(file, 8, VERSION);
        LittleEndian.put32(file, 12, body.length);
        LittleEndian.put64(file, 16, Hash64.of(body));
        LittleEndian.put16(file, 24, build.length());
        for (int i = 0; i < build.length(); i++) {
            file[HEADER + i] = (byte) build.charAt(i);
        }
        System.arraycopy(body, 0, file, HEADER + build.length(), body.length);
        return file;
    }

    /** The body. StateFormatException: not a saved state, of another version or build, truncated, or damaged. */
    public static byte[] unwrap(byte[] file, String build) {
        int from = check(file, build);
        byte[] body = new byte[file.length - from];
        System.arraycopy(file, from, body, 0, body.length);
        return body;
    }

    /** Where the body begins, which goes to the file's end. StateFormatException as {@link #unwrap}. */
    public static int check(byte[] file, String build) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= file.length || file[i] != MAGIC[i]) {
                throw new StateFormatException("not a saved kmOS state");
            }
        }
        if (file.length < HEADER || file.length < HEADER + LittleEndian.get16(file, 24)) {
            throw new StateFormatException("the saved state is truncated: it ends within its header");
        }
        int version = LittleEndian.get32(file, 8);
        if (version != VERSION) {
            throw new StateFormatException("the saved state has format version " + version + ", this kmOS reads version " + VERSION);
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < LittleEndian.get16(file, 24); i++) {
            name.append((char) (file[HEADER + i] & 0xFF));
        }
        if (!name.toString().equals(build)) {
            throw new StateFormatException("the saved state is of kmOS build " + name + ", this is build " + build
                + ": open it with the build that saved it");
        }
        int from = HEADER + name.length();
        int length = LittleEndian.get32(file, 12);
        if (length < 0 || file.length - from < length) {
            throw new StateFormatException("the saved state is truncated: " + (file.length - from) + " of " + (length & 0xFFFFFFFFL) + " bytes are there");
        }
        if (file.length - from > length) {
            throw new StateFormatException("the saved state is damaged: " + (file.length - from - length) + " bytes too many");
        }
        if (Hash64.of(file, from, length) != LittleEndian.get64(file, 16)) {
            throw new StateFormatException("the saved state is damaged: its checksum is wrong");
        }
        return from;
    }
}
