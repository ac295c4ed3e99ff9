package io.genserver.observer;

import io.genserver.Pid;
import io.genserver.observer.Look.Row;
import io.genserver.observer.Look.Seen;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// The processes, ordered by a value, a page at a time.
record ProcessesScreen() implements Screen {

    private static final int PAGE = 50;
    private static final int DEEPEST = 10_000; // pages further down need a search

    enum By {
        HANDLED,
        RATE,
        MAILBOX,
        LONGEST,
        NEWEST,
        OLDEST;

        /// Values are often equal, and rows must not change places for nothing.
        private Comparator<Seen> order() {
            Comparator<Seen> order =
                    switch (this) {
                        case HANDLED -> Comparator.comparingLong(seen -> seen.summary().handled());
                        case RATE -> Comparator.comparingLong(Seen::grown);
                        case MAILBOX ->
                                Comparator.comparingInt(
                                        seen -> seen.summary().messageQueueLength());
                        case LONGEST ->
                                Comparator.comparingInt(
                                        seen -> seen.summary().longestMessageQueue());
                        case NEWEST -> Comparator.comparingLong(Seen::id);
                        case OLDEST -> Comparator.comparingLong(seen -> -seen.id());
                    };
            return order.thenComparingLong(seen -> -seen.id());
        }
    }

    record Data(By by, long from, int total, List<Row> rows) {}

    @Override
    public Object show(Look look, Query query) {
        By by = query.choice("by", By.MAILBOX);
        int from = (int) query.number("from", 0, 0, DEEPEST);
        Collection<Seen> found = find(look, query);
        List<Row> rows =
                Top.of(found, by.order(), from + PAGE).stream().skip(from).map(look::row).toList();
        return new Data(by, from, found.size(), rows);
    }

    private static Collection<Seen> find(Look look, Query query) {
        String text = query.text("q").strip().toLowerCase(Locale.ROOT);
        long parent = query.number("parent", 0, 0, Long.MAX_VALUE);
        if (text.isEmpty() && parent == 0) {
            return look.all();
        }
        Map<String, Pid> names = parent == 0 ? Map.of() : look.names();
        Predicate<Seen> isChild =
                seen ->
                        look.parent(seen.summary(), names)
                                .filter(pid -> Look.id(pid) == parent)
                                .isPresent();
        return look.all().stream()
                .filter(seen -> parent == 0 || isChild.test(seen))
                .filter(seen -> text.isEmpty() || matches(look.row(seen), text))
                .toList();
    }

    private static boolean matches(Row row, String text) {
        return contains(row.pid(), text)
                || contains(row.what(), text)
                || (row.name() != null && contains(row.name(), text))
                || (row.label() != null && contains(row.label(), text));
    }

    private static boolean contains(String all, String text) {
        return all.toLowerCase(Locale.ROOT).contains(text);
    }
}
