package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitException;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What has happened on a node since the first of the tests and classes that use it began. Any
/// thread.
final class Records {

    /// A crash report and where its process comes from; null if that is not known.
    record Crash(CrashReport report, @Nullable Started process) {}

    /// A child that its supervisor has killed because it took too long to stop.
    record Overdue(
            Object child,
            Pid pid,
            Duration limit,
            List<StackTraceElement> stack,
            @Nullable Started process) {}

    /// A log line and the process that has logged it; null if that is not known.
    private record Line(long number, String text, @Nullable Started process) {}

    /// How many stacks of live processes are kept, because each takes memory.
    private static final int MOST_STACKS = 1_000;

    /// How many log lines are kept.
    private static final int MOST_LINES = 10_000;

    private static final Map<Node, Records> WATCHED = new ConcurrentHashMap<>();

    private final Map<Pid, Started> started = new ConcurrentHashMap<>();
    private final List<Crash> crashes = new ArrayList<>(); // guarded
    private final List<DeadLetter> deadLetters = new ArrayList<>(); // guarded

    /// The processes that the end of a test stops, or has stopped.
    private final Set<Pid> stopping = ConcurrentHashMap.newKeySet();

    private final List<Overdue> overdue = new ArrayList<>(); // guarded
    private final Deque<Line> lines = new ArrayDeque<>(); // guarded
    private long lineCount; // guarded
    private int users; // guarded by WATCHED
    private final List<Predicate<? super @Nullable Started>> capturing =
            new CopyOnWriteArrayList<>();
    private volatile boolean stacks;
    private int deadLetterUsers; // guarded

    private Records() {}

    /// Returns the records of a node; null if no test uses the node.
    static @Nullable Records of(Node node) {
        return WATCHED.get(node);
    }

    /// Begins to record what happens on a node, if that has not begun. Each call needs a call of
    /// [#unwatch].
    static Records watch(Node node, Settings settings) {
        Records records =
                WATCHED.compute(
                        node,
                        (_, known) -> {
                            Records now = known == null ? new Records() : known;
                            now.users++;
                            return now;
                        });
        records.begin(settings);
        return records;
    }

    private synchronized void begin(Settings settings) {
        stacks |= !settings.leaksAllowed();
        deadLetterUsers += settings.deadLettersFail() ? 1 : 0;
    }

    /// Begins to keep back the lines of some processes.
    void capture(Predicate<? super @Nullable Started> mine) {
        capturing.add(mine);
    }

    /// Ends what [#capture] has begun.
    void release(Predicate<? super @Nullable Started> mine) {
        capturing.remove(mine);
    }

    void unwatch(Node node, Settings settings) {
        synchronized (this) {
            deadLetterUsers -= settings.deadLettersFail() ? 1 : 0;
        }
        WATCHED.computeIfPresent(node, (_, known) -> --known.users == 0 ? null : known);
    }

    void started(Pid pid, @Nullable Pid starter) {
        Started from = starter == null ? null : started.get(starter);
        boolean recorded = stacks && started.size() < MOST_STACKS;
        started.put(
                pid,
                new Started(
                        pid,
                        from == null ? null : from.pid(),
                        from == null ? pid : from.origin(),
                        recorded ? new Throwable() : null));
        if (starter != null && stopping.contains(starter)) {
            stopping.add(pid);
        }
    }

    void ended(Pid pid) {
        started.remove(pid);
    }

    /// Leaves out from now on what is sent to some processes, or is left in their mailboxes,
    /// because a test ends and stops them. Their mailboxes may be emptied after the next test has
    /// begun.
    void stopping(Predicate<? super Started> mine) {
        started.values().stream().filter(mine).map(Started::pid).forEach(stopping::add);
    }

    synchronized void crashed(CrashReport report) {
        crashes.add(new Crash(report, started.get(report.pid())));
    }

    synchronized void overdue(
            Object child, Pid pid, Duration limit, List<StackTraceElement> stack) {
        overdue.add(new Overdue(child, pid, limit, stack, started.get(pid)));
    }

    synchronized void deadLetter(DeadLetter letter) {
        if (deadLetterUsers > 0 && !(letter.to() instanceof Pid to && stopping.contains(to))) {
            deadLetters.add(letter);
        }
    }

    @Nullable Started find(Pid pid) {
        return started.get(pid);
    }

    /// Takes out the crash reports of some processes.
    synchronized List<CrashReport> takeCrashes(Predicate<? super @Nullable Started> mine) {
        List<Crash> taken = crashes.stream().filter(crash -> mine.test(crash.process())).toList();
        crashes.removeAll(taken);
        return taken.stream().map(Crash::report).toList();
    }

    /// Returns the crash reports of some processes, which stay.
    synchronized List<CrashReport> crashes(Predicate<? super @Nullable Started> mine) {
        return crashes.stream()
                .filter(crash -> mine.test(crash.process()))
                .map(Crash::report)
                .toList();
    }

    /// Takes out the children of some processes that took too long to stop.
    synchronized List<Overdue> takeOverdue(Predicate<? super @Nullable Started> mine) {
        List<Overdue> taken = overdue.stream().filter(it -> mine.test(it.process())).toList();
        overdue.removeAll(taken);
        return taken;
    }

    /// Returns the number of dead letters so far.
    synchronized int deadLetterCount() {
        return deadLetters.size();
    }

    /// Returns the dead letters from one of them on.
    synchronized List<DeadLetter> deadLetters(int from) {
        return List.copyOf(deadLetters.subList(from, deadLetters.size()));
    }

    // Log lines

    /// Adds a line that the current thread logs.
    void log(String text) {
        Started process = logging();
        synchronized (this) {
            lines.add(new Line(lineCount++, text, process));
            if (lines.size() > MOST_LINES) {
                lines.remove();
            }
        }
    }

    private @Nullable Started logging() {
        try {
            return Processes.isProcess() ? started.get(Processes.self()) : null;
        } catch (ExitException dead) { // a process that has been killed still logs
            return null;
        }
    }

    /// Returns whether a line that the current thread logs is kept back.
    boolean isKeptBack() {
        if (capturing.isEmpty()) {
            return false;
        }
        Started process = logging();
        return capturing.stream().anyMatch(mine -> mine.test(process));
    }

    /// Returns the number of log lines so far.
    synchronized long lineCount() {
        return lineCount;
    }

    /// Returns the log lines of some processes, from a number of lines on.
    synchronized List<String> lines(long from, Predicate<? super @Nullable Started> mine) {
        return lines.stream()
                .filter(line -> line.number() >= from && mine.test(line.process()))
                .map(Line::text)
                .toList();
    }
}
