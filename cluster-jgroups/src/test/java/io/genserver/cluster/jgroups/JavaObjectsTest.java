package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.util.Util;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JavaObjectsTest {

    /// Does what it wants when it is read.
    static final class Gadget implements Serializable {

        static final AtomicInteger READ = new AtomicInteger();

        @Serial private static final long serialVersionUID = 1;

        @Serial
        private void readObject(ObjectInputStream in) {
            READ.incrementAndGet();
        }
    }

    @Test
    void are_never_read_and_their_sender_is_cut_off() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(JGroupsEngine.class);
        log.start();
        logger.addAppender(log);
        try (Node a = Node.started(FreePorts.nextAddress());
                Node b = Node.started(FreePorts.nextAddress(), a.address);
                JChannel rogue = rogue(FreePorts.nextAddress(), a.address)) {
            a.sees(b.address, rogue.getName());
            b.sees(a.address, rogue.getName());

            Message poison = new ObjectMessage(address(rogue, a), new Gadget());
            rogue.send(poison);
            rogue.send(new BytesMessage(address(rogue, a), new byte[] {1}));

            a.sees(b);
            b.sees(a.address, rogue.getName());
            b.send(a, new byte[] {2});
            await().atMost(Node.CEILING).until(() -> !a.frames.isEmpty());
            assertThat(a.frames).containsExactly(new byte[] {2});
            assertThat(Gadget.READ).hasValue(0);
            assertThat(List.copyOf(log.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsOnlyOnce(
                            rogue.getName()
                                    + " has sent a serialized Java object instead of a frame; it"
                                    + " is cut off until it starts again");
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void are_not_read_in_messages_to_all() throws Exception {
        try (Node a = Node.started(FreePorts.nextAddress());
                JChannel rogue = rogue(FreePorts.nextAddress(), a.address)) {
            a.sees(rogue.getName());
            rogue.send(new ObjectMessage(null, new Gadget()));
            a.sees(new Node[0]);
            assertThat(Gadget.READ).hasValue(0);
        }
    }

    @Test
    void are_refused_wherever_jgroups_reads_one() throws Exception {
        JavaObjects.refuse();
        byte[] bytes = Util.objectToByteBuffer(new Gadget());
        assertThatThrownBy(() -> Util.objectFromByteBuffer(bytes))
                .isInstanceOf(InvalidClassException.class);
        assertThat(Gadget.READ).hasValue(0);
    }

    @Test
    void keep_an_engine_from_starting_if_jgroups_would_read_them() throws Exception {
        assertThat(startedWith("-Djgroups.deserialization.filter=java.**"))
                .isEqualTo(
                        "expected JGroups to refuse all Java objects, but its filter is java.**:"
                                + " start the JVM with -Djgroups.deserialization.filter=!*");
        assertThat(startedWith("-Djgroups.deserialization.filter=!*")).isEqualTo("started");
        assertThat(startedWith("-Djdk.serialFilter=java.**")).isEqualTo("started");
    }

    private static String startedWith(String option) throws IOException, InterruptedException {
        Jvm jvm = Jvm.start(List.of(option), Starting.class, FreePorts.nextAddress());
        try {
            return jvm.next();
        } finally {
            jvm.kill();
        }
    }

    static final class Starting {

        private Starting() {}

        public static void main(String[] arguments) {
            try {
                Node.started(arguments[0]).close();
                System.out.println("started");
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /// A member with the same protocols that does not use them as an engine does.
    private static JChannel rogue(String address, String seed) throws Exception {
        JGroupsOptions options = JGroupsOptions.at(address).withSeeds(List.of(seed));
        JChannel channel = Stack.channel(options, options.address().resolve());
        channel.connect("genserver");
        return channel;
    }

    private static org.jgroups.Address address(JChannel channel, Node node) {
        return channel.getView().getMembers().stream()
                .filter(member -> member.toString().equals(node.address))
                .findFirst()
                .orElseThrow();
    }
}
