package kv.nodes;

import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.jgroups.JGroupsEngine;
import io.genserver.cluster.jgroups.JGroupsOptions;
import io.genserver.cluster.jgroups.Replication;
import io.genserver.cluster.jgroups.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import kv.OptionCheck;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options that make a program a node.
public final class NodeOptions {

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--node",
            paramLabel = "NAME@HOST:PORT",
            description =
                    "Be a node of this name, which other nodes reach at this address. The nodes share"
                            + " their buckets. Needs --cookie-file; any but a loopback address needs"
                            + " --node-tls-store too.")
    private @Nullable String node;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            split = ",",
            description =
                    "The address of another node, which is asked for the others. Can be given several"
                            + " times; not all seeds have to run.")
    private List<String> seeds = List.of();

    @Option(
            names = "--cookie-file",
            paramLabel = "FILE",
            description = "The first line of this file is the secret that all nodes share.")
    private @Nullable Path cookieFile;

    @Option(
            names = "--expected-nodes",
            paramLabel = "N",
            description =
                    "How many nodes there are. From 3 on, only a side of a partition with more than"
                            + " half of them has buckets.")
    private @Nullable Integer expectedNodes;

    @Option(
            names = "--node-tls-store",
            paramLabel = "FILE",
            description =
                    "Protect the connections of the nodes with TLS: a PKCS #12 file with the key of this"
                            + " node, its certificate, and that of the authority.")
    private @Nullable Path tlsStore;

    @Option(
            names = "--node-tls-password-file",
            paramLabel = "FILE",
            description = "The first line of this file is the password of --node-tls-store.")
    private @Nullable Path tlsPassword;

    @Option(
            names = "--node-tls-peer",
            paramLabel = "NAME",
            description =
                    "Accept only nodes whose certificate has this organizational unit or DNS name.")
    private @Nullable String tlsPeer;

    /// Makes the options; for picocli.
    public NodeOptions() {}

    /// Returns whether this program is a node. Checks that no option is missing.
    ///
    /// @return false if there is no `--node`
    public boolean isNode() {
        OptionCheck check = new OptionCheck(command);
        if (node == null) {
            if (!seeds.isEmpty() || cookieFile != null || expectedNodes != null || hasTls()) {
                throw check.wrong(
                        "expected --node together with --seed, --cookie-file, --expected-nodes and"
                                + " --node-tls-store");
            }
            return false;
        }
        if (cookieFile == null) {
            throw check.wrong(
                    "expected --cookie-file together with --node, because only nodes with the same"
                            + " cookie connect");
        }
        if ((tlsStore == null) != (tlsPassword == null) || (tlsPeer != null && tlsStore == null)) {
            throw check.wrong("expected --node-tls-store and --node-tls-password-file together");
        }
        if (expectedNodes != null) {
            check.atLeast("--expected-nodes", 1, expectedNodes);
        }
        return true;
    }

    private boolean hasTls() {
        return tlsStore != null || tlsPassword != null || tlsPeer != null;
    }

    /// Returns the name of this node.
    ///
    /// @return the name
    public String name() {
        return Objects.requireNonNull(node, "isNode() has been asked");
    }

    /// Reads the cookie and returns what makes the buckets of all nodes from the room for each
    /// bucket on this node.
    ///
    /// @return the function, whose result does not run yet
    /// @throws IOException if the file with the cookie cannot be read
    public Function<Supplier<Room>, NodeBuckets> buckets() throws IOException {
        Path file = Objects.requireNonNull(cookieFile, "isNode() has been asked");
        int expected = expectedNodes == null ? 1 : expectedNodes;
        try {
            ClusterOptions options =
                    ClusterOptions.named(name()).withCookieFile(file).withExpectedNodes(expected);
            JGroupsEngine engine =
                    new JGroupsEngine(
                            address()
                                    .withReplication(
                                            Replication.ofFile(file).withExpectedNodes(expected)));
            NodeBuckets.Carrier carrier = new NodeBuckets.Carrier(engine, engine.maps());
            return rooms -> new NodeBuckets(options, carrier, rooms);
        } catch (IllegalArgumentException notValid) {
            throw new OptionCheck(command).wrong(String.valueOf(notValid.getMessage()));
        }
    }

    private JGroupsOptions address() {
        JGroupsOptions plain =
                JGroupsOptions.at(name().substring(name().indexOf('@') + 1)).withSeeds(seeds);
        if (tlsStore == null || tlsPassword == null) {
            return plain;
        }
        Tls tls = Tls.of(tlsStore, tlsPassword);
        return plain.withTls(tlsPeer == null ? tls : tls.withPeerName(tlsPeer));
    }

    /// Returns what a user is told at the start.
    ///
    /// @return the words about this node
    public String description() {
        return "node %s; each change is on two nodes, so one may be lost".formatted(name());
    }
}
