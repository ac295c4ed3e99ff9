package io.genserver.observer;

import io.genserver.Pid;
import io.genserver.observer.Events.Event;
import io.genserver.observer.Events.Kind;
import io.genserver.observer.Look.Brief;
import io.genserver.observer.Look.Seen;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds what is wrong now: what an operator should look at first.
final class Problems {

    private static final int LONG_MAILBOX = 1_000;
    private static final int MANY_WAITERS = 10;
    private static final int MOST_OF_A_KIND = 5;
    private static final Duration NOW = Duration.ofMinutes(1);

    /// One thing that is wrong.
    ///
    /// @param severe whether it stops something, rather than slows it down
    /// @param process the process to look at; null if there is none
    /// @param screen the screen that shows more
    record Problem(boolean severe, String text, @Nullable Brief process, String screen) {}

    private final Events events;
    private @Nullable Look last; // guarded by this
    private List<Problem> lastFound = List.of(); // guarded by this

    Problems(Events events) {
        this.events = events;
    }

    /// Returns the problems, the severe ones first. All viewers of a look share them.
    synchronized List<Problem> of(Look look) {
        if (look != last) {
            lastFound = find(look);
            last = look;
        }
        return lastFound;
    }

    private List<Problem> find(Look look) {
        List<Problem> found = new ArrayList<>();
        waiting(look, found);
        supervisors(look, found);
        mailboxes(look, found);
        happened(look, found);
        found.sort(Comparator.comparingInt(problem -> problem.severe ? 0 : 1));
        return List.copyOf(found);
    }

    private static void waiting(Look look, List<Problem> found) {
        Waiting waiting = Waiting.of(look);
        for (List<Brief> circle : waiting.circles()) {
            String text = circle.size() + " processes wait for each other in a circle";
            found.add(new Problem(true, text, circle.getFirst(), "waiting"));
        }
        waiting.groups().stream()
                .filter(group -> group.waiters() >= MANY_WAITERS)
                .limit(MOST_OF_A_KIND)
                .forEach(group -> {
                    String text = group.waiters() + " processes wait for its replies";
                    found.add(new Problem(false, text, group.process(), "waiting"));
                });
    }

    private static void supervisors(Look look, List<Problem> found) {
        int before = found.size();
        for (Seen each : look.all()) {
            Pid pid = each.summary().pid();
            SupervisorSnapshot snapshot = Supervisor.snapshot(pid).orElse(null);
            if (snapshot != null && found.size() - before < MOST_OF_A_KIND) {
                snapshot.children().stream()
                        .filter(SupervisorSnapshot.ChildSnapshot::restarting)
                        .forEach(child -> {
                            String text =
                                    "its child %s has ended and waits for a restart"
                                            .formatted(Text.of(child.id()));
                            found.add(new Problem(true, text, look.brief(pid), "tree"));
                        });
            }
        }
    }

    private static void mailboxes(Look look, List<Problem> found) {
        look.all().stream()
                .map(Seen::summary)
                .filter(process -> process.messageQueueLength() >= LONG_MAILBOX)
                .sorted(Comparator.comparingInt(process -> -process.messageQueueLength()))
                .limit(MOST_OF_A_KIND)
                .forEach(process -> {
                    String text = process.messageQueueLength() + " messages are in its mailbox";
                    found.add(new Problem(true, text, Look.brief(process), "process"));
                });
    }

    /// Adds what has happened in the last minute, by kind and subject.
    private void happened(Look look, List<Problem> found) {
        Map<Kind, Map<String, Integer>> happened = new EnumMap<>(Kind.class);
        for (Event event : events.since(look.at().minus(NOW))) {
            happened.computeIfAbsent(event.kind(), _ -> new TreeMap<>())
                    .merge(event.subject(), event.count(), Integer::sum);
        }
        happened.forEach((kind, subjects) -> found.add(problem(kind, subjects)));
    }

    private static Problem problem(Kind kind, Map<String, Integer> subjects) {
        int count = subjects.values().stream().mapToInt(Integer::intValue).sum();
        String most =
                subjects.entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                        .limit(3)
                        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                        .collect(Collectors.joining(", "));
        String what =
                switch (kind) {
                    case CRASH -> Text.counted(count, "crash", "crashes");
                    case RESTART -> Text.counted(count, "restart", "restarts");
                    case GAVE_UP ->
                            Text.counted(
                                    count, "supervisor that gave up", "supervisors that gave up");
                    case DEAD_LETTER -> Text.counted(count, "dead letter", "dead letters");
                    case LONG_TURN -> Text.counted(count, "long turn", "long turns");
                    case LONG_MAILBOX ->
                            Text.counted(
                                    count,
                                    "mailbox that became long",
                                    "mailboxes that became long");
                    case CALL_TIMEOUT ->
                            Text.counted(count, "call that timed out", "calls that timed out");
                    case CALL_CIRCLE ->
                            Text.counted(
                                    count,
                                    "call that would have closed a circle",
                                    "calls that would have closed a circle");
                };
        String text = "%s in the last minute: %s".formatted(what, most);
        return new Problem(kind == Kind.GAVE_UP, text, null, "timeline");
    }
}
