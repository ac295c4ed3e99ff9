package io.genserver.cluster;

import io.genserver.GenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What a node brings into a cluster.
///
/// ```java
/// ClusterOptions.named("a@10.0.0.5")
///         .withCookieFile(Path.of("/etc/shop/cookie"))
///         .withTypes(PayloadTypes.of(Counter.Request.class));
/// ```
///
/// An object of this class never changes; each method returns a new one.
public final class ClusterOptions {

    private static final Pattern NAME = Pattern.compile("[\\w.-]+@[\\w.:\\[\\]-]+");

    private final String name;

    // Written only while a new object is made.
    private List<String> cookies = List.of();
    private PayloadTypes types = PayloadTypes.of();
    private Map<String, Starter> starters = Map.of();
    private int expectedNodes;
    private NameConflictResolver resolver = (_, one, _) -> one;
    private int maxMessage = ClusterNode.Options.DEFAULT_MAX_SIGNAL;
    private long queue = ClusterNode.Options.DEFAULT_QUEUE_BYTES;
    private long maxQueue = ClusterNode.Options.DEFAULT_MAX_QUEUE_BYTES;
    private Duration tickTime = ClusterNode.Options.DEFAULT_TICK_TIME;

    private ClusterOptions(String name) {
        this.name = name;
    }

    /// Makes a copy with a change.
    private ClusterOptions with(Consumer<ClusterOptions> change) {
        ClusterOptions copy = new ClusterOptions(name);
        copy.cookies = cookies;
        copy.types = types;
        copy.starters = starters;
        copy.expectedNodes = expectedNodes;
        copy.resolver = resolver;
        copy.maxMessage = maxMessage;
        copy.queue = queue;
        copy.maxQueue = maxQueue;
        copy.tickTime = tickTime;
        change.accept(copy);
        return copy;
    }

    /// Returns the options of a node with a name. A cookie has to be added.
    ///
    /// @param name the name, which no other node of the cluster may have: `name@host`, of letters,
    ///   digits, `_`, `.` and `-`. It is not used to find the host
    /// @return the options
    /// @throws IllegalArgumentException if it is not such a name
    public static ClusterOptions named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "expected a node's name such as shop@127.0.0.1, got: \"" + name + "\"");
        }
        return new ClusterOptions(name);
    }

    /// Sets the secret that all nodes of the cluster share. Nobody can connect without it.
    ///
    /// @param cookie the secret, not blank. It never crosses the network
    /// @return options with this cookie
    public ClusterOptions withCookie(String cookie) {
        return withCookies(List.of(cookie));
    }

    /// Sets several secrets, so that a cluster can change its cookie without a break: first add the
    /// new one at the end on all nodes, then put it first on all nodes, then remove the old one.
    ///
    /// @param all the secrets, none of them blank. The first one proves who this node is; each is
    ///   accepted from others
    /// @return options with these cookies
    public ClusterOptions withCookies(List<String> all) {
        List<String> copy = List.copyOf(all);
        return with(options -> options.cookies = copy);
    }

    /// Reads the secret from the first line of a file.
    ///
    /// @param file the file, which only the user of this program should be able to read
    /// @return options with this cookie
    /// @throws IOException if the file cannot be read
    /// @throws IllegalArgumentException if its first line is blank
    public ClusterOptions withCookieFile(Path file) throws IOException {
        String text = Files.readString(file);
        String line = text.lines().findFirst().orElse("").strip();
        if (line.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected a cookie in the first line of " + file + ", got: a blank line");
        }
        return withCookie(line);
    }

    /// Sets the types whose values may cross to other nodes. By default only those that every node
    /// knows may cross.
    ///
    /// @param all the types
    /// @return options with these types
    public ClusterOptions withTypes(PayloadTypes all) {
        Objects.requireNonNull(all, "types");
        return with(options -> options.types = all);
    }

    /// Lets other nodes start a server on this one, with [Cluster#startServer].
    ///
    /// @param key how other nodes name it
    /// @param server makes the server
    /// @param <A> the type of its argument
    /// @return options with this server
    public <A> ClusterOptions withServer(
            String key, Supplier<? extends GenServer<A, ?, ?, ?>> server) {
        return with(key, new Starter.OfServer(server));
    }

    /// Lets other nodes run a function in a process of its own on this one, with [Cluster#spawn].
    ///
    /// @param key how other nodes name it
    /// @param function what the process runs
    /// @param <A> the type of its argument
    /// @return options with this function
    public <A> ClusterOptions withFunction(String key, Consumer<? super A> function) {
        return with(key, new Starter.OfFunction(function));
    }

    private ClusterOptions with(String key, Starter starter) {
        Map<String, Starter> all = new HashMap<>(starters);
        if (all.put(Objects.requireNonNull(key, "key"), starter) != null) {
            throw new IllegalArgumentException(
                    "expected a key that is not in use, got: \"" + key + "\"");
        }
        return with(options -> options.starters = Map.copyOf(all));
    }

    /// Says how many nodes the cluster has when it is complete. If there are three or more, only a
    /// side with more than half of them may register names of [Global] in a partition, and run
    /// servers that the cluster has once. By default this is not known, and each side may. With two
    /// nodes each side may as well, because neither would be more than half.
    ///
    /// @param count how many, 1 or more; the same on all nodes
    /// @return options with this number
    /// @throws IllegalArgumentException if it is less than 1
    public ClusterOptions withExpectedNodes(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "expected the number of nodes to be 1 or more, got: " + count);
        }
        return with(options -> options.expectedNodes = count);
    }

    /// Sets who keeps a name of [Global] that two nodes have given to different processes while
    /// they were not connected. By default it is the process of the node with the smaller name.
    ///
    /// @param chosen decides; the same on all nodes
    /// @return options with this rule
    public ClusterOptions withNameConflict(NameConflictResolver chosen) {
        Objects.requireNonNull(chosen, "resolver");
        return with(options -> options.resolver = chosen);
    }

    /// Sets the longest message that this node sends or accepts. The default is 1 MiB.
    ///
    /// @param bytes the limit, from 64 KiB to 256 MiB; units: bytes
    /// @return options with this limit
    public ClusterOptions withMaxMessage(int bytes) {
        return with(options -> options.maxMessage = bytes);
    }

    /// Sets how much may wait for one node before its senders have to wait. The default is 4 MiB.
    ///
    /// @param bytes the limit, 1 or more; units: bytes
    /// @return options with this limit
    public ClusterOptions withQueue(long bytes) {
        return with(options -> options.queue = bytes);
    }

    /// Sets how much may wait for one node at most. Replies and what the nodes tell each other
    /// never wait for room, so they may exceed what [#withQueue] sets. If more than this has to
    /// wait, the connection to the node is dropped. The default is 256 MiB.
    ///
    /// @param bytes the limit, as much as that of [#withQueue] or more; units: bytes
    /// @return options with this limit
    public ClusterOptions withMaxQueue(long bytes) {
        return with(options -> options.maxQueue = bytes);
    }

    /// Sets how long a connected node may be silent before the connection to it is lost. The
    /// default is 12 s.
    ///
    /// A node that has nothing to send shows four times in this time that it lives. So a connection
    /// that carries nothing in one direction is noticed by both sides, also if a third node reaches
    /// both. Nodes may have different times.
    ///
    /// The engine notices most losses itself. Choose a time that is some seconds longer than that
    /// of the engine, because otherwise a connection can be lost and made anew, and be lost again
    /// when the engine notices what is over.
    ///
    /// The time in which this node is stopped, for example by its garbage collector, does not count
    /// for the others. The others count it: a node that is stopped for longer than their time is
    /// lost. Values below 3 s lose nodes that only have a long garbage collection or too little CPU
    /// time. A message has to arrive within this time, so a long one needs a network that is fast
    /// enough.
    ///
    /// Source: the `net_ticktime` of Erlang's `kernel`.
    ///
    /// @param time from 1 s to 1 h
    /// @return options with this time
    public ClusterOptions withTickTime(Duration time) {
        Objects.requireNonNull(time, "time");
        return with(options -> options.tickTime = time);
    }

    String name() {
        return name;
    }

    List<String> cookies() {
        return cookies;
    }

    PayloadTypes types() {
        return types;
    }

    Map<String, Starter> starters() {
        return starters;
    }

    int expectedNodes() {
        return expectedNodes;
    }

    NameConflictResolver resolver() {
        return resolver;
    }

    int maxMessage() {
        return maxMessage;
    }

    long queue() {
        return queue;
    }

    long maxQueue() {
        return maxQueue;
    }

    Duration tickTime() {
        return tickTime;
    }
}
