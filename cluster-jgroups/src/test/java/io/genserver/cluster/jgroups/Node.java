package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/// An engine with what it has told.
class Node implements Engine.Handler, AutoCloseable {

    /// What the engine told about members.
    record Change(Set<String> members, Set<String> merged) {}

    static final Duration CEILING = Duration.ofSeconds(30);
    static final Duration SILENCE = Duration.ofSeconds(3);

    final String address;
    final JGroupsEngine engine;
    final List<Change> changes = new CopyOnWriteArrayList<>();
    final List<byte[]> frames = new CopyOnWriteArrayList<>();
    volatile Set<Member> members = Set.of();

    Node(JGroupsOptions options) {
        this(options, SILENCE);
    }

    Node(JGroupsOptions options, Duration silence) {
        this.address = options.address().toString();
        this.engine =
                new JGroupsEngine(options.withFailureDetection(silence, Duration.ofMillis(500)));
    }

    static Node started(JGroupsOptions options) throws IOException {
        Node node = new Node(options);
        node.engine.start(node);
        return node;
    }

    /// Starts a node at an address.
    static Node started(String address, String... seeds) throws IOException {
        return started(JGroupsOptions.at(address).withSeeds(List.of(seeds)));
    }

    @Override
    public void members(Set<Member> members, Set<Member> merged) {
        this.members = members;
        changes.add(new Change(names(members), names(merged)));
    }

    @Override
    public void received(Member from, byte[] frame) {
        frames.add(frame);
    }

    private static Set<String> names(Set<Member> members) {
        return members.stream().map(Member::toString).collect(Collectors.toUnmodifiableSet());
    }

    /// Waits until exactly these nodes can be reached.
    Node sees(Node... others) {
        return sees(List.of(others).stream().map(node -> node.address).toArray(String[]::new));
    }

    Node sees(String... others) {
        await().atMost(CEILING)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() ->
                        assertThat(names(members))
                                .as("seen by %s", address)
                                .containsExactlyInAnyOrder(others));
        return this;
    }

    Member member(Node other) {
        return member(other.address);
    }

    Member member(String address) {
        return members.stream()
                .filter(member -> member.toString().equals(address))
                .findFirst()
                .orElseThrow();
    }

    void send(Node to, byte[] frame) throws InterruptedException {
        engine.send(member(to), frame);
    }

    void leave() {
        engine.close();
    }

    @Override
    public void close() {
        engine.close();
    }
}
