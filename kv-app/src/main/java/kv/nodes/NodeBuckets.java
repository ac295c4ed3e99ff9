package kv.nodes;

import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.DistributedSupervisor;
import io.genserver.cluster.PayloadTypes;
import io.genserver.cluster.ReplicatedMaps;
import io.genserver.cluster.engine.Engine;
import io.genserver.supervisor.ChildSpec;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import kv.nodes.NodeBucket.Changed;
import org.jspecify.annotations.Nullable;

/// The buckets of all nodes, by name. Each bucket lives on one node, and each node finds it there.
/// When a node comes, leaves or is lost, buckets move. A change returns when two nodes have it.
///
/// Any process may use it. A request waits up to 5 s for the bucket. It fails with an
/// [io.genserver.CallException] if the bucket crashes, if its node is lost, or if this node is cut
/// off from most others.
public final class NodeBuckets implements Closeable {

    private static final String BUCKETS = "KV.Buckets";

    /// What may cross to another node beside the types that every node knows.
    private static final PayloadTypes TYPES =
            PayloadTypes.of(
                    NodeBucket.Request.class,
                    NodeBucket.State.class,
                    Changed.class,
                    Answer.class,
                    Entry.class);

    /// Enough for the largest value, whose chars need 3 bytes at most.
    private static final int LONGEST_MESSAGE = 4 * NodeBucket.MOST_CHARS;

    /// What carries a cluster, and the maps that its nodes keep.
    ///
    /// @param engine the engine
    /// @param maps the maps
    public record Carrier(Engine engine, ReplicatedMaps maps) {}

    /// How long this node waits at its start until it is connected.
    private static final Duration MEETING = Duration.ofSeconds(5);

    /// How long buckets may take to move to other nodes when this one leaves.
    private static final Duration LEAVING = Duration.ofSeconds(5);

    /// How long this node may take to leave at its end. Its buckets move, and then it waits up to
    /// 10 s for other nodes that leave.
    public static final Duration END = LEAVING.plusSeconds(10);

    private final ClusterOptions options;
    private final Carrier carrier;
    private final DistributedSupervisor<String, NodeBucket> buckets;
    private volatile @Nullable Cluster cluster; // set by join

    /// Declares the buckets. They can be used after [#join], when the child of [#childSpec] runs.
    ///
    /// @param options the name of this node, its cookie and so on
    /// @param carrier what carries the cluster; joins once
    /// @param rooms makes the room of a bucket on this node
    public NodeBuckets(ClusterOptions options, Carrier carrier, Supplier<? extends Room> rooms) {
        this.options = options.withTypes(TYPES).withMaxMessage(LONGEST_MESSAGE);
        this.carrier = carrier;
        buckets =
                DistributedSupervisor.<String, NodeBucket.State, NodeBucket>of(
                                BUCKETS, name -> new NodeBucket(name, carrier.maps(), rooms.get()))
                        .withHandOver();
    }

    /// Makes this program a node. Waits up to 5 s until it is connected with the nodes that it has
    /// found, so that it finds their buckets from then on.
    ///
    /// @throws IOException if it cannot listen at its address, or may not, or cannot read a file
    public void join() throws IOException {
        Meeting meeting = new Meeting(carrier.engine());
        cluster = Cluster.start(options, meeting);
        meeting.await(MEETING);
    }

    /// Returns the specification of the processes that find and supervise buckets.
    ///
    /// @return the specification; the node has to be in a cluster when the child starts
    public ChildSpec<?> childSpec() {
        return buckets.childSpec();
    }

    /// Moves the buckets of this node to other nodes, because this one is going to leave. Waits up
    /// to 5 s.
    ///
    /// @return false if some buckets are still here, such as when there is no other node
    public boolean leave() {
        return buckets.drain(LEAVING);
    }

    /// Leaves the other nodes. Waits up to 20 s while other nodes leave or entries move between
    /// nodes. Does nothing if this program is no node.
    @Override
    public void close() {
        Cluster joined = cluster;
        if (joined != null) {
            joined.close();
        }
    }

    /// Creates a bucket, unless there is one of that name. Returns when two nodes know it.
    ///
    /// @param bucket the bucket's name
    /// @return done, or out of memory
    public Answer create(String bucket) {
        return call(bucket, new NodeBucket.Create());
    }

    /// Finds the process of a bucket.
    ///
    /// @param bucket the bucket's name
    /// @return the process; empty if there is no such bucket
    public Optional<Pid> find(String bucket) {
        return call(bucket, new NodeBucket.Find());
    }

    /// Returns what a bucket has under a key.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    /// @return the entry; empty if there is no such bucket
    public Optional<Entry> get(String bucket, String key) {
        return call(bucket, new NodeBucket.Get(key));
    }

    /// Stores a value under a key. Returns when two nodes have it.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    /// @param value the value
    /// @return how it went
    public Answer put(String bucket, String key, String value) {
        return call(bucket, new NodeBucket.Put(key, value));
    }

    /// Deletes a key. Returns when no node can find it.
    ///
    /// @param bucket the bucket's name
    /// @param key the key
    /// @return the entry before; empty if there is no such bucket
    public Optional<Entry> delete(String bucket, String key) {
        return call(bucket, new NodeBucket.Delete(key));
    }

    /// Makes a bucket throw an exception.
    ///
    /// @param bucket the bucket's name
    /// @param message the message of the exception
    /// @return not found, if there is no such bucket; otherwise the call fails
    public Answer crash(String bucket, String message) {
        return call(bucket, new NodeBucket.Crash(message));
    }

    /// Stops a bucket, whose entries are gone then.
    ///
    /// @param bucket the bucket's name
    /// @return false if there is no such bucket
    public boolean stop(String bucket) {
        return call(bucket, new NodeBucket.Stop()) == Answer.DONE;
    }

    /// Sends the changes of a bucket to a function until the subscriber or the bucket ends. Also
    /// follows the bucket to other nodes.
    ///
    /// @param bucket the bucket's name
    /// @param subscriber the process whose end ends the subscription
    /// @param change gets the key and the new value of each change, which is empty if the key was
    ///   deleted; runs in a process of its own, and ends the subscription with false
    /// @return that process, which ends with the subscription; empty if there is no such bucket
    public Optional<Pid> subscribe(
            String bucket, Pid subscriber, BiPredicate<String, Optional<String>> change) {
        return find(bucket).isEmpty()
                ? Optional.empty()
                : Optional.of(Processes.spawn(new Follower(this, bucket, subscriber, change)));
    }

    /// Lets the current process get a [Changed] for each change of a bucket.
    Optional<Pid> subscribe(String bucket) {
        return call(bucket, new NodeBucket.Subscribe(Processes.self()));
    }

    private <R> R call(String bucket, NodeBucket.Request<R> request) {
        return GenServer.call(buckets.server(bucket), request);
    }

    /// Returns the buckets of all nodes, as far as this node knows them.
    ///
    /// @return the processes by the names of the buckets, in alphabetical order
    public SortedMap<String, Pid> all() {
        SortedMap<String, Pid> all = new TreeMap<>();
        for (String name : buckets.keys()) {
            buckets.whereis(name).ifPresent(pid -> all.put(name, pid));
        }
        return all;
    }

    /// Returns the names of the buckets by their processes.
    ///
    /// @return the names
    public Map<Pid, String> names() {
        return all().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey, (one, _) -> one));
    }
}
