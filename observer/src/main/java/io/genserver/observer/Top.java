package io.genserver.observer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Finds the highest values without sorting all.
final class Top {

    private Top() {}

    /// Returns the highest elements, the highest one first.
    static <E> List<E> of(Collection<E> all, Comparator<? super E> order, int count) {
        PriorityQueue<E> kept = new PriorityQueue<>(count + 1, order); // the lowest first
        for (E each : all) {
            E lowest = kept.peek();
            if (kept.size() < count || lowest == null) {
                kept.add(each);
            } else if (order.compare(each, lowest) > 0) {
                kept.poll();
                kept.add(each);
            }
        }
        List<E> found = new ArrayList<>(kept);
        found.sort(order.reversed());
        return found;
    }
}
