package io.genserver.observer;

import io.genserver.ProcessInfo.Status;
import io.genserver.observer.Look.Row;
import io.genserver.observer.Problems.Problem;
import io.genserver.observer.ProcessesScreen.Data;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The processes as lines for a terminal.
final class TopText {

    private static final int WIDTH = 200;
    private static final int LINES = 200;
    private static final int PROBLEMS = 3;
    private static final String ROW = "%-16s %8s %8s %10s %9s %-8s %s";

    private TopText() {}

    /// Returns the counts, the problems and the processes with the highest values.
    ///
    /// The text of users has no control characters, so it cannot change the terminal.
    static String of(Screens screens, Look look, Query query) {
        int width = (int) query.number("width", 100, 60, WIDTH);
        int lines = (int) query.number("lines", 24, 8, LINES);
        Screens.Shown processes = shown(screens, "processes", look, query);
        Screens.Head head = processes.head();
        StringBuilder out = new StringBuilder();
        Overview.Data overview = (Overview.Data) shown(screens, "overview", look, query).screen();
        line(
                out,
                width,
                "%s: %d processes, %d run, %d ready to run, %d wait, %d hibernate"
                        .formatted(
                                head.node(),
                                head.processes(),
                                head.running(),
                                head.runnable(),
                                head.waiting(),
                                head.hibernating()));
        line(
                out,
                width,
                "%s messages/s, %d in mailboxes, heap %d of %d MB"
                        .formatted(
                                rate(head.rate()),
                                head.queued(),
                                overview.heapUsed() >> 20,
                                overview.heapMost() >> 20));
        overview.problems().stream()
                .limit(PROBLEMS)
                .forEach(problem -> line(out, width, "! " + text(problem)));
        line(out, width, "");
        line(
                out,
                width,
                ROW.formatted(
                        "PID", "MAILBOX", "LONGEST", "HANDLED", "PER S", "STATUS", "PROCESS"));
        long left = lines - out.chars().filter(c -> c == '\n').count();
        ((Data) processes.screen())
                .rows().stream().limit(left).forEach(row -> line(out, width, text(row)));
        return out.toString();
    }

    private static String text(Problem problem) {
        return problem.process() == null
                ? problem.text()
                : problem.process().pid() + " " + problem.process().what() + ": " + problem.text();
    }

    private static String text(Row row) {
        return ROW.formatted(
                row.pid().replace("#PID", ""),
                row.mailbox(),
                row.longest(),
                row.handled(),
                rate(row.rate()),
                row.status() == Status.HIBERNATING
                        ? "sleeping"
                        : row.status().name().toLowerCase(Locale.ROOT),
                name(row));
    }

    private static String rate(@Nullable Double rate) {
        return rate == null ? "-" : rate.toString();
    }

    private static String name(Row row) {
        String name = row.name() == null ? "" : row.name() + " ";
        String label = row.label() == null ? "" : " [" + row.label() + "]";
        return name + row.what() + label;
    }

    private static Screens.Shown shown(Screens screens, String name, Look look, Query query) {
        return Objects.requireNonNull(screens.show(name, look, query));
    }

    private static void line(StringBuilder out, int width, String text) {
        String shown = text.replaceAll("\\p{C}", "?");
        out.append(shown.length() > width ? shown.substring(0, width) : shown).append('\n');
    }
}
