// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** A binary package, deb(5): an ar archive of debian-binary, control.tar and data.tar. */
final class DebPackage {
    /** Receives the files of data.tar: path without ./ in front. */
    interface Visitor {
        void entry(String path, TarArchiveEntry entry, byte[] content);
    }

    private DebPackage() { }

    /** Calls the visitor for each entry in order; returns the text of the control file. */
    static String read(Path file, Visitor visitor) throws IOException {
        String control = null;
        boolean hasData = false;
        try (ArArchiveInputStream ar = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (ArArchiveEntry member = ar.getNextEntry(); member != null; member = ar.getNextEntry()) {
                String name = member.getName();
                if (name.startsWith("control.tar")) {
                    control = readControl(unpack(name, ar.readAllBytes()));
                } else if (name.startsWith("data.tar")) {
                    hasData = true;
                    readData(unpack(name, ar.readAllBytes()), visitor);
                }
            }
        }
        if (control == null || !hasData) {
            throw new BuildFailure(file + " is not a Debian package");
        }
        return control;
    }

    private static InputStream unpack(String name, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        if (name.endsWith(".xz")) {
            return new XZInputStream(in);
        }
        if (name.endsWith(".gz")) {
            return new GZIPInputStream(in);
        }
        if (name.endsWith(".tar")) {
            return in;
        }
        throw new BuildFailure("package member " + name + " is compressed in a way that is not supported here (xz, gz)");
    }

    private static String readControl(InputStream in) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                if (normal(e.getName()).equals("control")) {
                    return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
        }
        return null;
    }

    private static void readData(InputStream in, Visitor visitor) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                String path = normal(e.getName());
                if (!path.isEmpty()) {
                    visitor.entry(path, e, e.isFile() ? tar.readAllBytes() : null);
                }
            }
        }
    }

    static String normal(String name) {
        String path = name.startsWith("./") ? name.substring(2) : name;
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
