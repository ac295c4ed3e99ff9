package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.genserver.Caller;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.RemoteException;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The codecs of values that are neither records nor collections.
final class ValueCodecs {

    /// The longest texts of exceptions and values that are put into words; the rest is cut off. In
    /// bytes they are three times as long at most, so all that is put into words fits into the
    /// shortest signal that a node may be set to.
    private static final int MAX_STACK = 12 * 1024;

    private static final int MAX_MESSAGE = 4 * 1024;
    static final int MAX_WORDS = 2 * 1024;

    static final Codec BOOLEAN =
            primitive(
                    false,
                    (out, value) -> out.cbor.writeBoolean((Boolean) value),
                    in -> in.cbor.getBooleanValue());
    static final Codec BYTE =
            primitive(
                    (byte) 0,
                    (out, value) -> out.cbor.writeNumber((Byte) value),
                    in -> exact(in, Byte.MIN_VALUE, Byte.MAX_VALUE).byteValue());
    static final Codec SHORT =
            primitive(
                    (short) 0,
                    (out, value) -> out.cbor.writeNumber((Short) value),
                    in -> exact(in, Short.MIN_VALUE, Short.MAX_VALUE).shortValue());
    static final Codec CHARACTER =
            primitive(
                    (char) 0,
                    (out, value) -> out.cbor.writeNumber((Character) value),
                    in -> (char) exact(in, 0, Character.MAX_VALUE).intValue());
    static final Codec INTEGER =
            primitive(
                    0,
                    (out, value) -> out.cbor.writeNumber((Integer) value),
                    in -> exact(in, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue());
    static final Codec LONG =
            primitive(
                    0L,
                    (out, value) -> out.cbor.writeNumber((Long) value),
                    in -> exact(in, Long.MIN_VALUE, Long.MAX_VALUE));
    static final Codec FLOAT =
            primitive(
                    0f,
                    (out, value) -> out.cbor.writeNumber((Float) value),
                    in -> number(in).getFloatValue());
    static final Codec DOUBLE =
            primitive(
                    0d,
                    (out, value) -> out.cbor.writeNumber((Double) value),
                    in -> number(in).getDoubleValue());
    static final Codec STRING =
            codec((out, value) -> out.cbor.writeString((String) value), ValueCodecs::text);
    static final Codec BYTES =
            codec(
                    (out, value) -> out.cbor.writeBinary((byte[]) value),
                    in -> {
                        in.expect(JsonToken.VALUE_EMBEDDED_OBJECT);
                        return in.cbor.getBinaryValue();
                    });
    static final Codec BIG_INTEGER =
            codec(
                    (out, value) -> out.cbor.writeBinary(((BigInteger) value).toByteArray()),
                    in -> new BigInteger((byte[]) BYTES.read(in)));
    static final Codec BIG_DECIMAL =
            codec(
                    (out, value) -> {
                        out.cbor.writeStartArray(value, 2);
                        BIG_INTEGER.write(out, ((BigDecimal) value).unscaledValue());
                        out.cbor.writeNumber(((BigDecimal) value).scale());
                        out.cbor.writeEndArray();
                    },
                    in -> {
                        start(in);
                        BigInteger unscaled = (BigInteger) next(in, BIG_INTEGER);
                        int scale = (Integer) next(in, INTEGER);
                        end(in);
                        return new BigDecimal(unscaled, scale);
                    });
    static final Codec UNIQUE_ID = text(UUID::fromString);
    static final Codec DURATION =
            pair(
                    value -> ((Duration) value).toSeconds(),
                    value -> (long) ((Duration) value).toNanosPart(),
                    (seconds, nanos) -> Duration.ofSeconds(seconds, nanos));
    static final Codec INSTANT =
            pair(
                    value -> ((Instant) value).getEpochSecond(),
                    value -> (long) ((Instant) value).get(ChronoField.NANO_OF_SECOND),
                    (seconds, nanos) -> Instant.ofEpochSecond(seconds, nanos));
    static final Codec THROWABLE = codec(ValueCodecs::writeThrowable, ValueCodecs::readThrowable);
    static final Codec STACK_FRAME =
            codec(
                    (out, value) -> {
                        StackTraceElement frame = (StackTraceElement) value;
                        out.cbor.writeStartArray(value, 4);
                        out.cbor.writeString(frame.getClassName());
                        out.cbor.writeString(frame.getMethodName());
                        out.cbor.writeString(frame.getFileName());
                        out.cbor.writeNumber(frame.getLineNumber());
                        out.cbor.writeEndArray();
                    },
                    in -> {
                        start(in);
                        String owner = (String) next(in, STRING);
                        String method = (String) next(in, STRING);
                        in.cbor.nextToken();
                        String file = (String) in.read(STRING);
                        int line = (Integer) next(in, INTEGER);
                        end(in);
                        return new StackTraceElement(owner, method, file, line);
                    });
    static final Codec STANDARD_REASON =
            codec(
                    (out, value) -> out.cbor.writeString(((Enum<?>) value).name()),
                    in -> standard(text(in)));
    static final Codec SERVER =
            codec(
                    (out, value) -> out.writeOpen(((Server<?>) value).untyped()),
                    in -> Server.of((ServerRef) in.readOpen()));
    static final Codec STATUS = codec(ValueCodecs::writeStatus, ValueCodecs::readStatus);

    static final Direct DIRECT_STRING =
            direct(
                    (out, ends, value) -> out.writeString((String) value),
                    (in, ends) -> in.readString());
    static final Direct DIRECT_BYTES =
            direct(
                    (out, ends, value) -> out.writeBytes((byte[]) value),
                    (in, ends) -> in.readBytes());
    static final Direct DIRECT_BOOLEAN =
            direct(
                    (out, ends, value) -> out.write((Boolean) value ? 1 : 0),
                    (in, ends) -> in.readBoolean());
    static final Direct DIRECT_LONG =
            direct(
                    (out, ends, value) -> out.writeSigned((Long) value),
                    (in, ends) -> in.readSigned());
    static final Direct DIRECT_INTEGER =
            direct(
                    (out, ends, value) -> out.writeSigned((Integer) value),
                    (in, ends) -> Math.toIntExact(in.readSigned()));
    static final Direct DIRECT_STANDARD_REASON =
            direct(
                    (out, ends, value) -> out.writeString(((Enum<?>) value).name()),
                    (in, ends) -> standard(in.readString()));
    static final Direct DIRECT_PID =
            direct(
                    (out, ends, value) -> ends.writePid(out, (Pid) value),
                    (in, ends) -> ends.readPid(in));
    static final Direct DIRECT_REF =
            direct(
                    (out, ends, value) -> ends.writeRef(out, (Ref) value),
                    (in, ends) -> ends.readRef(in));
    static final Direct DIRECT_CALLER =
            direct(
                    (out, ends, value) -> ends.writeCaller(out, (Caller) value),
                    (in, ends) -> ends.readCaller(in));

    static final Codec PID = embedded(DIRECT_PID);
    static final Codec REF = embedded(DIRECT_REF);
    static final Codec CALLER = embedded(DIRECT_CALLER);

    /// More than the longest address: two names of nodes and a few numbers.
    private static final int MAX_EMBEDDED = 64 * 1024;

    private ValueCodecs() {}

    /// Reads what a codec reads.
    @FunctionalInterface
    interface Read {
        Object from(PayloadReader in) throws IOException;
    }

    /// Writes what a codec writes.
    @FunctionalInterface
    interface Write {
        void to(PayloadWriter out, Object value) throws IOException;
    }

    private interface Make {
        Object of(long first, long second);
    }

    private interface DirectWrite {
        void to(FrameWriter out, Ends ends, Object value);
    }

    private interface DirectRead {
        Object from(FrameReader in, Ends ends) throws FrameException;
    }

    static Codec codec(Write write, Read read) {
        return new Codec() {
            @Override
            public void write(PayloadWriter out, Object value) throws IOException {
                write.to(out, value);
            }

            @Override
            public Object read(PayloadReader in) throws IOException {
                return read.from(in);
            }
        };
    }

    /// Makes the codec of a type that has a text from which it can be made again.
    static Codec text(Function<String, Object> parse) {
        return codec(
                (out, value) -> out.cbor.writeString(value.toString()),
                in -> parse.apply(text(in)));
    }

    /// Makes the codec of an enum, which is written as the name of its constant.
    static Codec constant(Class<?> type) {
        Map<String, Object> constants = new HashMap<>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), constant);
        }
        return codec(
                (out, value) -> out.cbor.writeString(((Enum<?>) value).name()),
                in -> {
                    String name = text(in);
                    Object constant = constants.get(name);
                    if (constant == null) {
                        throw new FrameException(
                                "expected a constant of " + type.getName() + ", got: " + name);
                    }
                    return constant;
                });
    }

    private static Codec primitive(Object zero, Write write, Read read) {
        return new Codec() {
            @Override
            public void write(PayloadWriter out, Object value) throws IOException {
                write.to(out, value);
            }

            @Override
            public Object read(PayloadReader in) throws IOException {
                return read.from(in);
            }

            @Override
            public Object absent() {
                return zero;
            }
        };
    }

    /// Makes the codec of a boxed type, which may be null, from that of its primitive type.
    static Codec boxed(Codec primitive) {
        return codec(primitive::write, primitive::read);
    }

    private static Direct direct(DirectWrite write, DirectRead read) {
        return new Direct() {
            @Override
            public void write(FrameWriter out, Ends ends, Object value) {
                write.to(out, ends, value);
            }

            @Override
            public Object read(FrameReader in, Ends ends) throws FrameException {
                return read.from(in, ends);
            }
        };
    }

    private static Codec embedded(Direct direct) {
        return codec(
                (out, value) -> {
                    FrameWriter bytes = new FrameWriter(MAX_EMBEDDED);
                    direct.write(bytes, out.ends, value);
                    out.cbor.writeBinary(bytes.toBytes());
                },
                in -> {
                    FrameReader bytes = new FrameReader((byte[]) BYTES.read(in));
                    Object value = direct.read(bytes, in.ends);
                    bytes.expectEnd();
                    return value;
                });
    }

    private static Codec pair(
            Function<Object, Long> first, Function<Object, Long> second, Make make) {
        return codec(
                (out, value) -> {
                    out.cbor.writeStartArray(value, 2);
                    out.cbor.writeNumber(first.apply(value));
                    out.cbor.writeNumber(second.apply(value));
                    out.cbor.writeEndArray();
                },
                in -> {
                    start(in);
                    long one = (Long) next(in, LONG);
                    long two = (Long) next(in, LONG);
                    end(in);
                    return make.of(one, two);
                });
    }

    private static void start(PayloadReader in) throws IOException {
        in.expect(JsonToken.START_ARRAY);
    }

    private static Object next(PayloadReader in, Codec codec) throws IOException {
        in.cbor.nextToken();
        return codec.read(in);
    }

    private static void end(PayloadReader in) throws IOException {
        in.cbor.nextToken();
        in.expect(JsonToken.END_ARRAY);
    }

    private static String text(PayloadReader in) throws IOException {
        in.expect(JsonToken.VALUE_STRING);
        return in.cbor.getText();
    }

    private static Long exact(PayloadReader in, long least, long most) throws IOException {
        in.expect(JsonToken.VALUE_NUMBER_INT);
        long value = in.cbor.getLongValue();
        if (value < least || value > most) {
            throw new FrameException(
                    "expected a number from " + least + " to " + most + ", got: " + value);
        }
        return value;
    }

    private static JsonParser number(PayloadReader in) throws FrameException {
        if (!in.cbor.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            in.expect(JsonToken.VALUE_NUMBER_FLOAT);
        }
        return in.cbor;
    }

    /// A peer of a later version may have reasons that this one lacks.
    private static ExitReason standard(String name) {
        for (ExitReason.Standard reason : ExitReason.Standard.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return new ExitReason.Term(name);
    }

    private static void writeThrowable(PayloadWriter out, Object value) throws IOException {
        RemoteException text = describe((Throwable) value);
        out.cbor.writeStartArray(value, 3);
        out.cbor.writeString(text.className());
        out.cbor.writeString(text.originalMessage());
        out.cbor.writeString(text.stackText());
        out.cbor.writeEndArray();
    }

    private static RemoteException describe(Throwable thrown) {
        if (thrown instanceof RemoteException remote) {
            return remote;
        }
        String name = thrown.getClass().getName();
        try {
            StringWriter stack = new StringWriter();
            thrown.printStackTrace(new PrintWriter(stack));
            return new RemoteException(
                    name, cut(thrown.getMessage()), cut(stack.toString(), MAX_STACK));
        } catch (RuntimeException e) {
            return new RemoteException(name, "its message or its stack threw " + e, "");
        }
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null ? null : cut(text, MAX_MESSAGE);
    }

    /// Shortens a text to what may cross, without half of a surrogate pair at its end or elsewhere.
    static String cut(String text, int longest) {
        String part = text.length() <= longest ? text : text.substring(0, longest);
        StringBuilder whole = new StringBuilder(part.length());
        part.codePoints()
                .map(point -> point >= 0xD800 && point <= 0xDFFF ? '?' : point)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }

    private static Object readThrowable(PayloadReader in) throws IOException {
        start(in);
        String name = (String) next(in, STRING);
        in.cbor.nextToken();
        String message = (String) in.read(STRING);
        String stack = (String) next(in, STRING);
        end(in);
        return new RemoteException(name, message, stack);
    }

    /// A class does not cross, so the status of a remote server tells only that it is a server.
    private static void writeStatus(PayloadWriter out, Object value) throws IOException {
        Sys.Status status = (Sys.Status) value;
        out.enter();
        out.cbor.writeStartArray(value, 6);
        PID.write(out, status.pid());
        out.cbor.writeBoolean(status.suspended());
        PID.write(out, status.parent());
        out.cbor.writeNumber(status.messageQueueLength());
        CollectionCodec.LIST.write(out, status.log());
        out.write(OpenCodec.ANY, status.state());
        out.cbor.writeEndArray();
        out.leave();
    }

    // Each event is cast by the caller who uses it. A server may have the state null.
    @SuppressWarnings({"unchecked", "NullAway"})
    private static Object readStatus(PayloadReader in) throws IOException {
        in.enter();
        start(in);
        Pid pid = (Pid) next(in, PID);
        boolean suspended = (Boolean) next(in, BOOLEAN);
        Pid parent = (Pid) next(in, PID);
        int length = (Integer) next(in, INTEGER);
        List<SystemEvent> log = (List<SystemEvent>) next(in, CollectionCodec.LIST);
        in.cbor.nextToken();
        @Nullable Object state = in.read(OpenCodec.ANY);
        end(in);
        in.leave();
        return new Sys.Status(pid, GenServer.class, suspended, parent, length, log, state);
    }
}
