package io.genserver.benchmarks;

import io.genserver.StartOption;
import java.io.IOException;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The libraries and techniques that are compared.
@SuppressWarnings("ImmutableEnumChecker") // the functions are references to static methods
enum Contestant {
    OURS(
            "this library",
            Ours::work,
            OursLives::work,
            OursNames::work,
            OursTimers::work,
            OursBlocked::work,
            servers()),
    OURS_NB("this library, all servers non-blocking", servers(StartOption.nonBlocking())),
    RECORDED("this library while the flight recorder records", OURS.themes),
    RECORDED_NB("the same, all servers non-blocking", OURS_NB.themes),
    AFTERWARDS("this library after the recording has ended", OURS.themes),
    AFTERWARDS_NB("the same, all servers non-blocking", OURS_NB.themes),
    PEKKO(
            "Pekko typed",
            Pekko::work,
            PekkoLives::work,
            PekkoTimers::work,
            PekkoMany::work,
            PekkoOutside::work,
            PekkoBlocked::work,
            PekkoContext::work,
            Savina::pekko),
    VERTX("Vert.x event bus", VertxBus::work, VertxTimers::work),
    LOCK("ReentrantLock", Today.Lock::work),
    EXECUTOR("executor, CompletableFuture", Today.Executor::work, ExecutorTimers::work),
    MAP("ConcurrentHashMap", Today.SharedMap::work, MapMany::work),
    QUEUE("JCTools queue alone", RawQueue::work),
    BEAM("Erlang/OTP");

    /// Some of a contestant's operations.
    @FunctionalInterface
    private interface Theme {

        /// Returns the work, not yet begun, or null if the operation is not among them.
        @Nullable Work work(Operation operation);
    }

    /// The operations of bench.erl and its modules.
    private static final Set<Operation> ON_THE_BEAM =
            Set.of(
                    Operation.CALL_PROCESS,
                    Operation.CALL_8X1,
                    Operation.CALL_8X8,
                    Operation.CAST_1X1,
                    Operation.CAST_4X1,
                    Operation.SEND,
                    Operation.PING_PONG,
                    Operation.RING,
                    Operation.SERVER_PING_PONG,
                    Operation.SERVER_RING,
                    Operation.MIXED_1CALL_1CAST,
                    Operation.MIXED_1CALL_9CASTS,
                    Operation.MIXED_8X8_1CALL_1CAST,
                    Operation.MIXED_8X8_1CALL_9CASTS,
                    Operation.BEHIND_BLOCKED,
                    Operation.BLOCKED_1000,
                    Operation.SPAWN,
                    Operation.START_STOP,
                    Operation.LINK,
                    Operation.MONITOR,
                    Operation.TIMER,
                    Operation.AGENT_GET,
                    Operation.AGENT_UPDATE,
                    Operation.LOOKUP,
                    Operation.WHEREIS,
                    Operation.IDLE,
                    Operation.IDLE_SUPERVISED,
                    Operation.RESTART,
                    Operation.REQUEST_REPLY,
                    Operation.TIMERS_MILLION,
                    Operation.TIMER_ACCURACY,
                    Operation.IDLE_NAMED,
                    Operation.IDLE_CPU,
                    Operation.MILLION,
                    Operation.ACTIVE_100000,
                    Operation.INSIDE_64);

    /// The operations that Pekko's actors do not finish, or of which they get no sample, in the
    /// heap and the time of a run.
    private static final Set<Operation> TOO_MUCH_FOR_PEKKO =
            Set.of(Operation.MILLION, Operation.OUTSIDE_8, Operation.OUTSIDE_64);

    /// The operations of which pairs of virtual threads with a lock leave no sample, because they
    /// never wait.
    private static final Set<Operation> TOO_MUCH_FOR_LOCKS =
            Set.of(Operation.OUTSIDE_2, Operation.OUTSIDE_8, Operation.OUTSIDE_64);

    private final String title;
    private final List<Theme> themes;

    Contestant(String title, Theme... themes) {
        this.title = title;
        this.themes = List.of(themes);
    }

    Contestant(String title, List<Theme> themes) {
        this.title = title;
        this.themes = themes;
    }

    /// Returns whether it takes part only if it is named.
    boolean isExtra() {
        return recording() != Recordings.NONE;
    }

    private Recordings recording() {
        return switch (this) {
            case RECORDED, RECORDED_NB -> Recordings.ONE;
            case AFTERWARDS, AFTERWARDS_NB -> Recordings.ENDED;
            default -> Recordings.NONE;
        };
    }

    /// Brings the JVM into the state in which the contestant is measured.
    void prepare() throws IOException, ParseException {
        recording().begin();
    }

    String title() {
        return title;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean has(Operation operation) {
        return this == BEAM ? ON_THE_BEAM.contains(operation) : work(operation) != null;
    }

    /// Returns whether the contestant is known to exceed the time or the heap of a run, or to get
    /// no sample. docs/performance.md says why.
    boolean mayFail(Operation operation) {
        return switch (this) {
            case PEKKO -> TOO_MUCH_FOR_PEKKO.contains(operation);
            case LOCK -> TOO_MUCH_FOR_LOCKS.contains(operation);
            default -> false;
        };
    }

    /// Returns the work, not yet begun, or null if the contestant does not have the operation.
    @Nullable Work work(Operation operation) {
        Work timed = timed(operation.base());
        return operation.isAllocation() ? allocated(timed) : timed;
    }

    /// Returns the operations on this library's servers.
    ///
    /// @param options for every server
    private static Theme servers(StartOption... options) {
        return operation ->
                Stream.<Theme>of(
                                one -> Ours.servers(one, options),
                                one -> OursLives.servers(one, options),
                                one -> OursMany.servers(one, options),
                                one -> OursContext.servers(one, options),
                                one -> Savina.ours(one, options))
                        .map(theme -> theme.work(operation))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
    }

    private static @Nullable Work allocated(@Nullable Work work) {
        return work == null
                ? null
                : timing ->
                        work.measure(
                                new Work.Timing(
                                        timing.warmUp(), timing.time(), Work.Meter.ALLOCATION));
    }

    private @Nullable Work timed(Operation operation) {
        for (Theme theme : themes) {
            Work work = theme.work(operation);
            if (work != null) {
                return work;
            }
        }
        return null;
    }

    static Contestant of(String id) {
        for (Contestant contestant : values()) {
            if (contestant.id().equals(id)) {
                return contestant;
            }
        }
        throw new IllegalArgumentException("expected the name of a contestant, got: " + id);
    }
}
