// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

/**
 * A file of an archive. path: relative, without "." and ".." ("" is the root). mode: with type (st_mode). link: target of a
 * symbolic link, or for a hard link the path it is another name of; else null. The content is in the archive's bytes.
 */
public record ArchiveEntry(String path, int mode, int uid, int gid, String link, int offset, int length) {
    private static final int S_IFMT = 0170000;

    int type() {
        return mode & S_IFMT;
    }

    /** The path as it is used: "./a//b/" is a/b. ArchiveException: absolute, or with "..". */
    static String path(String name) {
        if (name.startsWith("/")) {
            throw new ArchiveException("the archive has an absolute path: " + name);
        }
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < name.length();) {
            int slash = name.indexOf('/', at);
            int end = slash < 0 ? name.length() : slash;
            String part = name.substring(at, end);
            at = end + 1;
            if (part.equals("..")) {
                throw new ArchiveException("the archive has a path that leads out of it: " + name);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                out.append(out.length() == 0 ? "" : "/").append(part);
            }
        }
        return out.toString();
    }
}
