package io.genserver.observer;

import io.genserver.observer.Look.Row;
import io.genserver.observer.Problems.Problem;
import io.genserver.observer.ProcessesScreen.Data;
import java.util.List;
import java.util.Locale;

/// The processes as lines for a terminal.
final class TopText {

    private static final int WIDTH = 200;
    private static final int LINES = 200;

    private TopText() {}

    /// Returns the counts, the problems and the processes with the highest values.
    ///
    /// The text of users has no control characters, so it cannot change the terminal.
    static String of(Screens screens, Look look, Query query) {
        int width = (int) query.number("width", 100, 60, WIDTH);
        int lines = (int) query.number("lines", 24, 8, LINES);
        Screens.Shown processes = shown(screens, "processes", look, query);
        Screens.Shown overview = shown(screens, "overview", look, query);
        Screens.Head head = processes.head();
        StringBuilder out = new StringBuilder();
        line(
                out,
                width,
                "%s: %d processes, %d run, %d wait, %d hibernate",
                head.node(),
                head.processes(),
                head.running(),
                head.waiting(),
                head.hibernating());
        line(
                out,
                width,
                "%s messages/s, %d in mailboxes, heap %d of %d MB",
                head.rate() == null ? "-" : head.rate().toString(),
                head.queued(),
                ((Overview.Data) overview.screen()).heapUsed() >> 20,
                ((Overview.Data) overview.screen()).heapMost() >> 20);
        List<Problem> problems = ((Overview.Data) overview.screen()).problems();
        for (Problem problem : problems.subList(0, Math.min(3, problems.size()))) {
            String subject =
                    problem.process() == null
                            ? ""
                            : problem.process().pid() + " " + problem.process().what() + ": ";
            line(out, width, "! %s%s", subject, problem.text());
        }
        line(out, width, "");
        line(
                out,
                width,
                "%-16s %8s %8s %10s %9s %-8s %s",
                "PID",
                "MAILBOX",
                "LONGEST",
                "HANDLED",
                "PER S",
                "STATUS",
                "PROCESS");
        long left = lines - out.chars().filter(c -> c == '\n').count();
        for (Row row : ((Data) processes.screen()).rows().stream().limit(left).toList()) {
            line(
                    out,
                    width,
                    "%-16s %8d %8d %10d %9s %-8s %s",
                    row.pid().replace("#PID", ""),
                    row.mailbox(),
                    row.longest(),
                    row.handled(),
                    row.rate() == null ? "-" : row.rate().toString(),
                    row.status() == io.genserver.ProcessInfo.Status.HIBERNATING
                            ? "sleeping"
                            : row.status().name().toLowerCase(Locale.ROOT),
                    name(row));
        }
        return out.toString();
    }

    private static String name(Row row) {
        String name = row.name() == null ? "" : row.name() + " ";
        String label = row.label() == null ? "" : " [" + row.label() + "]";
        return name + row.what() + label;
    }

    private static Screens.Shown shown(Screens screens, String name, Look look, Query query) {
        return java.util.Objects.requireNonNull(screens.show(name, look, query));
    }

    private static void line(StringBuilder out, int width, String format, Object... values) {
        String text = String.format(Locale.ROOT, format, values).replaceAll("\\p{C}", "?");
        out.append(text.length() > width ? text.substring(0, width) : text).append('\n');
    }
}
