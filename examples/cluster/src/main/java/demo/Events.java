package demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// What all nodes have reported, in the order in which it came.
final class Events {

    /// @param time when it came, by [System#nanoTime]
    record Event(long time, String node, String text) {}

    /// A place in the list of events.
    record Mark(int index, long time) {}

    /// How long to wait for something that has to happen. A machine with other work is slow.
    static final Duration CEILING = Duration.ofSeconds(60);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Event> all = new ArrayList<>(); // used with the lock only
    private final long start = System.nanoTime();
    private final Consumer<String> print;

    /// @param print gets a line for each event
    Events(Consumer<String> print) {
        this.print = print;
    }

    void add(String node, String text) {
        lock.lock();
        try {
            Event event = new Event(System.nanoTime(), node, text);
            all.add(event);
            changed.signalAll();
            print.accept("%8.2f s  %s  %s".formatted(seconds(event.time() - start), node, text));
        } finally {
            lock.unlock();
        }
    }

    /// Returns the present place. Wait from there for what is done next.
    Mark mark() {
        lock.lock();
        try {
            return new Mark(all.size(), System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /// Waits until a node has reported something.
    ///
    /// @return how long after the mark; units: s
    /// @throws Broken if it does not come
    double await(Mark since, String node, String text) throws InterruptedException {
        long left = CEILING.toNanos();
        lock.lock();
        try {
            for (int at = since.index(); ; at++) {
                while (at >= all.size()) {
                    if (left <= 0) {
                        throw new Broken("node " + node + " did not report: " + text);
                    }
                    left = changed.awaitNanos(left);
                }
                Event event = all.get(at);
                if (event.node().equals(node) && Pattern.matches(text, event.text())) {
                    return seconds(event.time() - since.time());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Counts what a node has reported.
    long count(Mark since, String node, String text) {
        lock.lock();
        try {
            return all.subList(since.index(), all.size()).stream()
                    .filter(event -> event.node().equals(node))
                    .filter(event -> Pattern.matches(text, event.text()))
                    .count();
        } finally {
            lock.unlock();
        }
    }

    private static double seconds(long nanos) {
        return nanos / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
