package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.ports.FreePorts;
import java.util.List;
import java.util.Set;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.stack.ProtocolStack;
import org.junit.jupiter.api.Test;

class TrafficTest {

    /// A channel as an engine with replication has it.
    private static final class Side implements Engine.Handler, AutoCloseable {

        final JChannel channel;
        final Traffic traffic;
        volatile int members;

        Side(String address, String... seeds) throws Exception {
            JGroupsOptions options =
                    JGroupsOptions.at(address)
                            .withSeeds(List.of(seeds))
                            .withReplication(Replication.of("a secret of this test"));
            channel = Stack.channel(options, options.address().resolve());
            traffic = new Traffic(channel, this, true);
            channel.setReceiver(traffic);
            channel.connect("genserver");
        }

        @Override
        public void members(Set<Member> all, Set<Member> merged) {
            members = all.size();
        }

        @Override
        public void received(Member from, byte[] frame) {
            throw new AssertionError("no frame was sent by an engine");
        }

        @Override
        public void close() {
            traffic.close();
        }
    }

    @Test
    void messages_of_maps_are_still_sent_after_the_way_was_made_anew() throws Exception {
        try (Side a = new Side(FreePorts.nextAddress());
                Side b = new Side(FreePorts.nextAddress(), a.channel.getName())) {
            await().atMost(Node.CEILING).until(() -> a.members == 1);
            DISCARD wire = new DISCARD();
            a.channel
                    .getProtocolStack()
                    .insertProtocol(wire, ProtocolStack.Position.ABOVE, Tcp.class);
            wire.discardAll(true);
            for (int i = 0; i < 100; i++) {
                a.channel.send(new BytesMessage(b.channel.getAddress(), new byte[] {(byte) i}));
            }
            UNICAST3 connections = a.channel.getProtocolStack().findProtocol(UNICAST3.class);
            assertThat(connections.getNumUnackedMessages()).isGreaterThanOrEqualTo(100);

            a.traffic.renew(b.channel.getAddress());
            assertThat(connections.getNumUnackedMessages()).isGreaterThanOrEqualTo(100);
        }
    }
}
