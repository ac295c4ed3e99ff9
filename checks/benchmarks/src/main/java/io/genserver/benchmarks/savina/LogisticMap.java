package io.genserver.benchmarks.savina;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Workers have the next term of their series computed by another, when they are told to, one term
/// after the other. Comes to the last term of each series.
///
/// A server waits for the next term with a call. An actor cannot wait: it puts aside what comes
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

    /// All of them, as they come.
    static final class Collected {
        private final Double[] terms = new Double[SERIES];
        private int count;

        /// Whether it was the last one.
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
    public List<Double> ours() {
        return LogisticMapServers.run();
    }

    @Override
    public Behavior<?> pekko(Consumer<List<Double>> done) {
        return LogisticMapActors.starter(done);
    }
}
