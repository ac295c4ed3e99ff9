package kv.server;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.NoQuorumException;
import io.genserver.supervisor.ChildSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import kv.nodes.Answer;
import kv.nodes.Entry;
import kv.nodes.NodeBuckets;

/// The buckets of several nodes, as the server on one of them uses them. Each server limits the
/// memory of the buckets on its own node.
///
/// @param nodes the buckets
record SharedBuckets(NodeBuckets nodes) implements Buckets {

    @Override
    public List<ChildSpec<?>> childSpecs() {
        return List.of(nodes.childSpec());
    }

    @Override
    public Outcome create(String name) {
        return ask(() -> outcome(nodes.create(name)));
    }

    @Override
    public Optional<Entry> get(String bucket, String key) {
        return ask(() -> nodes.get(bucket, key));
    }

    @Override
    public <Q extends Bucket.Request & Call<Outcome>> Begun write(String bucket, Q request) {
        return new Begun.Done(ask(() -> change(bucket, request)));
    }

    private Outcome change(String bucket, Bucket.Request request) {
        return switch (request) {
            case Bucket.Put(String key, String value) -> outcome(nodes.put(bucket, key, value));
            case Bucket.Delete(String key) ->
                    nodes.delete(bucket, key).isPresent() ? Outcome.DONE : Outcome.NOT_FOUND;
            case Bucket.Get _, Bucket.Subscribe _ -> throw new AssertionError(request);
        };
    }

    private static Outcome outcome(Answer answer) {
        return switch (answer) {
            case DONE -> Outcome.DONE;
            case NOT_FOUND -> Outcome.NOT_FOUND;
            case OUT_OF_MEMORY -> Outcome.OUT_OF_MEMORY;
        };
    }

    @Override
    public Optional<Pid> subscribe(String bucket, Subscriber subscriber) {
        return ask(() ->
                nodes.subscribe(
                        bucket,
                        subscriber.process(),
                        (key, value) ->
                                subscriber.reaches(bucket, Subscriber.Changed.of(key, value))));
    }

    /// Asks a bucket, on whichever node it is.
    private static <R> R ask(Supplier<R> request) {
        try {
            return request.get();
        } catch (CallException failed) {
            if (failed.getCause() instanceof NoQuorumException) {
                throw new Unavailable("NO QUORUM", failed);
            }
            if (failed.serverReason() instanceof ExitReason.NodeDown) {
                throw new Unavailable("NODE DOWN", failed);
            }
            throw failed;
        }
    }

    @Override
    public List<String> list(int most) {
        return nodes.all().entrySet().stream()
                .limit(most)
                .map(entry ->
                        entry.getKey() + " " + entry.getValue() + " on " + entry.getValue().node())
                .toList();
    }

    @Override
    public List<String> info() {
        return List.of(
                "store volatile",
                "node " + Cluster.self(),
                "connected-nodes " + String.join(" ", Cluster.nodes()),
                "quorum " + Cluster.hasQuorum());
    }

    @Override
    public List<String> stats() {
        var all = nodes.all().values();
        long here = all.stream().filter(pid -> pid.node().equals(Cluster.self())).count();
        return List.of("buckets " + here, "buckets-of-all-nodes " + all.size());
    }

    @Override
    public Optional<String> nameOf(Pid bucket) {
        return Optional.ofNullable(nodes.names().get(bucket));
    }

    @Override
    public void open() throws IOException {
        nodes.join();
    }

    @Override
    public void close() {
        nodes.close();
    }

    @Override
    public void prepareStop() {
        nodes.leave();
    }
}
