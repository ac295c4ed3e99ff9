package io.genserver.observer;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The last 1,000 rare events of a node, and how many of each kind there have been.
///
/// An event like the one before it, within a second, only counts that one up. So a flood of dead
/// letters does not push the crash that caused it out of the ring.
final class Events implements RuntimeListener, AutoCloseable {

    private static final int MOST = 1_000;
    private static final int ALIKE = 8; // how far back an event like a new one is looked for
    private static final int DETAIL = 4_000; // units: characters
    private static final Duration SAME = Duration.ofSeconds(1);

    enum Kind {
        CRASH,
        RESTART,
        GAVE_UP,
        DEAD_LETTER,
        LONG_TURN,
        LONG_MAILBOX,
        CALL_TIMEOUT,
        CALL_CIRCLE
    }

    /// One event, or several alike.
    ///
    /// @param number counts up, so a viewer can tell which events are new
    /// @param count how often it happened within a second
    /// @param process the number of the process; 0 if it is about none
    /// @param subject what it is about: a process, a class
    record Event(
            long number,
            Instant at,
            Kind kind,
            int count,
            long process,
            String subject,
            String text,
            @Nullable String detail) {

        private boolean isLike(Event other) {
            return kind == other.kind
                    && (process == other.process || kind == Kind.DEAD_LETTER)
                    && subject.equals(other.subject)
                    && text.equals(other.text)
                    && at.plus(SAME).isAfter(other.at);
        }

        private Event again() {
            return new Event(number, at, kind, count + 1, process, subject, text, detail);
        }
    }

    private final Node node;
    private final boolean showState;
    private final Deque<Event> ring = new ArrayDeque<>(MOST); // the newest first; guarded by this
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class); // guarded by this
    private long last; // guarded by this
    private @Nullable Subscription subscription; // set once, before it is used

    private Events(Node node, boolean showState) {
        this.node = node;
        this.showState = showState;
    }

    /// Begins to listen.
    static Events of(Node node, boolean showState) {
        Events events = new Events(node, showState);
        events.subscription = RuntimeListener.add(events);
        return events;
    }

    @Override
    public void close() {
        if (subscription != null) {
            subscription.close();
        }
    }

    private synchronized void add(
            Kind kind, @Nullable Pid pid, String subject, String text, @Nullable String detail) {
        counts.merge(kind, 1L, Long::sum);
        long process = pid == null ? 0 : Look.id(pid);
        Event event = new Event(last + 1, Instant.now(), kind, 1, process, subject, text, detail);
        if (!countUp(event)) {
            last++;
            ring.addFirst(event);
            if (ring.size() > MOST) {
                ring.removeLast();
            }
        }
    }

    private boolean countUp(Event event) {
        List<Event> newer = new ArrayList<>(ALIKE);
        boolean found = false;
        while (!found && newer.size() < ALIKE && !ring.isEmpty()) {
            Event known = ring.removeFirst();
            found = known.isLike(event);
            newer.add(found ? known.again() : known);
        }
        newer.reversed().forEach(ring::addFirst);
        return found;
    }

    /// Returns events, the newest first.
    synchronized List<Event> find(Predicate<Event> wanted, int limit) {
        return ring.stream().filter(wanted).limit(limit).toList();
    }

    /// Returns events that are not older than a time.
    synchronized List<Event> since(Instant time) {
        return ring.stream().takeWhile(event -> event.at.isAfter(time)).toList();
    }

    synchronized long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    @Override
    public void crashed(Node of, CrashReport report) {
        if (of == node) {
            String subject = report.registeredName().orElse(report.initialCall());
            String stack = report.exception().map(Text::stack).orElse("");
            String detail = Text.cut(report.text() + "\n" + stack, DETAIL);
            add(Kind.CRASH, report.pid(), subject, Text.of(report.reason()), detail);
        }
    }

    @Override
    public void deadLetter(Node of, DeadLetter letter) {
        if (of == node) {
            ServerRef to = letter.to();
            String text = shown(letter.message()) + (to instanceof Pid ? "" : receiver(to));
            add(Kind.DEAD_LETTER, to instanceof Pid pid ? pid : null, named(letter), text, null);
        }
    }

    private static String receiver(@Nullable ServerRef to) {
        return to == null ? " for a caller that has given up" : " for " + Text.of(to);
    }

    private static String named(DeadLetter letter) {
        return letter.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /// Returns a message: its text for somebody who may see states, else its type.
    private String shown(@Nullable Object message) {
        return showState ? Text.of(message) : Text.typeOf(message);
    }

    @Override
    public void longTurn(Node of, Pid pid, String server, boolean nonBlocking, String stack) {
        if (of == node) {
            String text =
                    nonBlocking
                            ? "has been in one turn for 1 s or more and keeps its callers waiting"
                            : "has been in one turn for 1 s or more and keeps a thread busy";
            add(Kind.LONG_TURN, pid, server, text, Text.cut(stack, DETAIL));
        }
    }

    @Override
    public void longMailbox(Node of, Pid pid, String server, int length, int mark) {
        if (of == node) {
            String text = "more than " + mark + " messages wait";
            add(Kind.LONG_MAILBOX, pid, server, text, null);
        }
    }

    @Override
    public void callTimedOut(Node of, String server, Object request, Duration waited) {
        if (of == node) {
            String text =
                    "%s had no reply after %.1f s"
                            .formatted(shown(request), waited.toMillis() / 1_000.0);
            add(Kind.CALL_TIMEOUT, null, server, text, null);
        }
    }

    @Override
    public void callCycle(Node of, List<Pid> cycle) {
        if (of == node) {
            String text = cycle.stream().map(Pid::toString).collect(Collectors.joining(" → "));
            add(Kind.CALL_CIRCLE, cycle.getFirst(), cycle.getFirst().toString(), text, null);
        }
    }

    @Override
    public void childRestarting(
            Node of, Pid supervisor, Object child, ExitReason reason, int attempt, Duration delay) {
        if (of == node) {
            String text =
                    "restart %d after %d ms, because it ended with %s"
                            .formatted(attempt, delay.toMillis(), Text.of(reason));
            add(Kind.RESTART, supervisor, Text.of(child), text, null);
        }
    }

    @Override
    public void supervisorGaveUp(Node of, Pid supervisor, Object child, ExitReason reason) {
        if (of == node) {
            String text = Text.of(child) + " needed too many restarts; last: " + Text.of(reason);
            add(Kind.GAVE_UP, supervisor, supervisor.toString(), text, null);
        }
    }
}
