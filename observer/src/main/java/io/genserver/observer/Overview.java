package io.genserver.observer;

import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.observer.Events.Event;
import io.genserver.observer.Events.Kind;
import io.genserver.observer.Look.Row;
import io.genserver.observer.Look.Seen;
import io.genserver.observer.Problems.Problem;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What is wrong now, the counts, and the processes that stand out.
///
/// @param events the source of crashes and restarts
/// @param problems finds what is wrong
record Overview(Events events, Problems problems) implements Screen {

    private static final int FEW = 5;

    record Data(
            List<Problem> problems,
            long crashes,
            long restarts,
            long gaveUp,
            long callTimeouts,
            long longTurns,
            Map<DeadLetter.Reason, Long> deadLetters,
            long heapUsed,
            long heapMost,
            List<Row> busiest,
            List<Row> longest,
            List<Event> latest) {}

    @Override
    public Object show(Look look, Query query) {
        Runtime jvm = Runtime.getRuntime();
        return new Data(
                problems.of(look),
                events.count(Kind.CRASH),
                events.count(Kind.RESTART),
                events.count(Kind.GAVE_UP),
                events.count(Kind.CALL_TIMEOUT),
                events.count(Kind.LONG_TURN),
                DeadLetters.counts(),
                jvm.totalMemory() - jvm.freeMemory(),
                jvm.maxMemory(),
                top(look, Comparator.comparingLong(Seen::grown)),
                top(look, Comparator.comparingInt(seen -> seen.summary().messageQueueLength())),
                events.find(_ -> true, FEW));
    }

    private static List<Row> top(Look look, Comparator<Seen> order) {
        return Top.of(look.all(), order, FEW).stream().map(look::row).toList();
    }
}
