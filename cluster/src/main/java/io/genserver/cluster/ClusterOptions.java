package io.genserver.cluster;

import io.genserver.GenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private final List<String> cookies;
    private final PayloadTypes types;
    private final Map<String, Starter> starters;
    private final int maxSignal;
    private final long queueBytes;

    private ClusterOptions(
            String name,
            List<String> cookies,
            PayloadTypes types,
            Map<String, Starter> starters,
            int maxSignal,
            long queueBytes) {
        this.name = name;
        this.cookies = cookies;
        this.types = types;
        this.starters = starters;
        this.maxSignal = maxSignal;
        this.queueBytes = queueBytes;
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
        return new ClusterOptions(
                name,
                List.of(),
                PayloadTypes.of(),
                Map.of(),
                ClusterNode.Options.DEFAULT_MAX_SIGNAL,
                ClusterNode.Options.DEFAULT_QUEUE_BYTES);
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
        return new ClusterOptions(name, List.copyOf(all), types, starters, maxSignal, queueBytes);
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
        return new ClusterOptions(
                name, cookies, Objects.requireNonNull(all), starters, maxSignal, queueBytes);
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
        if (all.put(Objects.requireNonNull(key), starter) != null) {
            throw new IllegalArgumentException(
                    "expected a key that is not in use, got: \"" + key + "\"");
        }
        return new ClusterOptions(name, cookies, types, Map.copyOf(all), maxSignal, queueBytes);
    }

    /// Sets the longest message that this node sends or accepts. The default is 1 MiB.
    ///
    /// @param bytes the limit, from 64 KiB to 256 MiB; units: bytes
    /// @return options with this limit
    public ClusterOptions withMaxMessage(int bytes) {
        return new ClusterOptions(name, cookies, types, starters, bytes, queueBytes);
    }

    /// Sets how much may wait for one node before its senders have to wait. The default is 4 MiB.
    ///
    /// @param bytes the limit, 1 or more; units: bytes
    /// @return options with this limit
    public ClusterOptions withQueue(long bytes) {
        return new ClusterOptions(name, cookies, types, starters, maxSignal, bytes);
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

    int maxSignal() {
        return maxSignal;
    }

    long queueBytes() {
        return queueBytes;
    }
}
