package kv.server;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ReplyTo;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kv.store.Change;
import kv.store.Store;
import kv.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bucket of the service: what the chapter's bucket is, with subscribers, a limit on memory, and
/// a store.
///
/// With a store, a change is submitted, and applied when it is on disk. Then the subscribers get
/// it, and then its caller gets the answer. So nobody sees a change that can be lost. Requests that
/// only read do not wait.
///
/// @param name the bucket's name
/// @param memory the memory that all buckets share
/// @param store where the entries survive; null for nowhere
record Bucket(String name, Memory memory, @Nullable Store store)
        implements CallServer<Bucket.State, Bucket.Request> {

    private static final Logger log = LoggerFactory.getLogger(Bucket.class);

    sealed interface Request {}

    record Get(String key) implements Request, Call<Optional<String>> {}

    record Put(String key, String value) implements Request, Call<Outcome> {
        @Override
        public String toString() { // values do not belong into logs
            return "Put[key=" + key + ", value of " + value.length() + " bytes]";
        }
    }

    record Delete(String key) implements Request, Call<Outcome> {}

    record Subscribe(Subscriber subscriber) implements Request, Call<Ok> {}

    /// The entries, the subscribers by the monitor of their process, and what is told by the store.
    record State(
            Map<String, String> entries,
            Map<Ref, Subscriber> subscribers,
            Memory.Share share,
            Submitter submitter) {
        @Override
        public String toString() { // values do not belong into logs
            return entries.size() + " entries, " + subscribers.size() + " subscribers";
        }
    }

    /// Changes that are on disk.
    private record Committed(List<Change<ReplyTo<Outcome>>> changes) {
        @Override
        public String toString() { // values do not belong into logs
            return changes.size() + " changes";
        }
    }

    /// Changes that could not be written.
    private record NotCommitted(List<Change<ReplyTo<Outcome>>> changes, StoreException why) {
        @Override
        public String toString() { // values do not belong into logs
            return changes.size() + " changes: " + why.getMessage();
        }
    }

    /// Gets the store's answers and passes them to the bucket.
    private record Submitter(Pid bucket) implements Store.Owner<ReplyTo<Outcome>> {
        @Override
        public void committed(List<Change<ReplyTo<Outcome>>> changes) {
            Processes.send(bucket, new Committed(changes));
        }

        @Override
        public void failed(List<Change<ReplyTo<Outcome>>> changes, StoreException why) {
            Processes.send(bucket, new NotCommitted(changes, why));
        }
    }

    // Client API

    Start<Bucket> startLink(StartOption... options) {
        return CallServer.startLink(() -> this, options);
    }

    static Optional<String> get(Server<Bucket> bucket, String key) {
        return GenServer.call(bucket, new Get(key));
    }

    /// Sends all changes from now on to a process, as [Subscriber.Changed].
    static void subscribe(Server<Bucket> bucket, Subscriber subscriber) {
        GenServer.call(bucket, new Subscribe(subscriber));
    }

    // Server callbacks

    @Override
    public Init<State> init() {
        Submitter submitter = new Submitter(Processes.self());
        Map<String, String> entries;
        Memory.Share share;
        if (store == null) {
            entries = new HashMap<>();
            share = memory.new Share();
            Processes.onExit(share);
        } else {
            entries = store.takeOver(name, submitter);
            share = memory.stored(name);
        }
        share.start(entries);
        return Init.ok(new State(entries, new HashMap<>(), share, submitter));
    }

    @Override
    public CallResult<State> handleCall(Request request, From from, State state) {
        return switch (request) {
            case Get get -> reply(get, Optional.ofNullable(state.entries().get(get.key())), state);
            case Put put when store == null -> reply(put, put(put, state), state);
            case Delete delete when store == null -> {
                delete(delete.key(), state);
                yield reply(delete, Outcome.DONE, state);
            }
            case Put put -> submit(put, from.replyTo(put), state, store);
            case Delete delete -> {
                var change = new Change.Delete<>(name, delete.key(), from.replyTo(delete));
                store.submit(change, state.submitter());
                yield noreply(state);
            }
            case Subscribe subscribe -> {
                Subscriber subscriber = subscribe.subscriber();
                state.subscribers().put(Processes.monitor(subscriber.process()), subscriber);
                yield reply(subscribe, Ok.OK, state);
            }
        };
    }

    // Without a store

    private Outcome put(Put put, State state) {
        String before = state.entries().get(put.key());
        if (!state.share().put(put.key(), before, put.value())) {
            return Outcome.OUT_OF_MEMORY;
        }
        state.entries().put(put.key(), put.value());
        tell(put.key(), put.value(), state);
        return Outcome.DONE;
    }

    private static long sizeOf(String key, @Nullable String value) {
        return value == null ? 0 : Memory.sizeOf(key, value);
    }

    private void delete(String key, State state) {
        state.share().change(-sizeOf(key, state.entries().remove(key)));
        tell(key, null, state);
    }

    // With a store

    private CallResult<State> submit(Put put, ReplyTo<Outcome> caller, State state, Store store) {
        // The entry before needs its memory until the new one is on disk.
        if (!state.share().add(Memory.sizeOf(put.key(), put.value()))) {
            return reply(put, Outcome.OUT_OF_MEMORY, state);
        }
        store.submit(new Change.Put<>(name, put.key(), put.value(), caller), state.submitter());
        return noreply(state);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case Committed(var changes) -> changes.forEach(change -> apply(change, state));
            case NotCommitted(var changes, StoreException why) -> drop(changes, why, state);
            case Down down -> state.subscribers().remove(down.ref());
            default -> {
                return CallServer.super.handleInfo(message, state);
            }
        }
        return noreply(state);
    }

    private void apply(Change<ReplyTo<Outcome>> change, State state) {
        switch (change) {
            case Change.Put<?>(_, String key, String value, _) -> {
                state.share().change(-sizeOf(key, state.entries().put(key, value)));
                tell(key, value, state);
            }
            case Change.Delete<?>(_, String key, _) -> delete(key, state);
            case Change.Create<?> other -> throw new AssertionError(other);
        }
        GenServer.reply(change.caller(), Outcome.DONE);
    }

    private void drop(List<Change<ReplyTo<Outcome>>> changes, StoreException why, State state) {
        log.atDebug() // the store has reported it
                .addKeyValue("bucket", name)
                .log("{} changes could not be written: {}", changes.size(), why.getMessage());
        for (Change<ReplyTo<Outcome>> change : changes) {
            if (change instanceof Change.Put<?>(_, String key, String value, _)) {
                state.share().change(-Memory.sizeOf(key, value));
            }
            GenServer.reply(change.caller(), Outcome.of(why));
        }
    }

    /// Sends a change to all subscribers, and ends those that are too slow.
    ///
    /// @param value the new value; null if the key was deleted
    private void tell(String key, @Nullable String value, State state) {
        if (!state.subscribers().isEmpty()) {
            Subscriber.Changed change = Subscriber.Changed.of(key, Optional.ofNullable(value));
            state.subscribers().values().removeIf(subscriber -> !subscriber.reaches(name, change));
        }
    }
}
