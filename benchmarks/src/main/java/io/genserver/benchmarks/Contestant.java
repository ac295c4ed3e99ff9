package io.genserver.benchmarks;

import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Who does the work.
@SuppressWarnings("ImmutableEnumChecker") // the functions are references to static methods
enum Contestant {
    OURS("this library", Ours::work),
    PEKKO("Pekko typed", Pekko::work),
    VERTX("Vert.x event bus", VertxBus::work),
    LOCK("ReentrantLock", Today.Lock::work),
    EXECUTOR("executor, CompletableFuture", Today.Executor::work),
    MAP("ConcurrentHashMap", Today.SharedMap::work),
    QUEUE("JCTools queue alone", RawQueue::work),
    BEAM("Erlang/OTP", _ -> null);

    /// What bench.erl has.
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
                    Operation.RESTART);

    private final String title;
    private final Function<Operation, @Nullable Work> works;

    Contestant(String title, Function<Operation, @Nullable Work> works) {
        this.title = title;
        this.works = works;
    }

    String title() {
        return title;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean has(Operation operation) {
        return this == BEAM ? ON_THE_BEAM.contains(operation) : works.apply(operation) != null;
    }

    /// The work, not begun; null if the contestant has no such operation.
    @Nullable Work work(Operation operation) {
        return works.apply(operation);
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
