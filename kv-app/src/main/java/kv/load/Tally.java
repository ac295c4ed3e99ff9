package kv.load;

import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Counts the answers of a run, and records the latencies within the measured time.
final class Tally {

    /// The greatest latency that is told apart. Units: ns.
    private static final long LONGEST = 3_600_000_000_000L;

    private final Histogram latencies = new Histogram(LONGEST, 3);

    /// The beginning of the measured time. Units: ns, as [System#nanoTime()].
    private long from = Long.MAX_VALUE;

    private long to = Long.MAX_VALUE; // the end of the measured time
    private long answered; // within the measured time
    private long all; // also before and after it
    private long wrong;
    private long refused;
    private long lost;
    private long closed; // connections
    private long unsent;
    private @Nullable String firstProblem;

    void measure(long begin, long end) {
        from = begin;
        to = end;
    }

    /// Ends the measured time early.
    void endAt(long end) {
        to = Math.min(to, end);
    }

    /// Returns the end of the measured time.
    long end() {
        return to;
    }

    /// Notes the answer of a request.
    ///
    /// @param start when the request was sent, or when it should have been
    void answered(long start, long now) {
        all++;
        if (now >= from && now < to) {
            answered++;
        }
        record(start, now);
    }

    /// Notes a request that should have been sent, but was not, because all connections waited for
    /// answers.
    void unsent(long start, long now) {
        unsent++;
        record(start, now);
    }

    private void record(long start, long now) {
        if (start >= from && start < to) {
            latencies.recordValue(Math.min(now - start, LONGEST));
        }
    }

    void wrong(String problem) {
        wrong++;
        note(problem);
    }

    void refused(String problem) {
        refused++;
        note(problem);
    }

    /// Notes that a connection ended before the run did.
    ///
    /// @param requests how many requests were not answered
    void closed(int requests, String problem) {
        closed++;
        lost += requests;
        note(problem);
    }

    /// Notes requests that were not answered in time.
    void lost(int requests) {
        lost += requests;
        if (requests > 0) {
            note("%d requests were not answered in time".formatted(requests));
        }
    }

    private void note(String problem) {
        if (firstProblem == null) {
            firstProblem = problem;
        }
    }

    /// Returns the number of answers so far.
    long all() {
        return all;
    }

    /// Returns the number of requests so far that were not answered, and rightly.
    long problems() {
        return wrong + refused + lost;
    }

    /// Returns the result of the run.
    Result result() {
        return new Result(
                answered,
                Math.max(0, to - from) / 1e9,
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6,
                latencies.getValueAtPercentile(99.9) / 1e6,
                latencies.getMaxValue() / 1e6,
                wrong,
                refused,
                lost,
                closed,
                unsent,
                Optional.ofNullable(firstProblem));
    }
}
