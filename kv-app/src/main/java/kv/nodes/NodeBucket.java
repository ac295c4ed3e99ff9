package kv.nodes;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A bucket that may be used from any node. It takes its entries and its subscribers along when it
/// moves to another node.
///
/// Any request starts the bucket's process if there is none. But only [Create] makes it a bucket.
/// Each other request is answered with "no such bucket", and ends the process again. So the one
/// process that all nodes agree on decides whether the bucket exists.
final class NodeBucket
        implements GenServer<
                Optional<NodeBucket.State>, NodeBucket.State, NodeBucket.Request<?>, Void> {

    /// What the entries may need when they move as one message. Units: chars
    static final int MOST_CHARS = 16 << 20;

    /// What an entry needs in that message beside its chars.
    private static final int ENTRY = 16;

    /// How long a process that is no bucket waits to become one.
    private static final Duration UNUSED = Duration.ofMillis(500);

    sealed interface Request<R> extends Call<R> {}

    record Create() implements Request<Answer> {}

    /// Asks for the process of a bucket.
    record Find() implements Request<Optional<Pid>> {}

    record Get(String key) implements Request<Optional<Entry>> {}

    record Put(String key, String value) implements Request<Answer> {
        @Override
        public String toString() { // values do not belong into logs
            return "Put[key=" + key + ", value of " + value.length() + " characters]";
        }
    }

    record Delete(String key) implements Request<Optional<Entry>> {}

    /// Sends all changes from now on to a process, as [Changed]. The answer is the bucket.
    record Subscribe(Pid subscriber) implements Request<Optional<Pid>> {}

    record Crash(String message) implements Request<Answer> {}

    /// A change, for subscribers.
    ///
    /// @param value the new value; empty if the key was deleted
    record Changed(String key, Optional<String> value) {
        @Override
        public String toString() { // values do not belong into logs
            return "Changed[key=" + key + "]";
        }
    }

    /// What moves with a bucket.
    ///
    /// @param created whether this is a bucket
    record State(boolean created, Map<String, String> entries, Set<Pid> subscribers) {

        static State none() {
            return new State(false, new HashMap<>(), new HashSet<>());
        }

        /// Returns a copy that can be changed.
        State copy() {
            return new State(created, new HashMap<>(entries), new HashSet<>(subscribers));
        }

        @Override
        public String toString() { // values do not belong into logs
            return entries.size() + " entries, " + subscribers.size() + " subscribers";
        }
    }

    private enum Unused {
        STILL
    }

    private final Room room;
    private final Map<Ref, Pid> monitors = new HashMap<>();
    private long chars; // what the entries need in a message

    NodeBucket(Room room) {
        this.room = room;
    }

    @Override
    public Init<State> init(Optional<State> moved) {
        Processes.onExit(room);
        State state = moved.map(State::copy).orElseGet(State::none);
        if (!state.created()) {
            return Init.ok(state, Action.timeout(UNUSED, Unused.STILL));
        }
        room.start(state.entries());
        state.entries().forEach((key, value) -> chars += size(key, value));
        state.subscribers().forEach(this::watch);
        return Init.ok(state);
    }

    private void watch(Pid subscriber) {
        monitors.put(Processes.monitor(subscriber), subscriber);
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        if (!state.created()) {
            return first(request, state);
        }
        return switch (request) {
            case Create create -> reply(create, Answer.DONE, state);
            case Find find -> reply(find, Optional.of(Processes.self()), state);
            case Get get ->
                    reply(get, Optional.of(Entry.of(state.entries().get(get.key()))), state);
            case Put put -> reply(put, put(put, state), state);
            case Delete delete ->
                    reply(delete, Optional.of(Entry.of(delete(delete.key(), state))), state);
            case Subscribe subscribe -> {
                if (state.subscribers().add(subscribe.subscriber())) {
                    watch(subscribe.subscriber());
                }
                yield reply(subscribe, Optional.of(Processes.self()), state);
            }
            case Crash(String message) -> throw new IllegalStateException(message);
        };
    }

    /// Answers the request that has started this process.
    private CallResult<State> first(Request<?> request, State state) {
        return switch (request) {
            case Create create when room.open() ->
                    reply(
                            create,
                            Answer.DONE,
                            new State(true, state.entries(), state.subscribers()));
            case Create create -> end(create, Answer.OUT_OF_MEMORY, state);
            case Find find -> end(find, Optional.empty(), state);
            case Get get -> end(get, Optional.empty(), state);
            case Put put -> end(put, Answer.NOT_FOUND, state);
            case Delete delete -> end(delete, Optional.empty(), state);
            case Subscribe subscribe -> end(subscribe, Optional.empty(), state);
            case Crash crash -> end(crash, Answer.NOT_FOUND, state);
        };
    }

    private static <R> CallResult<State> end(Call<R> request, R reply, State state) {
        return CallResult.stop(ExitReason.NORMAL, request, reply, state);
    }

    private Answer put(Put put, State state) {
        String before = state.entries().get(put.key());
        long after = chars - size(put.key(), before) + size(put.key(), put.value());
        if (after > MOST_CHARS || !room.put(put.key(), before, put.value())) {
            return Answer.OUT_OF_MEMORY;
        }
        chars = after;
        state.entries().put(put.key(), put.value());
        tell(new Changed(put.key(), Optional.of(put.value())), state);
        return Answer.DONE;
    }

    private @Nullable String delete(String key, State state) {
        String before = state.entries().remove(key);
        if (before != null) {
            chars -= size(key, before);
            room.remove(key, before);
        }
        tell(new Changed(key, Optional.empty()), state);
        return before;
    }

    private static long size(String key, @Nullable String value) {
        return value == null ? 0 : (long) ENTRY + key.length() + value.length();
    }

    private static void tell(Changed change, State state) {
        state.subscribers().forEach(subscriber -> Processes.send(subscriber, change));
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case Unused _ -> {
                return CastResult.stop(ExitReason.NORMAL, state);
            }
            case Down(Ref monitor, var _, var _) when monitors.containsKey(monitor) ->
                    state.subscribers().remove(monitors.remove(monitor));
            default -> {
                return GenServer.super.handleInfo(message, state);
            }
        }
        return noreply(state);
    }
}
