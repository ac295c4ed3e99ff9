package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.protocols.DISCARD;
import org.jgroups.stack.ProtocolStack;
import org.junit.jupiter.api.Test;

class TrafficTest {

    /// What the maps of a channel do with it, which the engine does not see.
    private static final class Side implements Engine.Handler, AutoCloseable {

        final List<Integer> frames = new CopyOnWriteArrayList<>();
        final JGroupsOptions options;
        final JChannel channel;
        final Traffic traffic;

        Side(String address, String... seeds) throws Exception {
            options =
                    JGroupsOptions.at(address)
                            .withSeeds(List.of(seeds))
                            .withReplication(Replication.of("a secret of this test"));
            channel = Stack.channel(options, options.address().resolve());
            traffic = new Traffic(channel, this, true);
            channel.setReceiver(traffic);
            channel.connect("genserver");
        }

        @Override
        public void members(Set<Member> members, Set<Member> merged) {}

        @Override
        public void received(Member from, byte[] frame) {
            frames.add((int) frame[0]);
        }

        @Override
        public void close() {
            traffic.close();
        }
    }

    @Test
    void the_messages_of_maps_arrive_although_the_way_was_made_anew() throws Exception {
        try (Side a = new Side(Ports.free());
                Side b = new Side(Ports.free(), a.channel.getName())) {
            await().atMost(Node.CEILING).until(() -> a.channel.getView().size() == 2);
            DISCARD wire = new DISCARD();
            a.channel
                    .getProtocolStack()
                    .insertProtocol(wire, ProtocolStack.Position.ABOVE, Tcp.class);
            wire.discardAll(true);
            for (int i = 0; i < 100; i++) {
                a.channel.send(new BytesMessage(b.channel.getAddress(), new byte[] {(byte) i}));
            }
            a.traffic.renew(b.channel.getAddress());
            wire.discardAll(false);

            await().atMost(Node.CEILING)
                    .untilAsserted(() ->
                            assertThat(b.frames)
                                    .containsExactlyElementsOf(
                                            IntStream.range(0, 100).boxed().toList()));
        }
    }
}
