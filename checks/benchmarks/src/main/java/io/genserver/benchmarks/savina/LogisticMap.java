package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Each worker has another process compute the terms of its series, one at a time, when it is told
/// to. The result is the last term of each series.
///
/// A server waits for the next term by a call. An actor cannot wait, so it stashes what arrives
/// before the answer.
public final class LogisticMap implements Benchmark<List<Double>> {

    static final int SERIES = 10;
    static final int TERMS = 25_000;
    private static final double RATE = 3.46;
    private static final double INCREMENT = 0.0025;

    static double rate(int series) {
        return RATE + series * INCREMENT;
    }

    static double first(int series) {
        return series * INCREMENT;
    }

    static double next(double rate, double term) {
        return rate * term * (1 - term);
    }

    /// The last term of a series.
    record Last(int series, double term) {}

    /// Collects the last terms.
    static final class Collected {
        private final Double[] terms = new Double[SERIES];
        private int count;

        /// Returns whether this was the last series.
        boolean add(Last last) {
            terms[last.series()] = last.term();
            return ++count == SERIES;
        }

        List<Double> terms() {
            return Arrays.asList(terms);
        }
    }

    @Override
    public List<Double> expected() {
        List<Double> terms = new ArrayList<>();
        for (int series = 0; series < SERIES; series++) {
            double term = first(series);
            for (int i = 0; i < TERMS; i++) {
                term = next(rate(series), term);
            }
            terms.add(term);
        }
        return terms;
    }

    @Override
    public List<Double> ours(StartOption... options) {
        return LogisticMapServers.run(options);
    }

    @Override
    public Behavior<?> pekko(Consumer<List<Double>> done) {
        return LogisticMapActors.starter(done);
    }
}
