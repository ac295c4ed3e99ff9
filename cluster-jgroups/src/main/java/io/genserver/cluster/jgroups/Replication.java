package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How the nodes keep the [replicated maps][io.genserver.cluster.ReplicatedMaps] of an engine.
///
/// ```java
/// JGroupsOptions.at("10.0.0.5:7801").withReplication(Replication.of(secret).withExpectedNodes(3));
/// ```
///
/// The module `cluster-infinispan` has to be there at run time. The options have to be the same on
/// all nodes. An object of this class never changes; each method returns a new one.
public final class Replication {

    private static final int COPIES = 2;
    private static final int LEAST_SECRET = 16; // units: bytes

    private final String secret;
    private final int copies;
    private final int expectedNodes;

    private Replication(String secret, int copies, int expectedNodes) {
        this.secret = secret;
        this.copies = copies;
        this.expectedNodes = expectedNodes;
    }

    /// Returns options for two copies.
    ///
    /// The nodes encrypt and authenticate whole messages with a key made from the secret, because
    /// what keeps the maps trusts each member. They drop the messages of a node without the secret,
    /// so it cannot become a member. To change the secret, stop all nodes.
    ///
    /// The secret has to be random. Who can read the network, which TLS prevents, can check
    /// guesses.
    ///
    /// @param secret the secret, 16 bytes or more in UTF-8 and not blank, such as the cookie of the
    ///   cluster
    /// @return the options
    /// @throws IllegalArgumentException if the secret is shorter or blank
    public static Replication of(String secret) {
        if (secret.isBlank()) {
            throw new IllegalArgumentException("expected a secret, got a blank one");
        }
        int length = secret.getBytes(UTF_8).length;
        if (length < LEAST_SECRET) {
            throw new IllegalArgumentException(
                    "expected a secret of "
                            + LEAST_SECRET
                            + " bytes or more, because others can guess a shorter one, got: "
                            + length
                            + " bytes");
        }
        return new Replication(secret, COPIES, 0);
    }

    /// Returns options for two copies, with the secret in the first line of a file.
    ///
    /// @param file the file, which only the user of this program should be able to read
    /// @return the options
    /// @throws IOException if the file cannot be read
    /// @throws IllegalArgumentException if its first line is blank or shorter than 16 bytes
    public static Replication ofFile(Path file) throws IOException {
        return of(Files.readString(file).lines().findFirst().orElse("").strip());
    }

    /// Sets how many nodes keep each entry. With n copies, n - 1 nodes may be lost at once. If n
    /// nodes or more are cut off from the others, the others refuse the maps of which they do not
    /// have all copies. So five nodes need three copies to go on with all maps while two are cut
    /// off.
    ///
    /// @param count how many, 1 or more
    /// @return options with this number
    /// @throws IllegalArgumentException if it is less than 1
    public Replication withCopies(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "expected the number of copies to be 1 or more, got: " + count);
        }
        return new Replication(secret, count, expectedNodes);
    }

    /// Says how many nodes the cluster has when it is complete. From three on, a side of a
    /// partition that has lost half of its nodes or more refuses to read and write the entries of
    /// which the other side may have a copy. Give it the number of
    /// [io.genserver.cluster.ClusterOptions#withExpectedNodes].
    ///
    /// @param count how many, 1 or more
    /// @return options with this number
    /// @throws IllegalArgumentException if it is less than 1
    public Replication withExpectedNodes(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "expected the number of nodes to be 1 or more, got: " + count);
        }
        return new Replication(secret, copies, count);
    }

    String secret() {
        return secret;
    }

    /// Returns how many nodes keep each entry.
    ///
    /// @return 1 or more
    public int copies() {
        return copies;
    }

    /// Returns whether only a side with more than half of the nodes may use the maps.
    ///
    /// @return whether there are so many nodes that one side can have more than half
    public boolean needsMajority() {
        return expectedNodes >= 3;
    }

    /// Returns whether so many nodes may begin to keep maps.
    ///
    /// @param nodes how many nodes see each other
    /// @return whether they are more than half of the expected nodes, or no majority is needed
    public boolean isEnough(int nodes) {
        return !needsMajority() || 2 * nodes > expectedNodes;
    }

    @Override
    public String toString() {
        return "Replication[copies=" + copies + ", expectedNodes=" + expectedNodes + "]";
    }
}
