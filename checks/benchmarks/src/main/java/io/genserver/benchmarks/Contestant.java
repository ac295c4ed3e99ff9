package io.genserver.benchmarks;

import io.genserver.StartOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
            OursMany::work,
            OursContext::work,
            Savina::ours),
    PEKKO(
            "Pekko typed",
            Pekko::work,
            PekkoLives::work,
            PekkoTimers::work,
            PekkoMany::work,
            PekkoOutside::work,
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

    private final String title;
    private final List<Theme> themes;

    Contestant(String title, Theme... themes) {
        this.title = title;
        this.themes = List.of(themes);
    }

    String title() {
        return title;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean has(Operation operation) {
        return this == BEAM
                ? operation.variant() != Operation.Variant.ALLOCATED
                        && ON_THE_BEAM.contains(operation.base())
                : work(operation) != null;
    }

    /// Returns the work, not yet begun, or null if the contestant does not have the operation.
    @Nullable Work work(Operation operation) {
        return switch (operation.variant()) {
            case PLAIN -> timed(operation);
            case ALLOCATED -> allocated(timed(operation.base()));
            case NON_BLOCKING ->
                    switch (this) {
                        case OURS -> Ours.with(operation.base(), StartOption.nonBlocking());
                        case VERTX, EXECUTOR -> null; // much slower, as the plain operation shows
                        default -> timed(operation.base());
                    };
        };
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
