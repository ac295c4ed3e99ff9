package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.ports.FreePorts;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.PingHeader;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a node that starts looks for the others.
@Timeout(120)
class DiscoveryTest {

    /// Drops the questions for the members.
    private static final class Mute extends Protocol {

        private final CountDownLatch dropped = new CountDownLatch(1);
        private volatile boolean on;

        @Override
        public Object up(Event event) {
            return up_prot.up(event);
        }

        @Override
        public @Nullable Object up(Message message) {
            return isDropped(message) ? null : up_prot.up(message);
        }

        @Override
        public void up(MessageBatch batch) {
            batch.removeIf(this::isDropped, true);
            if (!batch.isEmpty()) {
                up_prot.up(batch);
            }
        }

        private boolean isDropped(Message message) {
            PingHeader header = message.getHeader(ClassConfigurator.getProtocolId(TCPPING.class));
            boolean isDropped = on && header != null && header.type() == PingHeader.GET_MBRS_REQ;
            if (isDropped) {
                dropped.countDown();
            }
            return isDropped;
        }
    }

    /// JGroups counts a node's question as an answer of that node. A coordinator that was paused
    /// asks first.
    @Test
    @SuppressWarnings("NullAway") // null are all members
    void a_seed_that_asks_before_it_answers_is_waited_for() throws Exception {
        JavaObjects.refuse();
        String a = FreePorts.nextAddress();
        String b = FreePorts.nextAddress();
        InetSocketAddress self = HostPort.parse(a).resolve();
        try (JChannel seed = Stack.channel(JGroupsOptions.at(a).withSeeds(List.of(b)), self)) {
            // Of nodes that are no members, the one with the smallest identifier begins alone.
            seed.addAddressGenerator(() -> new UUID(Long.MAX_VALUE, 0));
            Mute mute = new Mute();
            seed.stack().insertProtocol(mute, ProtocolStack.Position.ABOVE, Tcp.class);
            seed.connect(JGroupsEngine.CLUSTER);
            Discovery discovery = seed.stack().findProtocol(Discovery.class);
            mute.on = true;
            FutureTask<Node> start = new FutureTask<>(() -> Node.started(b, a));
            Thread.ofVirtual().start(start);
            for (int i = 0; i < 30 && !start.isDone(); i++) {
                discovery.findMembers(null, false, true, 0);
                Thread.sleep(100);
            }
            assertThat(start).isNotDone();
            mute.on = false;

            try (Node node = start.get(60, TimeUnit.SECONDS)) {
                node.sees(a);
                assertThat(node.changes).allMatch(change -> change.merged().isEmpty());
            }
        }
    }

    /// A member whose list of members changes closes its connections to all who are not on the
    /// list, so its answer to a node that starts may be lost.
    @Test
    void a_seed_that_closes_the_connection_is_asked_again() throws Exception {
        JavaObjects.refuse();
        String a = FreePorts.nextAddress();
        String b = FreePorts.nextAddress();
        InetSocketAddress self = HostPort.parse(a).resolve();
        try (JChannel seed = Stack.channel(JGroupsOptions.at(a), self)) {
            Mute mute = new Mute();
            seed.stack().insertProtocol(mute, ProtocolStack.Position.ABOVE, Tcp.class);
            seed.connect(JGroupsEngine.CLUSTER);
            mute.on = true;
            FutureTask<Node> start = new FutureTask<>(() -> Node.started(b, a));
            Thread.ofVirtual().start(start);
            assertThat(mute.dropped.await(60, TimeUnit.SECONDS)).isTrue();
            Tcp tcp = seed.stack().findProtocol(Tcp.class);
            await().until(() -> tcp.getOpenConnections() == 1);
            tcp.retainAll(Set.of());
            mute.on = false;

            try (Node node = start.get(60, TimeUnit.SECONDS)) {
                node.sees(a);
                assertThat(node.changes).allMatch(change -> change.merged().isEmpty());
            }
        }
    }
}
