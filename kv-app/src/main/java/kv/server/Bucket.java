package kv.server;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bucket of the service: what the chapter's bucket is, with subscribers and a limit on memory.
///
/// @param name the bucket's name
/// @param memory the memory that all buckets share
record Bucket(String name, Memory memory) implements CallServer<Bucket.State, Bucket.Request> {

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

    /// The entries, and the subscribers by the monitor of their process.
    record State(
            Map<String, String> entries, Map<Ref, Subscriber> subscribers, Memory.Share share) {
        @Override
        public String toString() { // values do not belong into logs
            return entries.size() + " entries, " + subscribers.size() + " subscribers";
        }
    }

    // Client API

    Start<Bucket> startLink(StartOption... options) {
        return CallServer.startLink(() -> this, options);
    }

    static Optional<String> get(Server<Bucket> bucket, String key) {
        return GenServer.call(bucket, new Get(key));
    }

    static Outcome put(Server<Bucket> bucket, String key, String value) {
        return GenServer.call(bucket, new Put(key, value));
    }

    static Outcome delete(Server<Bucket> bucket, String key) {
        return GenServer.call(bucket, new Delete(key));
    }

    /// Sends all changes from now on to a process, as [Subscriber.Changed].
    static void subscribe(Server<Bucket> bucket, Subscriber subscriber) {
        GenServer.call(bucket, new Subscribe(subscriber));
    }

    // Server callbacks

    @Override
    public Init<State> init() {
        Memory.Share share = memory.new Share();
        Processes.onExit(share);
        share.addBucket();
        return Init.ok(new State(new HashMap<>(), new HashMap<>(), share));
    }

    @Override
    public CallResult<State> handleCall(Request request, From from, State state) {
        return switch (request) {
            case Get get -> reply(get, Optional.ofNullable(state.entries().get(get.key())), state);
            case Put put -> reply(put, put(put, state), state);
            case Delete delete -> reply(delete, delete(delete.key(), state), state);
            case Subscribe subscribe -> {
                Subscriber subscriber = subscribe.subscriber();
                state.subscribers().put(Processes.monitor(subscriber.process()), subscriber);
                yield reply(subscribe, Ok.OK, state);
            }
        };
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        if (message instanceof Down down) {
            state.subscribers().remove(down.ref());
            return noreply(state);
        }
        return CallServer.super.handleInfo(message, state);
    }

    private Outcome put(Put put, State state) {
        if (!state.share().addEntry(put.key(), put.value())) {
            return Outcome.OUT_OF_MEMORY;
        }
        String before = state.entries().put(put.key(), put.value());
        if (before != null) {
            state.share().removeEntry(put.key(), before);
        }
        tell(put.key() + " SET TO " + put.value(), state);
        return Outcome.DONE;
    }

    private Outcome delete(String key, State state) {
        String before = state.entries().remove(key);
        if (before != null) {
            state.share().removeEntry(key, before);
        }
        tell(key + " DELETED", state);
        return Outcome.DONE;
    }

    /// Sends a change to all subscribers, and ends those that are too slow.
    private void tell(String line, State state) {
        if (!state.subscribers().isEmpty()) {
            Subscriber.Changed change = new Subscriber.Changed(line);
            state.subscribers().values().removeIf(subscriber -> !reaches(subscriber, change));
        }
    }

    private boolean reaches(Subscriber subscriber, Subscriber.Changed change) {
        if (subscriber.tell(change)) {
            return true;
        }
        log.atWarn()
                .addKeyValue("bucket", name)
                .addKeyValue("subscriber", subscriber.process())
                .log("A subscriber does not read fast enough and is disconnected");
        Processes.exit(subscriber.process(), ExitReason.shutdown("too slow"));
        return false;
    }
}
