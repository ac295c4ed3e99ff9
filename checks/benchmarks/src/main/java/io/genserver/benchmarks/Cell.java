package io.genserver.benchmarks;

import java.util.Map;

/// A map with one owner and one key, which others read and change. Agents are made for this.
interface Cell {

    String KEY = "milk";

    long get() throws Exception;

    /// Adds one and returns when it has been added.
    void update() throws Exception;

    static Map<String, Double> gets(Cell cell, Work.Timing timing) throws Exception {
        cell.update();
        return Work.each(
                5_000,
                timing,
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += cell.get();
                    }
                    Work.checkCount(count, sum);
                });
    }

    static Map<String, Double> updates(Cell cell, Work.Timing timing) throws Exception {
        return Work.each(
                5_000,
                timing,
                count -> {
                    long before = cell.get();
                    for (int i = 0; i < count; i++) {
                        cell.update();
                    }
                    Work.checkCount(before + count, cell.get());
                });
    }
}
