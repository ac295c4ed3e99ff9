package demo;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.cluster.*;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Checks what a cluster promises. It gets the numbers that the [Load] of each other node sends.
///
/// Each number says how many losses of the connection its sender had seen before it sent it. The
/// referee counts the losses that it has seen itself. So it knows of each number whether it was
/// sent before a loss that both sides have noticed.
final class Referee implements CallServer<Referee.State, Referee.Ask> {

    static final String NAME = "referee";

    /// Asks for a report.
    record Ask() implements Call<Report> {}

    /// What [Load] sends.
    ///
    /// @param losses how many losses of this connection the sender has seen
    record Numbered(Pid sender, long number, long losses) {}

    /// A breach of a promise.
    enum Fault {
        /// A message was delivered although the connection over which it was sent is lost.
        STALE,
        /// One side has noticed a loss and the other has not.
        ONE_SIDED,
        /// A message came twice or in the wrong place.
        DISORDER,
        /// A message did not come although its connection was not lost.
        MISSING,
        /// A monitor fired twice.
        DOWN_TWICE,
        /// A monitor had not fired when the loss of its node was told.
        DOWN_LATE,
        /// A monitor had not fired when its node was back after a loss.
        DOWN_MISSING
    }

    /// What [Load] has seen.
    enum Count {
        SENT,
        RECEIVED,
        MONITORS,
        DOWNS,
        CALLS,
        FAILED_CALLS,
    }

    /// What has been counted.
    record Report(Map<Count, Long> counts, Map<Fault, Long> faults) {
        @Override
        public String toString() {
            return "faults " + faults + " counts " + counts;
        }
    }

    static final class State {
        private final Map<Count, Long> counts = new EnumMap<>(Count.class);
        private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);

        /// How many losses of each node this referee has seen.
        private final Map<String, Long> losses = new HashMap<>();

        private final Map<Pid, Last> last = new HashMap<>();
    }

    /// @param losses how many losses the sender had seen
    /// @param seen how many the referee had seen
    private record Last(long number, long losses, long seen) {}

    @Override
    public Init<State> init() {
        Cluster.monitorNodes(true);
        return Init.ok(new State());
    }

    @Override
    public CallResult<State> handleCall(Ask request, From from, State state) {
        Report report = new Report(new EnumMap<>(state.counts), new EnumMap<>(state.faults));
        return reply(request, report, state);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case Numbered number -> receive(number, state);
            case Count count -> state.counts.merge(count, 1L, Long::sum);
            case Fault fault -> state.faults.merge(fault, 1L, Long::sum);
            case NodeDown(String node) -> state.losses.merge(node, 1L, Long::sum);
            case NodeUp _ -> {}
            default -> {
                return CallServer.super.handleInfo(message, state);
            }
        }
        return noreply(state);
    }

    private static void receive(Numbered next, State state) {
        state.counts.merge(Count.RECEIVED, 1L, Long::sum);
        long seen = state.losses.getOrDefault(next.sender().node(), 0L);
        Last last = state.last.get(next.sender());
        List<Fault> found = last == null ? List.of() : faults(next, last, seen > last.seen());
        found.forEach(fault -> state.faults.merge(fault, 1L, Long::sum));
        long counted = last != null && found.contains(Fault.STALE) ? last.seen() : seen;
        state.last.put(next.sender(), new Last(next.number(), next.losses(), counted));
    }

    /// One side may be up for a moment before the other one is, and lose that connection alone. So
    /// the numbers of losses need not be the same, but both sides have some or none.
    ///
    /// @param lost whether the referee has seen a loss since the last number
    private static List<Fault> faults(Numbered next, Last last, boolean lost) {
        List<Fault> found = new ArrayList<>();
        boolean told = next.losses() > last.losses();
        if (lost && !told) {
            found.add(Fault.STALE);
        } else if (told && !lost) {
            found.add(Fault.ONE_SIDED);
        }
        if (next.number() <= last.number()) {
            found.add(Fault.DISORDER);
        } else if (!told && next.number() != last.number() + 1) {
            found.add(Fault.MISSING);
        }
        return found;
    }
}
