package io.genserver.cluster.jgroups;

import java.io.DataInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jgroups.Global;
import org.jgroups.Message;
import org.jgroups.MessageFactory;
import org.jgroups.ObjectMessage;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.util.ObjectInputStreamWithClassloader;
import org.jgroups.util.ObjectWrapperSerializable;
import org.jgroups.util.SizeStreamable;
import org.jgroups.util.Util;

/// Keeps JGroups from reading serialized Java objects.
///
/// JGroups deserializes the payload of an `ObjectMessage` before anybody sees the message, so a
/// member could run code here with an object of a class that is on the class path. There are two
/// walls:
///
/// - [Checked] skips the bytes of such a payload. The engine gets the message without it, and cuts
///   the sender off. Without that JGroups would fail on the message and ask for it again without
///   end.
/// - JGroups' own filter (`jgroups.deserialization.filter`) refuses every class, because other
///   messages could lead there, too. It covers all that JGroups reads in this JVM, and nothing
///   else. A filter for the whole JVM (`jdk.serialFilter`) would also stop other code, such as
///   remote JMX. A filter that the user has set for the JVM goes on to count.
///
/// Both count for all channels of the JVM.
final class JavaObjects {

    private static final String NOTHING = "!*";

    private JavaObjects() {}

    /// Sets both up. The class of JGroups that reads objects takes the filter when it is loaded, so
    /// this fails if other code has used JGroups before without a filter.
    ///
    /// @throws IOException if JGroups would read objects
    static void refuse() throws IOException {
        if (System.getProperty(Global.DESERIALIZATION_FILTER) == null) {
            System.setProperty(Global.DESERIALIZATION_FILTER, NOTHING);
        }
        String filter = Filter.inUse();
        if (!filter.equals(NOTHING) || isRead(new Probe())) {
            throw new IOException(
                    "expected JGroups to refuse all Java objects, but its filter is "
                            + filter
                            + ": start the JVM with -D"
                            + Global.DESERIALIZATION_FILTER
                            + "="
                            + NOTHING);
        }
        Messages.refuseObjects();
    }

    /// Whether JGroups reads an object. The answer also shows what a filter factory of the program
    /// makes of the filter.
    private static boolean isRead(Probe probe) throws IOException {
        int before = Probe.READ.get();
        try {
            Util.objectFromByteBuffer(Util.objectToByteBuffer(probe));
        } catch (InvalidClassException e) {
            return Probe.READ.get() != before;
        } catch (ClassNotFoundException e) {
            throw new IOException("the probe was read in another class loader", e);
        }
        return true;
    }

    private static final class Probe implements Serializable {

        static final AtomicInteger READ = new AtomicInteger();

        @Serial private static final long serialVersionUID = 1;

        @Serial
        private void readObject(ObjectInputStream in) {
            READ.incrementAndGet();
        }
    }

    /// Sees the filter, which only subclasses do.
    private static final class Filter extends ObjectInputStreamWithClassloader {

        private Filter() throws IOException {
            super((ClassLoader) null);
        }

        static String inUse() {
            return String.valueOf(FILTER);
        }
    }

    /// Reaches the table of message types, which only subclasses do.
    private static final class Messages extends MessageFactory {

        static void refuseObjects() {
            creators[Message.OBJ_MSG] = Checked::new;
        }
    }

    /// A message whose payload is an object of JGroups, as its protocols send them, or is refused.
    static final class Checked extends ObjectMessage {

        private static final short SERIALIZED =
                ClassConfigurator.getMagicNumber(ObjectWrapperSerializable.class);

        @Override
        public Supplier<Message> create() {
            return Checked::new;
        }

        @Override
        public void readPayload(DataInput in) throws IOException, ClassNotFoundException {
            if (in.readByte() == 0) {
                return;
            }
            short type = in.readShort();
            if (type == SERIALIZED) {
                skip(in, in.readInt());
            } else if (type < 0) {
                throw new IOException("refused to create an object of a class given by its name");
            } else {
                SizeStreamable payload = ClassConfigurator.create(type);
                payload.readFrom(in);
                obj = payload;
            }
        }

        private static void skip(DataInput in, int length) throws IOException {
            int left = length; // -1 for null
            while (left > 0) {
                int skipped = in.skipBytes(left);
                if (skipped == 0) {
                    throw new EOFException("a message ends before its payload");
                }
                left -= skipped;
            }
        }
    }
}
