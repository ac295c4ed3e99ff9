package kv.nodes;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicatedMaps;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A bucket that may be used from any node. Its entries are in a replicated map, so they are there
/// when the bucket starts on another node. Its subscribers move with it.
///
/// Any request starts the bucket's process. The bucket exists if there is a map of its name, and
/// [Create] makes one. Each other request to a bucket that does not exist is answered with "no such
/// bucket", and ends the process again. So the one process that all nodes agree on decides.
final class NodeBucket
        implements GenServer<
                Optional<NodeBucket.State>, NodeBucket.State, NodeBucket.Request<?>, Void> {

    /// What the entries may need, because a bucket that starts loads them at once. Units: chars
    static final int MOST_CHARS = 16 << 20;

    /// What an entry needs beside its chars.
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

    /// Removes the bucket with its entries, and ends its process.
    record Stop() implements Request<Answer> {}

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
    record State(Set<Pid> subscribers) {

        static State none() {
            return new State(new HashSet<>());
        }

        /// Returns a copy that can be changed.
        State copy() {
            return new State(new HashSet<>(subscribers));
        }
    }

    private enum Unused {
        STILL
    }

    private final String name;
    private final ReplicatedMaps maps;
    private final Room room;
    private final Map<Ref, Pid> monitors = new HashMap<>();
    private @Nullable ReplicatedMap entries; // null for no bucket
    private long chars; // what the entries need

    NodeBucket(String name, ReplicatedMaps maps, Room room) {
        this.name = name;
        this.maps = maps;
        this.room = room;
    }

    @Override
    public Init<State> init(Optional<State> moved) {
        Processes.onExit(room);
        entries = maps.open(name).orElse(null);
        if (entries == null) {
            return Init.ok(State.none(), Action.timeout(UNUSED, Unused.STILL));
        }
        Map<String, String> loaded = new HashMap<>();
        entries.keys().forEach(key -> loaded.put(key, String.valueOf(value(key))));
        room.start(loaded);
        loaded.forEach((key, value) -> chars += size(key, value));
        State state = moved.orElseGet(State::none).copy();
        state.subscribers().forEach(this::watch);
        return Init.ok(state);
    }

    private @Nullable String value(String key) {
        byte[] value = entries().get(key);
        return value == null ? null : new String(value, UTF_8);
    }

    private ReplicatedMap entries() {
        return Objects.requireNonNull(entries, "this is a bucket");
    }

    private void watch(Pid subscriber) {
        monitors.put(Processes.monitor(subscriber), subscriber);
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        if (entries == null) {
            return first(request, state);
        }
        return switch (request) {
            case Create create -> reply(create, Answer.DONE, state);
            case Find find -> reply(find, Optional.of(Processes.self()), state);
            case Get get -> reply(get, Optional.of(Entry.of(value(get.key()))), state);
            case Put put -> reply(put, put(put, state), state);
            case Delete delete ->
                    reply(delete, Optional.of(Entry.of(delete(delete.key(), state))), state);
            case Subscribe subscribe -> {
                if (state.subscribers().add(subscribe.subscriber())) {
                    watch(subscribe.subscriber());
                }
                yield reply(subscribe, Optional.of(Processes.self()), state);
            }
            case Stop stop -> {
                entries.delete();
                yield end(stop, Answer.DONE, state);
            }
            case Crash(String message) -> throw new IllegalStateException(message);
        };
    }

    /// Answers the request that has started this process.
    private CallResult<State> first(Request<?> request, State state) {
        return switch (request) {
            case Create create when room.open() -> {
                entries = maps.create(name);
                yield reply(create, Answer.DONE, state);
            }
            case Create create -> end(create, Answer.OUT_OF_MEMORY, state);
            case Find find -> end(find, Optional.empty(), state);
            case Get get -> end(get, Optional.empty(), state);
            case Put put -> end(put, Answer.NOT_FOUND, state);
            case Delete delete -> end(delete, Optional.empty(), state);
            case Subscribe subscribe -> end(subscribe, Optional.empty(), state);
            case Stop stop -> end(stop, Answer.NOT_FOUND, state);
            case Crash crash -> end(crash, Answer.NOT_FOUND, state);
        };
    }

    private static <R> CallResult<State> end(Call<R> request, R reply, State state) {
        return CallResult.stop(ExitReason.NORMAL, request, reply, state);
    }

    /// Stores a value. If that fails, this process ends, because nobody knows whether the value is
    /// stored. The next one loads what is.
    private Answer put(Put put, State state) {
        String before = value(put.key());
        long after = chars - size(put.key(), before) + size(put.key(), put.value());
        if (after > MOST_CHARS || !room.put(put.key(), before, put.value())) {
            return Answer.OUT_OF_MEMORY;
        }
        entries().put(put.key(), put.value().getBytes(UTF_8));
        chars = after;
        tell(new Changed(put.key(), Optional.of(put.value())), state);
        return Answer.DONE;
    }

    private @Nullable String delete(String key, State state) {
        String before = value(key);
        if (before != null) {
            entries().remove(key);
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
