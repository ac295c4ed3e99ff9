package io.genserver;

import io.genserver.ProcessMeasure.Ranked;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Keeps the processes with the highest values among those that it is offered. A value of 0 or less
/// is not kept.
final class Top {

    private final int count;
    private final PriorityQueue<Ranked> kept =
            new PriorityQueue<>(Comparator.comparingLong(Ranked::value)); // the lowest value first

    Top(int count) {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "expected a count of 0 or more processes, got: " + count);
        }
        this.count = count;
    }

    void offer(ProcessSummary process, long value) {
        if (value <= 0 || count == 0) {
            return;
        }
        Ranked lowest = kept.peek();
        if (kept.size() < count || lowest == null) {
            kept.add(new Ranked(process, value));
        } else if (value > lowest.value()) {
            kept.poll();
            kept.add(new Ranked(process, value));
        }
    }

    /// Returns the processes, the one with the highest value first.
    List<Ranked> list() {
        return kept.stream().sorted(Comparator.comparingLong(Ranked::value).reversed()).toList();
    }
}
