package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.genserver.ports.FreePorts;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.Header;
import org.jgroups.JChannel;
import org.jgroups.LongMessage;
import org.jgroups.Message;
import org.jgroups.Message.Flag;
import org.jgroups.Message.TransientFlag;
import org.jgroups.PhysicalAddress;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.GMS.GmsHeader;
import org.jgroups.stack.IpAddress;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Tuple;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class SealTest {

    private static final String SECRET = "a secret of this test";
    private static final short GMS_ID = ClassConfigurator.getProtocolId(GMS.class);

    private final Address a = UUID.randomUUID();
    private final Address b = UUID.randomUUID();

    private static Seal from;
    private static Seal to;

    @BeforeAll
    static void makeSeals() throws Exception {
        from = seal(SECRET);
        to = seal(SECRET);
    }

    @BeforeEach
    void setAddresses() {
        from.setAddress(a);
        to.setAddress(b);
    }

    /// What comes out of a [Seal] on one side.
    private static final class End extends Protocol {

        final List<Message> messages = new CopyOnWriteArrayList<>();

        @Override
        public @Nullable Object down(Message message) {
            messages.add(message);
            return null;
        }

        @Override
        public @Nullable Object up(Message message) {
            messages.add(message);
            return null;
        }

        @Override
        public void up(MessageBatch batch) {
            batch.forEach(messages::add);
        }
    }

    private static Seal seal(String secret) throws Exception {
        Seal seal = new Seal(secret);
        seal.setDownProtocol(new End());
        seal.setUpProtocol(new End());
        return seal;
    }

    private static Message sealed(Seal seal, Message message) {
        seal.down(message);
        return ((End) seal.getDownProtocol()).messages.getLast();
    }

    private static List<Message> opened(Seal seal, Message message) {
        List<Message> opened = ((End) seal.getUpProtocol()).messages;
        opened.clear();
        seal.up(message);
        return opened;
    }

    private static List<Message> openedAsBatch(Seal seal, Message... messages) {
        List<Message> opened = ((End) seal.getUpProtocol()).messages;
        opened.clear();
        MessageBatch batch = new MessageBatch(messages.length);
        batch.setSender(messages[0].getSrc()).setDest(messages[0].getDest());
        Stream.of(messages).forEach(batch::add);
        seal.up(batch);
        return opened;
    }

    private Message frame() {
        return new BytesMessage(b, "hello".getBytes(UTF_8))
                .setFlag(Flag.OOB)
                .putHeader(GMS_ID, new GmsHeader(GmsHeader.JOIN_REQ, a));
    }

    @Test
    void messages_of_all_kinds_arrive_with_their_headers_and_flags() {
        for (Message message :
                List.of(frame(), new EmptyMessage(b), new LongMessage(b, 17), new EmptyMessage())) {
            message.setFlag(TransientFlag.DONT_LOOPBACK);
            message.putHeader(GMS_ID, new GmsHeader(GmsHeader.JOIN_REQ, a));
            Message sealed = sealed(from, message);
            assertThat(sealed.isFlagSet(TransientFlag.DONT_LOOPBACK)).isTrue();

            for (List<Message> opened :
                    List.of(List.copyOf(opened(to, sealed)), openedAsBatch(to, sealed))) {
                assertThat(opened).hasSize(1);
                Message read = opened.getFirst();
                assertThat(read).isExactlyInstanceOf(message.getClass());
                assertThat(read.getSrc()).isEqualTo(a);
                assertThat(read.getDest()).isEqualTo(message.getDest());
                assertThat(read.getFlags(false)).isEqualTo(message.getFlags(false));
                assertThat(read.getHeaders()).containsKey(GMS_ID);
                assertThat(read.<Object>getPayload()).isEqualTo(message.getPayload());
            }
        }
    }

    @Test
    void nothing_of_a_message_can_be_read_and_none_is_sealed_twice_alike() {
        Message message = frame();
        Message first = sealed(from, message);
        Message second = sealed(from, message);
        assertThat(first.getHeaders()).isEmpty();
        assertThat(new String(first.getArray(), UTF_8)).doesNotContain("hello");
        assertThat(first.getArray()).isNotEqualTo(second.getArray());
        assertThat(message.<byte[]>getPayload()).isEqualTo("hello".getBytes(UTF_8));
    }

    static Stream<Arguments> forgeries() {
        return Stream.of(
                forgery("no payload", m -> new EmptyMessage(m.getDest()).setSrc(m.getSrc())),
                forgery("an empty payload", m -> m.setArray(new byte[0], 0, 0)),
                forgery("too short", m -> m.setArray(m.getArray(), 0, 20)),
                forgery("cut", m -> m.setArray(m.getArray(), 0, m.getLength() - 1)),
                forgery("another type", m -> new LongMessage(m.getDest(), 1).setSrc(m.getSrc())),
                forgery("another source", m -> m.setSrc(UUID.randomUUID())),
                forgery("another destination", m -> m.setDest(UUID.randomUUID())),
                forgery("to all", m -> m.setDest(null)),
                forgery("other flags", m -> m.clearFlag(Flag.OOB)),
                forgery("start", m -> flip(m, 0)),
                forgery("counter", m -> flip(m, 20)),
                forgery("text", m -> flip(m, 40)),
                forgery("tag", m -> flip(m, m.getLength() - 1)));
    }

    private static Arguments forgery(String name, UnaryOperator<Message> change) {
        return Arguments.of(name, change);
    }

    private static Message flip(Message message, int index) {
        message.getArray()[message.getOffset() + index] ^= 1;
        return message;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forgeries")
    void a_message_that_was_changed_is_dropped(String name, UnaryOperator<Message> change) {
        assertThat(opened(to, sealed(from, frame()))).as("unchanged").hasSize(1);
        assertThat(opened(to, change.apply(sealed(from, frame())))).as(name).isEmpty();
        Message changed = change.apply(sealed(from, frame()));
        assertThat(openedAsBatch(to, sealed(from, frame()), changed)).as(name).hasSize(1);
    }

    @Test
    void many_refused_messages_make_few_lines_in_the_log() throws Exception {
        Seal fresh = seal(SECRET);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(JGroupsEngine.class);
        lines.start();
        logger.addAppender(lines);
        try {
            Seal stranger = seal("another secret of it");
            for (int i = 0; i < 1_000; i++) {
                stranger.setAddress(UUID.randomUUID());
                Message message = sealed(stranger, new BytesMessage(b, new byte[10]));
                assertThat(opened(fresh, message)).isEmpty();
            }
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .hasSizeBetween(1, 100)
                .first()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .startsWith("refused messages from nodes without the secret: 1, the last one of ");
    }

    /// Counts the messages of one node at its place in a stack.
    private static final class Watch extends Protocol {

        final List<Message> messages = new CopyOnWriteArrayList<>();
        private final Address of;

        Watch(Address of) {
            this.of = of;
        }

        @Override
        public @Nullable Object up(Message message) {
            Object result = up_prot.up(message);
            note(message);
            return result;
        }

        @Override
        public void up(MessageBatch batch) {
            List<Message> all = batch.stream().toList();
            up_prot.up(batch);
            all.forEach(this::note);
        }

        private void note(Message message) {
            if (of.equals(message.getSrc())) {
                messages.add(message);
            }
        }
    }

    /// Knows no secret. Sends what it has found in messages of others together with its own.
    private static final class Forger extends Protocol {

        private final Map<Short, Header> headers = new ConcurrentHashMap<>();
        final List<Message> seen = new CopyOnWriteArrayList<>();

        @Override
        public @Nullable Object up(Message message) {
            seen.add(message);
            headers.putAll(message.getHeaders());
            headers.remove(ClassConfigurator.getProtocolId(TCP.class));
            return null;
        }

        @Override
        public void up(MessageBatch batch) {
            batch.forEach(this::up);
        }

        void send(Address from, Address to, GmsHeader header) {
            for (Message message :
                    List.of(
                            new BytesMessage(to),
                            new BytesMessage(to, seen.getLast().<byte[]>getPayload()))) {
                headers.forEach(message::putHeader);
                down_prot.down(message.setSrc(from).setFlag(Flag.OOB).putHeader(GMS_ID, header));
            }
        }
    }

    @Test
    void a_node_without_the_secret_neither_joins_nor_removes_members() throws Exception {
        String forgersAddress = FreePorts.nextAddress();
        Forger forger = new Forger();
        List<View> views = new CopyOnWriteArrayList<>();
        try (JChannel evil = new JChannel(List.of(tcp(forgersAddress), forger));
                JChannel x = channel(FreePorts.nextAddress(), forgersAddress)) {
            evil.connect("genserver");
            Address stranger = evil.getAddress();
            Watch below = new Watch(stranger);
            Watch above = new Watch(stranger);
            x.getProtocolStack().insertProtocol(below, ProtocolStack.Position.BELOW, Seal.class);
            x.getProtocolStack().insertProtocol(above, ProtocolStack.Position.ABOVE, Seal.class);
            x.setReceiver(
                    new Receiver() {
                        @Override
                        public void viewAccepted(View view) {
                            views.add(view);
                        }
                    });
            x.connect("genserver");
            try (JChannel y = channel(FreePorts.nextAddress(), x.getName());
                    JChannel z = channel(FreePorts.nextAddress(), x.getName())) {
                y.connect("genserver");
                await().atMost(Node.CEILING).until(() -> !forger.seen.isEmpty());
                await().atMost(Node.CEILING).until(() -> x.getView().size() == 2);
                evil.down(
                        new Event(
                                Event.ADD_PHYSICAL_ADDRESS,
                                new Tuple<Address, PhysicalAddress>(
                                        x.getAddress(), ip(x.getName()))));

                forger.send(stranger, x.getAddress(), new GmsHeader(GmsHeader.JOIN_REQ, stranger));
                forger.send(
                        stranger,
                        x.getAddress(),
                        new GmsHeader(GmsHeader.LEAVE_REQ, y.getAddress()));
                await().atMost(Node.CEILING).until(() -> below.messages.size() == 4);
                z.connect("genserver");

                await().atMost(Node.CEILING)
                        .until(() -> x.getView().containsMember(z.getAddress()));
                assertThat(x.getView().getMembers())
                        .containsExactly(x.getAddress(), y.getAddress(), z.getAddress());
                assertThat(views).noneMatch(view -> view.containsMember(stranger)).hasSize(3);
                assertThat(above.messages).isEmpty();
            }
        }
    }

    private static JChannel channel(String address, String... seeds) throws Exception {
        JGroupsOptions options =
                JGroupsOptions.at(address)
                        .withSeeds(List.of(seeds))
                        .withReplication(Replication.of(SECRET));
        return Stack.channel(options, options.address().resolve());
    }

    private static IpAddress ip(String address) throws Exception {
        return new IpAddress(HostPort.parse(address).resolve());
    }

    private static TCP tcp(String address) throws Exception {
        TCP tcp = new TCP();
        tcp.setBindAddr(InetAddress.getLoopbackAddress())
                .setBindPort(HostPort.parse(address).port())
                .setPortRange(0);
        tcp.setDiagnosticsHandler(tcp.createDiagnosticsHandler().setEnabled(false));
        return tcp;
    }
}
