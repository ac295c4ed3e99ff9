package kv.server;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import kv.Tree;
import kv.Version;
import kv.store.Store;

/// Answers the questions of an operator.
final class Operators {

    /// How many names a reply has at most.
    private static final int MOST_NAMES = 1_000;

    private Operators() {}

    /// Returns the lines of the reply.
    static List<String> answer(Request.Operator question, Front front) {
        List<String> lines =
                new ArrayList<>(
                        switch (question) {
                            case TREE -> tree(front.buckets());
                            case INFO -> info(front);
                            case STATS -> stats(front);
                            case BUCKETS -> front.buckets().list(MOST_NAMES);
                        });
        lines.add("OK");
        return lines;
    }

    private static List<String> tree(Buckets buckets) {
        return Tree.draw(Service.SUPERVISOR, pid -> buckets.nameOf(pid).map(Words::toUnicode))
                .lines()
                .map(Words::fromUnicode)
                .toList();
    }

    private static List<String> info(Front front) {
        Limits limits = front.limits();
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "version " + Version.ofThisBuild(),
                                "pid " + ProcessHandle.current().pid(),
                                "java " + Runtime.version(),
                                "uptime-seconds "
                                        + ManagementFactory.getRuntimeMXBean().getUptime() / 1_000,
                                "tls " + (front.tls() != null)));
        lines.addAll(front.buckets().info());
        lines.addAll(
                List.of(
                        "max-connections " + limits.connections(),
                        "max-line " + limits.line(),
                        "max-key " + limits.key(),
                        "max-value " + limits.value(),
                        "max-memory " + limits.memory()));
        return lines;
    }

    private static List<String> stats(Front front) {
        Statistics counters = front.statistics();
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "connections " + front.watched().size(),
                                "connections-accepted " + counters.accepted.sum(),
                                "connections-refused " + counters.refused.sum(),
                                "requests " + counters.requests.sum(),
                                "requests-unknown " + counters.unknown.sum()));
        lines.addAll(front.buckets().stats());
        lines.add("memory-buckets " + front.memory().used());
        lines.add("memory-heap " + usedHeap());
        if (front.store() != null) {
            Store.Statistics stored = front.store().statistics();
            lines.add("store-buckets " + front.memory().storedCount());
            lines.add("store-writes " + stored.writes());
            lines.add("store-syncs " + stored.syncs());
            lines.add("store-bytes " + stored.bytes());
            lines.add("store-failed " + stored.failure().isPresent());
        }
        return lines;
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
