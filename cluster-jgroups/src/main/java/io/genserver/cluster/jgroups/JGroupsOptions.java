package io.genserver.cluster.jgroups;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where a node listens, whom it asks for the others, and how they are protected and watched.
///
/// ```java
/// JGroupsOptions.at("10.0.0.5:7801")
///         .withSeeds(List.of("10.0.0.6:7801", "10.0.0.7:7801"))
///         .withTls(Tls.of(Path.of("node.p12"), Path.of("node.password")));
/// ```
///
/// An object of this class never changes; each method returns a new one.
public final class JGroupsOptions {

    private static final Duration SILENCE = Duration.ofSeconds(8);
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);

    private final HostPort address;
    private final List<HostPort> seeds;
    private final Optional<Tls> tls;
    private final Duration silence;
    private final Duration heartbeat;
    private final Optional<Replication> replication;

    private JGroupsOptions(
            HostPort address,
            List<HostPort> seeds,
            Optional<Tls> tls,
            Duration silence,
            Duration heartbeat,
            Optional<Replication> replication) {
        this.address = address;
        this.seeds = seeds;
        this.tls = tls;
        this.silence = silence;
        this.heartbeat = heartbeat;
        this.replication = replication;
    }

    /// Returns the options of a node that listens at an address, without seeds and without TLS.
    ///
    /// Without TLS the host has to be a loopback address, such as `127.0.0.1`.
    ///
    /// @param address `host:port`, for IPv6 `[host]:port`. Other nodes connect to this address. The
    ///   port is from 1 to 65535; no other port is tried
    /// @return the options
    /// @throws IllegalArgumentException if it is not such an address
    public static JGroupsOptions at(String address) {
        return new JGroupsOptions(
                HostPort.parse(address),
                List.of(),
                Optional.empty(),
                SILENCE,
                HEARTBEAT,
                Optional.empty());
    }

    /// Sets the nodes that this node asks for the others when it starts, and when it looks for
    /// nodes that were cut off. Not all have to run. The list should be the same on all nodes; a
    /// node may find its own address there. If the lists differ, nodes that start while a seed is
    /// slow to answer may begin without it, and are merged with it later.
    ///
    /// @param seeds addresses as `host:port`
    /// @return options with these seeds
    /// @throws IllegalArgumentException if one is not such an address
    public JGroupsOptions withSeeds(List<String> seeds) {
        return new JGroupsOptions(
                address,
                seeds.stream().map(HostPort::parse).toList(),
                tls,
                silence,
                heartbeat,
                replication);
    }

    /// Protects all connections with TLS 1.3. Both sides of a connection show a certificate.
    ///
    /// @param tls the keys
    /// @return options with TLS
    public JGroupsOptions withTls(Tls tls) {
        return new JGroupsOptions(
                address, seeds, Optional.of(tls), silence, heartbeat, replication);
    }

    /// Sets when a node that is silent counts as lost. The defaults are 8 s and 2 s.
    ///
    /// A node whose process ends is noticed earlier, because its connections end with it. The time
    /// is for nodes that hang and for broken networks. Values below 3 s report nodes that only have
    /// a long garbage collection or too little CPU time.
    ///
    /// @param silence how long a node may be silent, at least twice the heartbeat
    /// @param heartbeat how often a node shows that it lives, at least 1 ms
    /// @return options with these times
    /// @throws IllegalArgumentException if a time is too short
    public JGroupsOptions withFailureDetection(Duration silence, Duration heartbeat) {
        if (heartbeat.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "expected heartbeat to be 1 ms or more, got: " + heartbeat);
        }
        if (silence.compareTo(heartbeat.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "expected silence to be at least twice the heartbeat "
                            + heartbeat
                            + ", got: "
                            + silence);
        }
        return new JGroupsOptions(address, seeds, tls, silence, heartbeat, replication);
    }

    /// Lets the nodes keep maps together, see [JGroupsEngine#maps]. All nodes of the cluster need
    /// this option.
    ///
    /// @param options how they keep them
    /// @return options with replicated maps
    public JGroupsOptions withReplication(Replication options) {
        return new JGroupsOptions(address, seeds, tls, silence, heartbeat, Optional.of(options));
    }

    HostPort address() {
        return address;
    }

    List<HostPort> seeds() {
        return seeds;
    }

    Optional<Tls> tls() {
        return tls;
    }

    Duration silence() {
        return silence;
    }

    Duration heartbeat() {
        return heartbeat;
    }

    Optional<Replication> replication() {
        return replication;
    }
}
