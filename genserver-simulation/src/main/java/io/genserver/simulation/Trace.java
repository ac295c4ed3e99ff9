package io.genserver.simulation;

import io.genserver.Pid;
import io.genserver.spi.Machine.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What happened in a run, for people.
public final class Trace {

    private static final int LONGEST = 60;

    /// What the JVM adds to the name of a lambda, which differs from run to run.
    private static final Pattern LAMBDA = Pattern.compile("/0x[0-9a-f]+(@[0-9a-f]+)?");

    private final List<Line> lines = new ArrayList<>();
    private final Map<Object, String> names = new HashMap<>();

    /// One event.
    ///
    /// @param event what happened; null for a fault that happens to a message or a timer
    /// @param who a pid or a name
    record Line(
            int step,
            long time,
            @Nullable Event event,
            Object who,
            @Nullable Pid target,
            String content) {}

    Trace(List<Line> lines) {
        for (Line line : lines) {
            boolean isShown = true;
            if (line.event() == Event.START) {
                // A server is told twice: as some process, and as its class when that is known.
                isShown = names.put(line.who(), kind(line) + " " + number(line.who())) == null;
            }
            if (isShown) {
                this.lines.add(line);
            }
        }
    }

    private static String kind(Line start) {
        String kind = start.content().substring(start.content().lastIndexOf('.') + 1);
        return kind.substring(kind.lastIndexOf('$') + 1);
    }

    private static String number(Object who) {
        return who instanceof Pid pid ? "#" + Task.number(pid) : "";
    }

    static String text(Object content) {
        String text;
        try {
            text = LAMBDA.matcher(String.valueOf(content)).replaceAll("").replace('\n', ' ');
        } catch (RuntimeException hostile) {
            text = content.getClass().getName();
        }
        return text.length() > LONGEST ? text.substring(0, LONGEST - 1) + "…" : text;
    }

    private String name(Object who) {
        return names.getOrDefault(who, String.valueOf(who));
    }

    /// Returns the name under which this trace shows a process.
    String nameOf(Pid pid) {
        return name(pid);
    }

    /// Returns the chart as text, one line for each event: the number of the step, the virtual
    /// time, and who did what.
    ///
    /// @return the chart
    public String asText() {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(String.format(Locale.ROOT, "%5d %12s  ", line.step(), time(line.time())))
                    .append(sentence(line))
                    .append('\n');
        }
        return text.toString();
    }

    static String time(long nanos) {
        return String.format(Locale.ROOT, "%.6f s", nanos / 1e9);
    }

    private String sentence(Line line) {
        String who = name(line.who());
        String whom = line.target() == null ? "" : name(line.target());
        return switch (line.event()) {
            case null ->
                    whom.isEmpty()
                            ? who + ": " + line.content()
                            : "fault: " + who + " → " + whom + ": " + line.content();
            case START -> who + " starts";
            case SEND -> who + " → " + whom + ": " + line.content();
            case CAST -> who + " → " + whom + ": cast " + line.content();
            case CALL -> who + " → " + whom + ": call " + line.content();
            case REPLY ->
                    who
                            + " → "
                            + (whom.isEmpty() ? "a thread" : whom)
                            + ": reply "
                            + line.content();
            case TURN -> who + " handles " + line.content();
            case RECEIVE -> who + " looks into its mailbox";
            case EXIT -> who + " → " + whom + ": exit signal " + line.content();
            case LOOK -> who + " looks at " + (whom.isEmpty() ? line.content() : whom);
            case TIMER -> "timer fires: " + line.content();
            case RESTART -> who + " restarts child " + line.content();
            case END -> who + " ends: " + line.content();
        };
    }

    /// Returns the chart as a sequence diagram of Mermaid. Each label begins with the number of the
    /// step, and a note shows the virtual time whenever it has passed.
    ///
    /// @return the diagram
    public String asMermaid() {
        StringBuilder text = new StringBuilder("sequenceDiagram\n");
        Set<Object> known = new LinkedHashSet<>();
        for (Line line : lines) {
            known.add(line.who());
            if (line.target() != null) {
                known.add(line.target());
            }
        }
        Map<Object, String> ids = new HashMap<>();
        for (Object who : known) {
            String id = "p" + ids.size();
            ids.put(who, id);
            text.append("    participant ").append(id).append(" as ").append(safe(name(who)));
            text.append('\n');
        }
        long now = Long.MIN_VALUE;
        for (Line line : lines) {
            String from = Objects.requireNonNull(ids.get(line.who()));
            if (line.time() != now) {
                now = line.time();
                text.append("    Note over p0: ").append(time(now)).append('\n');
            }
            String to = line.target() == null ? from : ids.get(line.target());
            String label = line.step() + " " + label(line);
            String shape =
                    switch (line.event()) {
                        case null -> from.equals(to) ? "Note over " + from : from + "--x" + to;
                        case START, RESTART, END, TURN -> "Note over " + from;
                        case REPLY -> from + "-->>" + to;
                        case SEND, CAST, CALL, EXIT, TIMER -> from + "->>" + to;
                        case RECEIVE, LOOK -> ""; // a chart shows what passes between processes
                    };
            if (!shape.isEmpty()) {
                text.append("    ").append(shape).append(": ").append(label).append('\n');
            }
        }
        return text.toString();
    }

    private static String label(Line line) {
        Event event = line.event();
        if (event == null) {
            return (line.target() == null ? "" : "fault ") + safe(line.content());
        }
        String what = event.name().toLowerCase(Locale.ROOT);
        return event == Event.START ? what : what + " " + safe(line.content());
    }

    private static String safe(String text) {
        return text.replaceAll("[;#:<>\\n]", " ");
    }

    @Override
    public String toString() {
        return asText();
    }
}
