// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import kmos.base.LittleEndian;
import kmos.system.ConfigText;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.SystemConfig;

/**
 * A run as a file: which build and disk image, the machine's configuration, where it begins (at boot, or at a checkpoint), and
 * every event from outside.
 */
public final class Recording {
    private final String build;
    private final String image;
    private final String config;
    private final byte[] start;
    private final EventBytes events;

    /** start: see {@link #start}. */
    private Recording(String build, String image, String config, byte[] start, EventBytes events) {
        this.build = build;
        this.image = image;
        this.config = config;
        this.start = start;
        this.events = events;
    }

    /** What the log holds, of a machine of this build. image: the SHA-256 of the disk image, or "" for none. */
    public static Recording of(SystemConfig config, String image, byte[] start, EventLog log) {
        EventLog.Cursor from = log.cursor(log.first());
        EventBytes all = new EventBytes(log.first().startCycles());
        for (TimedEvent e = from.peek(); e != null; e = from.peek()) {
            all.add(e.cycles(), e.place(), e.event());
            from.take();
        }
        return new Recording(KmosSystem.build(), image, ConfigText.of(config), start, all);
    }

    /** The same beginning at a saved machine, which stands where the log began. */
    public Recording from(byte[] snapshot) {
        return new Recording(build, image, config, snapshot, events);
    }

    public byte[] toBytes() {
        Map<String, byte[]> sections = new LinkedHashMap<>();
        sections.put("build", ascii(build));
        sections.put("image", ascii(image));
        sections.put("config", config.getBytes(StandardCharsets.UTF_8));
        byte[] from = new byte[8];
        LittleEndian.put64(from, 0, events.startCycles());
        sections.put("from", from);
        if (start != null) {
            sections.put("start", start);
        }
        sections.put("events", events.toArray());
        return RecordingFile.write(sections);
    }

    /** BadRecordingException says what is wrong with the file. */
    public static Recording parse(byte[] file) {
        Map<String, byte[]> sections = RecordingFile.read(file);
        for (String name : new String[] {"build", "image", "config", "from", "events"}) {
            if (!sections.containsKey(name)) {
                throw new BadRecordingException("the recording is damaged: it has no section " + name);
            }
        }
        byte[] from = sections.get("from");
        if (from.length != 8) {
            throw new BadRecordingException("the recording is damaged: it does not say where it begins");
        }
        byte[] bytes = sections.get("events");
        Recording r = new Recording(text(sections.get("build")), text(sections.get("image")), new String(sections.get("config"), StandardCharsets.UTF_8),
            sections.get("start"), new EventBytes(LittleEndian.get64(from, 0), bytes, bytes.length));
        EventSource all = r.events();
        for (TimedEvent e = all.peek(); e != null; e = all.peek()) {
            all.take();
        }
        return r;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.ISO_8859_1);
    }

    public String build() {
        return build;
    }

    public String image() {
        return image;
    }

    /** {@link ConfigText} of the recorded machine. */
    public String config() {
        return config;
    }

    /** The machine at which it begins, as a file of a kmos.system.snapshot.Snapshot; null: it begins at boot. */
    public byte[] start() {
        return start;
    }

    public int eventBytes() {
        return events.count();
    }

    /** Guest time of the last event. */
    public long endCycles() {
        EventSource all = events();
        long end = events.startCycles();
        for (TimedEvent e = all.peek(); e != null; e = all.peek()) {
            end = e.cycles();
            all.take();
        }
        return end;
    }

    /** Whether this build made it: only then its events mean here what they meant there. */
    public boolean isOfThisBuild() {
        return build.equals(KmosSystem.build());
    }

    /** BadRecordingException unless this build with this image can replay it. */
    public void requireBuild(String imageHere) {
        if (!isOfThisBuild()) {
            throw new BadRecordingException("the recording is of kmOS build " + build + ", this is build " + KmosSystem.build() + ": replay it with the build that made it"
                + (start == null ? "; it begins at the boot, so there is no machine in it to restore" : ""));
        }
        requireImage(imageHere);
    }

    /** BadRecordingException unless it was made with this image. */
    public void requireImage(String imageHere) {
        if (!image.equals(imageHere)) {
            throw new BadRecordingException("the recording was made with disk image " + name(image) + ", here is " + name(imageHere));
        }
    }

    private static String name(String sha256) {
        return sha256.isEmpty() ? "none" : sha256;
    }

    /** The recorded machine's configuration. font: of the display, or null; it must be the recorded one. BadRecordingException. */
    public SystemConfig systemConfig(byte[] font) {
        try {
            SystemConfig parsed = ConfigText.parse(config);
            parsed.font = font;
            String difference = ConfigText.difference(config, ConfigText.of(parsed));
            if (difference != null && !difference.startsWith("rootContent")) {
                throw new BadRecordingException("the recorded machine cannot be built here: " + difference);
            }
            return parsed;
        } catch (IllegalArgumentException unknown) {
            throw new BadRecordingException("the recorded machine cannot be built here: " + unknown.getMessage());
        }
    }

    /** The events, from the first. */
    public EventSource events() {
        return new EventSource() {
            private final EventBytes.Reader reader = events.reader();
            private TimedEvent peeked;

            @Override
            public TimedEvent peek() {
                if (peeked == null && reader.hasNext()) {
                    peeked = reader.next();
                }
                return peeked;
            }

            @Override
            public void take() {
                peeked = null;
            }
        };
    }

    /** Makes a system that stands where the recording begins replay it; hashes are compared if wanted. */
    public Replayer replayer(KmosSystem system, boolean comparesHashes) {
        return replayer(system, comparesHashes, (cycles, place, event) -> { });
    }

    /** The same, and every event is told before it is applied. */
    public Replayer replayer(KmosSystem system, boolean comparesHashes, OutsideEvent.Listener heard) {
        expectFailures(system);
        return new Replayer(system, events(), comparesHashes, heard);
    }

    /** Disk requests of the system fail as the recorded ones did: again, when it had been in its past meanwhile. */
    public void expectFailures(KmosSystem system) {
        system.outside().setFailures(Replayer.failures(events()));
    }
}
