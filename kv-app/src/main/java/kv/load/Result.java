package kv.load;

import java.util.Locale;
import java.util.Optional;

/// The result of a run.
///
/// @param answers the answers within the measured time
/// @param seconds the measured time
/// @param p50 the median latency; units: ms, as the other latencies
/// @param p99 the latency that one of 100 requests exceeds
/// @param p999 the latency that one of 1,000 requests exceeds
/// @param max the greatest latency
/// @param wrong the answers of the whole run that were wrong
/// @param refused the requests of the whole run that the server refused
/// @param lost the requests of the whole run that were sent and not answered
/// @param closed the connections that ended before the run did
/// @param unsent the requests that were due and not sent, because all connections waited
/// @param problem the first of the answers that were wrong, refused or lost
record Result(
        long answers,
        double seconds,
        double p50,
        double p99,
        double p999,
        double max,
        long wrong,
        long refused,
        long lost,
        long closed,
        long unsent,
        Optional<String> problem) {

    /// Returns the answers in a second.
    double rate() {
        return seconds == 0 ? 0 : answers / seconds;
    }

    /// Returns whether every request was answered, and rightly.
    boolean isClean() {
        return wrong + refused + lost + closed == 0;
    }

    /// Returns the result for people.
    ///
    /// @param latencyFrom what the latency is counted from
    String text(String latencyFrom) {
        return String.format(
                Locale.ROOT,
                """
                rate      %.0f requests/s (%d in %.1f s)
                latency   p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms, from %s
                answers   %d wrong, %d refused, %d lost, %d connections closed%s%s\
                """,
                rate(),
                answers,
                seconds,
                p50,
                p99,
                p999,
                max,
                latencyFrom,
                wrong,
                refused,
                lost,
                closed,
                unsent == 0
                        ? ""
                        : "%nbehind    %d requests were due and not sent".formatted(unsent),
                problem.map(text -> "%nfirst     %s".formatted(text)).orElse(""));
    }

    /// Returns the result as one line of JSON.
    String json() {
        return String.format(
                Locale.ROOT,
                "{\"answers\":%d,\"seconds\":%.3f,\"rate\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f,"
                        + "\"p99_9_ms\":%.4f,\"max_ms\":%.4f,\"wrong\":%d,\"refused\":%d,"
                        + "\"lost\":%d,\"closed\":%d,\"unsent\":%d}",
                answers,
                seconds,
                rate(),
                p50,
                p99,
                p999,
                max,
                wrong,
                refused,
                lost,
                closed,
                unsent);
    }
}
