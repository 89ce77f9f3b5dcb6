// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.List;
import kmos.system.OutsideEvent;

/**
 * What the outside did since the oldest kept checkpoint, always on: a list of segments, one from each checkpoint to the next.
 * Dropping the oldest segments together with their checkpoints bounds it.
 */
public final class EventLog implements OutsideEvent.Listener {
    /** The events from one checkpoint to the next. */
    public static final class Segment {
        private final EventBytes events;

        private Segment(long startCycles) {
            events = new EventBytes(startCycles);
        }

        public long startCycles() {
            return events.startCycles();
        }
    }

    /** A place between two events. */
    record Position(Segment segment, int at, long cycles) { }

    private final List<Segment> segments = new ArrayList<>();

    /** An empty log from a place on. */
    public EventLog(long startCycles) {
        segments.add(new Segment(startCycles));
    }

    @Override
    public void event(long cycles, int place, OutsideEvent event) {
        last().events.add(cycles, place, event);
    }

    private Segment last() {
        return segments.get(segments.size() - 1);
    }

    /** The segment that begins at the log's start. */
    public Segment first() {
        return segments.get(0);
    }

    /** The events of the first segment as bytes, for {@link #of}. */
    public byte[] firstBytes() {
        return first().events.toArray();
    }

    /** A log of those bytes, whose cycles count from start. BadRecordingException when they are no events. */
    public static EventLog of(long startCycles, byte[] bytes) {
        EventLog log = new EventLog(startCycles);
        EventBytes.Reader from = new EventBytes(startCycles, bytes, bytes.length).reader();
        while (from.hasNext()) {
            TimedEvent e = from.next();
            log.event(e.cycles(), e.place(), e.event());
        }
        return log;
    }

    /** A checkpoint is taken here: what comes is in a segment of its own, which is returned. */
    public Segment begin(long cycles) {
        Segment fresh = new Segment(cycles);
        segments.add(fresh);
        return fresh;
    }

    /** Forgets all segments before this one. */
    public void dropBefore(Segment segment) {
        segments.subList(0, segments.indexOf(segment)).clear();
    }

    /** The checkpoint at which the segment begins is gone: its events belong to the one before. */
    public void join(Segment segment) {
        int i = segments.indexOf(segment);
        EventBytes before = segments.get(i - 1).events;
        EventBytes.Reader from = segment.events.reader();
        while (from.hasNext()) {
            TimedEvent e = from.next();
            before.add(e.cycles(), e.place(), e.event());
        }
        segments.remove(i);
    }

    /** Behind the last event. */
    Position end() {
        EventBytes events = last().events;
        return new Position(last(), events.count(), events.lastCycles());
    }

    /** Bytes that all events take. */
    public int size() {
        int sum = 0;
        for (Segment s : segments) {
            sum += s.events.count();
        }
        return sum;
    }

    /** Reads events from the beginning of a segment to the log's end, also what is added meanwhile. */
    public Cursor cursor(Segment from) {
        return new Cursor(segments.indexOf(from));
    }

    /** Reads on from a place. */
    Cursor cursor(Position from) {
        Cursor c = new Cursor(segments.indexOf(from.segment()));
        c.reader = from.segment().events.reader(from.at(), from.cycles());
        return c;
    }

    /** A place in the log. Not valid any more after a change to the segments before it. */
    public final class Cursor implements EventSource {
        private int index;
        private EventBytes.Reader reader;
        private TimedEvent peeked;
        private int peekedAt;
        private long cyclesBefore;

        private Cursor(int index) {
            this.index = index;
            reader = segments.get(index).events.reader();
        }

        @Override
        public TimedEvent peek() {
            if (peeked == null) {
                while (!reader.hasNext()) {
                    if (index + 1 >= segments.size()) {
                        return null;
                    }
                    reader = segments.get(++index).events.reader();
                }
                peekedAt = reader.position();
                cyclesBefore = reader.cycles();
                peeked = reader.next();
            }
            return peeked;
        }

        @Override
        public void take() {
            peeked = null;
        }

        /** This place. */
        Position position() {
            return peeked != null ? new Position(segments.get(index), peekedAt, cyclesBefore) : new Position(segments.get(index), reader.position(), reader.cycles());
        }

        /** Forgets all events that come after this place: another future begins here. */
        public void cut() {
            EventBytes events = segments.get(index).events;
            if (peeked != null) {
                events.cut(peekedAt, cyclesBefore);
                peeked = null;
            } else {
                events.cut(reader.position(), reader.cycles());
            }
            segments.subList(index + 1, segments.size()).clear();
        }
    }
}
