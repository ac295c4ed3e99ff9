package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.genserver.Call;
import io.genserver.DebugOption;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.RemoteException;
import io.genserver.RemoteName;
import io.genserver.ReplyTo;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StateTimeout;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import io.genserver.TaggedDown;
import io.genserver.Timeout;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.SystemRequest;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Signal;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {

    private static final int LIMIT = 1 << 20;

    enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "leaf";
            }
        }
    }

    static final class NoRegistry implements ViaRegistry {
        @Override
        public boolean registerName(Object key, Pid pid) {
            return false;
        }

        @Override
        public void unregisterName(Object key) {}

        @Override
        public Optional<Pid> whereisName(Object key) {
            return Optional.empty();
        }
    }

    sealed interface Shape {
        record Circle(double radius) implements Shape {}

        record Square(int side, Colour colour) implements Shape {}

        enum Point implements Shape {
            POINT
        }
    }

    record Tree(int value, List<Tree> children) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Holder(
            Object any,
            List<Object> list,
            Map<String, Shape> shapes,
            Optional<Pid> pid,
            Set<Long> numbers,
            @Nullable String text,
            byte[] bytes,
            long[] @Nullable [] unused) {}

    record Mixed(
            Object any,
            List<Object> list,
            Map<String, Shape> shapes,
            Optional<Pid> pid,
            Set<Long> numbers,
            @Nullable String text,
            Server<?> server,
            ServerRef ref,
            ExitReason reason,
            Comparable<?> comparable) {}

    record Primitives(
            boolean a,
            byte b,
            short c,
            char d,
            int e,
            long f,
            float g,
            double h,
            @Nullable Integer i) {}

    record Box<T>(T content) {}

    record Positive(int number) {
        Positive {
            if (number < 1) {
                throw new IllegalArgumentException("expected 1 or more, got: " + number);
            }
        }
    }

    record Later(ReplyTo<Integer> caller, From from) {}

    record Ask() implements Call<Integer> {}

    record Unlisted(int number) {}

    private static final PayloadTypes TYPES =
            PayloadTypes.of(
                    Shape.class,
                    Colour.class,
                    Tree.class,
                    Mixed.class,
                    Primitives.class,
                    Box.class,
                    Positive.class,
                    Later.class);

    private static final FakeDistribution.World WORLD = new FakeDistribution.World();
    private static final FakeDistribution NODE_A = new FakeDistribution(WORLD, "a@x", 1L << 33);
    private static final FakeDistribution NODE_B = new FakeDistribution(WORLD, "b@x", 1L << 34);
    private static final Ends A =
            new Ends(NODE_A, "a@x", NODE_A.incarnation, "b@x", NODE_B.incarnation, _ -> true);
    private static final Ends B =
            new Ends(NODE_B, "b@x", NODE_B.incarnation, "a@x", NODE_A.incarnation, _ -> true);
    private static final Pid HERE = NODE_A.newPid(3);
    private static final Pid THERE = NODE_B.newPid(1L << 40);
    private static final Pid ELSEWHERE = NODE_A.pid(new Address("c@x", 77, 0));
    private static final Pid OLD = NODE_A.pid(new Address("b@x", 78, 5));
    private static final Ref REF = NODE_A.ref(new Address("a@x", NODE_A.incarnation, 9));
    private static final From FROM = NODE_A.from(new Address("a@x", NODE_A.incarnation, 12), HERE);

    private final Signals signals = new Signals(TYPES, LIMIT);

    private Signal roundTrip(Signal signal) throws FrameException {
        return signals.read(new FrameReader(signals.write(signal, A, LIMIT)), B);
    }

    private Object roundTripValue(Object value) throws FrameException {
        Signal.Reply reply = (Signal.Reply) roundTrip(new Signal.Reply(1, value));
        return Objects.requireNonNull(reply.reply());
    }

    static Stream<Signal> signals() {
        Map<String, String> context = Map.of("request", "17", "user", "j\u00f6");
        ServerRef name = new Name("kv");
        ExitReason reason = ExitReason.shutdown("done");
        return Stream.of(
                new Signal.Send(THERE, "hello", context),
                new Signal.Send(name, Ok.OK, null),
                new Signal.Send(OLD, 5L, null),
                new Signal.SendToAlias(REF, new Tree(1, List.of())),
                new Signal.Cast(name, HERE, "x", context),
                new Signal.Cast(THERE, null, "x", null),
                new Signal.Call(Long.MAX_VALUE, THERE, HERE, "x", context),
                new Signal.Call(0, new RemoteName("kv", "b@x"), null, "x", null),
                new Signal.Stop(5, name, null, ExitReason.NORMAL),
                new Signal.Stop(5, name, ELSEWHERE, reason),
                new Signal.Whereis(12, "kv"),
                new Signal.ProcessInfoOf(13, THERE),
                new Signal.Reply(7, null),
                new Signal.Reply(7, List.of(1, "2")),
                new Signal.Failed(8, ExitReason.NOPROC, true),
                new Signal.Abandon(9),
                new Signal.Watch(THERE),
                new Signal.Ended(HERE, reason),
                new Signal.WatchName(10, "kv"),
                new Signal.UnwatchName(10),
                new Signal.NamedEnded(10, ExitReason.KILLED),
                new Signal.Link(HERE, THERE),
                new Signal.Unlink(11, HERE, THERE),
                new Signal.UnlinkAck(11, HERE, THERE),
                new Signal.Exit(HERE, THERE, ExitReason.KILL));
    }

    @ParameterizedTest
    @MethodSource("signals")
    void signals_arrive_as_they_were_sent(Signal signal) throws FrameException {
        assertThat(roundTrip(signal)).isEqualTo(signal);
    }

    @Test
    void there_is_an_example_of_each_signal() {
        Set<Class<?>> shown = new java.util.HashSet<>();
        signals().forEach(signal -> shown.add(signal.getClass()));
        shown.add(Signal.SystemCall.class);
        shown.add(Signal.Request.class);
        assertThat(shown).contains(Signal.class.getPermittedSubclasses());
        assertThat(shown).contains(Signal.Request.class.getPermittedSubclasses());
    }

    static Stream<SystemRequest> systemRequests() {
        return Stream.of(
                new SystemRequest.GetState(),
                new SystemRequest.GetStatus(),
                new SystemRequest.Suspend(),
                new SystemRequest.Resume(),
                new SystemRequest.GetLog(),
                new SystemRequest.GetStatistics(),
                new SystemRequest.Remove("id"),
                new SystemRequest.NoDebug(),
                new SystemRequest.Debug(DebugOption.trace()),
                new SystemRequest.Debug(new DebugOption.Log(0)),
                new SystemRequest.Debug(DebugOption.logToFile(Path.of("log"))),
                new SystemRequest.Debug(new DebugOption.LogToFile(null)),
                new SystemRequest.Debug(DebugOption.statistics()));
    }

    @ParameterizedTest
    @MethodSource("systemRequests")
    void system_requests_without_functions_cross(SystemRequest request) throws FrameException {
        Signal signal = new Signal.SystemCall(4, THERE, null, request);
        assertThat(roundTrip(signal)).isEqualTo(signal);
    }

    static Stream<SystemRequest> systemRequestsWithFunctions() {
        return Stream.of(
                new SystemRequest.ReplaceState(state -> state),
                new SystemRequest.ChangeCode(
                        () -> {
                            throw new AssertionError();
                        },
                        "1",
                        "2"),
                new SystemRequest.Debug(
                        DebugOption.install("id", (data, event, pid) -> data, "data")));
    }

    @ParameterizedTest
    @MethodSource("systemRequestsWithFunctions")
    void functions_are_refused(SystemRequest request) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> roundTrip(new Signal.SystemCall(4, THERE, null, request)))
                .withMessageContaining("code does not cross")
                .withMessageContaining("Sys.");
    }

    static Stream<Object> values() {
        Instant now = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
        ZonedDateTime zoned = now.atZone(ZoneId.of("Europe/Berlin"));
        return Stream.of(
                true,
                false,
                (byte) -1,
                (short) -300,
                '\uffff',
                Integer.MIN_VALUE,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                1.5f,
                Double.NaN,
                -0.0,
                "",
                "text",
                "\u00fcber \ud83d\ude00",
                "x".repeat(100_000),
                BigInteger.TWO.pow(200).negate(),
                new BigDecimal("-1.50"),
                new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE),
                new UUID(1, 2),
                Duration.ofSeconds(-5, 7),
                now,
                LocalDate.MIN,
                LocalTime.NOON,
                LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4),
                OffsetDateTime.of(LocalDateTime.MIN, ZoneOffset.MAX),
                zoned,
                List.of(),
                List.of(1, 2L, "three", List.of()),
                new ArrayList<@Nullable Integer>(Arrays.asList(1, null)),
                Set.of(1),
                Map.of("a", 1, Colour.RED, List.of()),
                Optional.empty(),
                Optional.of("x"),
                Colour.RED,
                Colour.GREEN,
                Shape.Point.POINT,
                new Shape.Circle(2.5),
                new Shape.Square(3, Colour.GREEN),
                new Tree(1, List.of(new Tree(2, List.of()), new Tree(3, List.of()))),
                new Primitives(true, (byte) 1, (short) 2, 'x', 3, 4, 5.5f, 6.5, null),
                new Primitives(false, (byte) -1, (short) -2, '\0', -3, -4, -5.5f, -6.5, -7),
                new Box<>("x"),
                new Box<>(new Box<>(List.of(new Shape.Circle(1)))),
                new Mixed(
                        new Shape.Circle(1),
                        List.of(THERE, "x", 5, Optional.of(Colour.RED)),
                        Map.of("s", new Shape.Square(1, Colour.RED), "p", Shape.Point.POINT),
                        Optional.of(ELSEWHERE),
                        Set.of(1L, 2L),
                        null,
                        Server.named("kv"),
                        HERE,
                        ExitReason.of("why"),
                        5L),
                HERE,
                THERE,
                ELSEWHERE,
                OLD,
                REF,
                NODE_A.ref(new Address("z@x", 4, 4)),
                FROM,
                NODE_A.from(new Address("b@x", NODE_B.incarnation, 13), null),
                new Later(FROM.replyTo(new Ask()), FROM),
                new Name("kv"),
                ServerRef.name("kv", "c@x"),
                Server.of(HERE),
                Ok.OK,
                StateTimeout.TIMEOUT,
                new Timeout(REF, "message"),
                new Exit(HERE, ExitReason.KILLED),
                new Down(REF, new Name("kv"), ExitReason.NOCONNECTION),
                new TaggedDown("tag", REF, HERE, ExitReason.NORMAL),
                new Start.Ok<>(HERE),
                new Start.Failed<>(ExitReason.TIMEOUT),
                ExitReason.NORMAL,
                ExitReason.MAILBOX_FULL,
                ExitReason.shutdown(List.of(1)),
                ExitReason.of("word"),
                new ExitReason.BadReturnValue(null),
                new ExitReason.BadReturnValue(5),
                new ExitReason.NodeDown("b@x"),
                new ExitReason.AlreadyStarted(HERE),
                new ExitReason.CallCycle(List.of(HERE, THERE, HERE)),
                new ExitReason.FailedCall(
                        new ExitReason.FailedCall(ExitReason.NOPROC, "inner"), "outer"),
                new SystemEvent.InCall(FROM, "x"),
                new SystemEvent.Out(null, FROM, 5),
                new Sys.Statistics(now, now, 1, 2),
                new Sys.Status(
                        HERE,
                        GenServer.class,
                        true,
                        HERE,
                        5,
                        List.of(new SystemEvent.In("x")),
                        new Tree(1, List.of())));
    }

    @ParameterizedTest
    @MethodSource("values")
    void values_arrive_as_they_were_sent(Object value) throws FrameException {
        assertThat(roundTripValue(value)).isEqualTo(value);
        assertThat(roundTripValue(new Box<>(value))).isEqualTo(new Box<>(value));
        assertThat(roundTripValue(List.of(value))).isEqualTo(List.of(value));
    }

    @Test
    void null_and_bytes_arrive_as_they_were_sent() throws FrameException {
        assertThat(roundTrip(new Signal.Reply(1, null))).isEqualTo(new Signal.Reply(1, null));
        byte[] bytes = {1, 2, 3};
        assertArrayEquals(bytes, (byte[]) roundTripValue(bytes));
        assertArrayEquals(bytes, (byte[]) ((Box<?>) roundTripValue(new Box<>(bytes))).content());
    }

    @Test
    void exceptions_arrive_as_text() throws FrameException {
        Exception thrown = new IllegalStateException("broken", new RuntimeException("inner"));
        Object arrived = roundTripValue(new ExitReason.Crash(thrown));
        RemoteException remote = (RemoteException) ((ExitReason.Crash) arrived).thrown();
        assertThat(remote.className()).isEqualTo("java.lang.IllegalStateException");
        assertThat(remote.originalMessage()).isEqualTo("broken");
        assertThat(remote.stackText()).contains("Caused by", "inner", "WireTest");

        Object again = roundTripValue(new ExitReason.Crash(remote));
        assertThat(((RemoteException) ((ExitReason.Crash) again).thrown()).stackText())
                .isEqualTo(remote.stackText());
    }

    @Test
    void exceptions_with_broken_messages_arrive_too() throws FrameException {
        Object arrived = roundTripValue(new ExitReason.Crash(new Broken()));
        RemoteException remote = (RemoteException) ((ExitReason.Crash) arrived).thrown();
        assertThat(remote.className()).isEqualTo(Broken.class.getName());
        assertThat(remote.originalMessage()).contains("no message");
    }

    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @Nested
    class the_sender_refuses {

        @Test
        void a_record_that_is_not_listed() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(new Unlisted(1)))
                    .withMessageContaining("WireTest$Unlisted")
                    .withMessageContaining("PayloadTypes.of(Unlisted.class)");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(new Box<>(new Unlisted(1))))
                    .withMessageContaining("WireTest$Unlisted")
                    .withMessageContaining("WireTest$Box");
        }

        @Test
        void a_class_that_is_no_record() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(new ArrayDeque<>()))
                    .withMessageContaining("java.util.ArrayDeque")
                    .withMessageContaining("send a record");
        }

        @Test
        void a_via() {
            ServerRef via = new Via(new NoRegistry(), "key");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTrip(new Signal.Send(via, "x", null)))
                    .withMessageContaining("registry does not cross");
            assertThatIllegalArgumentException().isThrownBy(() -> roundTripValue(via));
        }

        @Test
        void a_type_that_the_peer_lacks() {
            Ends old =
                    new Ends(
                            NODE_A,
                            "a@x",
                            NODE_A.incarnation,
                            "b@x",
                            NODE_B.incarnation,
                            _ -> false);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> signals.write(new Signal.Reply(1, Colour.RED), old, LIMIT))
                    .withMessageContaining("node b@x")
                    .withMessageContaining("Colour");
        }

        @Test
        void content_that_is_too_long() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue("x".repeat(LIMIT)))
                    .withMessageContaining("1048576 bytes at most");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(List.of(new byte[LIMIT])))
                    .withMessageContaining("1048576 bytes at most");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> signals.write(new Signal.Reply(1, "x".repeat(200)), A, 100))
                    .withMessageContaining("100 bytes at most");
        }

        @Test
        void content_that_is_too_deep() throws FrameException {
            Object deep = "x";
            for (int i = 0; i < Payloads.MAX_DEPTH; i++) {
                deep = List.of(deep);
            }
            assertThat(roundTripValue(deep)).isEqualTo(deep);
            Object deeper = List.of(deep);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(deeper))
                    .withMessageContaining("64 records and collections");
        }

        @Test
        void content_that_contains_itself() {
            List<Object> endless = new ArrayList<>();
            endless.add(endless);
            assertThatIllegalArgumentException().isThrownBy(() -> roundTripValue(endless));
        }

        @Test
        void half_a_character() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue("a\ud800"))
                    .withMessageContaining("surrogate");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roundTripValue(List.of("a\ud800b")));
        }
    }

    @Nested
    class the_list_refuses {

        @SuppressWarnings("ArrayRecordComponent") // never compared
        record WithArray(long[] numbers) {}

        record WithClass(Class<?> type) {}

        @Test
        void classes_that_can_not_cross() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PayloadTypes.of(Holder.class))
                    .withMessageContaining("component unused");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PayloadTypes.of(WithArray.class))
                    .withMessageContaining("component numbers")
                    .withMessageContaining("use a record, an interface or a List");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PayloadTypes.of(WithClass.class))
                    .withMessageContaining("java.lang.Class");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PayloadTypes.of(StringBuilder.class))
                    .withMessageContaining("java.lang.StringBuilder");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PayloadTypes.of(Runnable.class))
                    .withMessageContaining("java.lang.Runnable");
        }
    }

    @Nested
    class the_receiver_refuses {

        private void assertRefused(byte[] bytes, String... words) {
            assertThatThrownBy(() -> signals.read(new FrameReader(bytes), B))
                    .isInstanceOf(FrameException.class)
                    .hasMessageContainingAll(words);
        }

        @Test
        void a_number_that_stands_for_no_type() {
            Signals other = new Signals(TYPES.and(Unlisted.class), LIMIT);
            assertRefused(
                    other.write(new Signal.Reply(1, new Unlisted(1)), A, LIMIT),
                    "expected a type that this node has, got number: ");
            assertRefused(
                    other.write(new Signal.Reply(1, new Box<>(new Unlisted(1))), A, LIMIT),
                    "WireTest$Box",
                    "expected a type that this node has, got number: ");
        }

        @Test
        void a_value_that_the_constructor_of_its_record_refuses() {
            byte[] bytes = signals.write(new Signal.Reply(1, new Positive(1)), A, LIMIT);
            bytes[bytes.length - 1] = 0; // CBOR writes the number 1 as 1
            assertRefused(bytes, "WireTest$Positive", "expected 1 or more, got: 0");
        }

        @Test
        void bytes_after_the_end() {
            byte[] bytes = signals.write(new Signal.Abandon(1), A, LIMIT);
            assertRefused(Arrays.copyOf(bytes, bytes.length + 1), "expected the end");
        }

        @Test
        void a_signal_that_is_too_long() {
            byte[] bytes = signals.write(new Signal.Reply(1, "x".repeat(1000)), A, LIMIT);
            Signals strict = new Signals(TYPES, 1000);
            assertThatThrownBy(() -> strict.read(new FrameReader(bytes), B))
                    .isInstanceOf(FrameException.class)
                    .hasMessageContaining("1000 bytes at most");
        }

        @Test
        void a_signal_of_another_kind() {
            assertRefused(new byte[] {99}, "got: 99");
            assertRefused(new byte[0], "expected 1 more bytes");
        }

        @Test
        void a_value_of_the_wrong_type_in_a_component() {
            // Same names, other types: what a node with a changed record sends.
            Signals other =
                    new Signals(
                            PayloadTypes.of().andRenamed(Other.class, Tree.class.getName()), LIMIT);
            assertRefused(
                    other.write(new Signal.Reply(1, new Other("x", List.of())), A, LIMIT),
                    "WireTest$Tree",
                    "VALUE_NUMBER_INT");
        }

        record Other(String value, List<Object> children) {}

        @Test
        void content_that_is_too_deep() {
            FrameWriter out = new FrameWriter(LIMIT);
            out.write(7);
            out.writeUnsigned(1);
            out.writeUnsigned(11);
            int length = out.reserveLength();
            for (int i = 0; i < 500_000; i++) {
                out.write(0x81); // an array of one
            }
            out.write(0);
            out.patchLength(length);
            assertRefused(out.toBytes(), "java.util.List");
        }

        @Test
        void lengths_that_the_frame_does_not_have() {
            FrameWriter out = new FrameWriter(LIMIT);
            out.write(7);
            out.writeUnsigned(1);
            out.writeUnsigned(6);
            out.writeUnsigned(Integer.MAX_VALUE);
            assertRefused(out.toBytes(), "expected 2147483647 more bytes");
        }
    }

    @Nested
    class versions {

        record Old(int number, @Nullable String gone) {}

        record New(int number, @Nullable String added, Optional<String> maybe, int count) {}

        private Object send(Signals from, Signals to, Object value) throws FrameException {
            byte[] bytes = from.write(new Signal.Reply(1, value), A, LIMIT);
            Signal.Reply reply = (Signal.Reply) to.read(new FrameReader(bytes), B);
            return Objects.requireNonNull(reply.reply());
        }

        @Test
        void components_may_come_and_go() throws FrameException {
            Signals old = new Signals(PayloadTypes.of(Old.class), LIMIT);
            Signals newer =
                    new Signals(
                            PayloadTypes.of(Tree.class).andRenamed(New.class, Old.class.getName()),
                            LIMIT);
            assertThat(send(old, newer, new Old(5, "x")))
                    .isEqualTo(new New(5, null, Optional.empty(), 0));
            assertThat(send(newer, old, new New(6, "y", Optional.of("z"), 7)))
                    .isEqualTo(new Old(6, null));
        }

        @Test
        void the_order_of_the_list_does_not_matter() {
            assertThat(PayloadTypes.of(Tree.class, Old.class).fingerprints())
                    .isEqualTo(PayloadTypes.of(Old.class, Tree.class).fingerprints());
            assertThat(PayloadTypes.of(Tree.class, Old.class).fingerprints())
                    .isNotEqualTo(PayloadTypes.of(Tree.class).fingerprints());
        }

        @Test
        void numbers_of_built_in_types_are_all_different() {
            // The numbers are in use by nodes of other versions, so this list only grows.
            PayloadTypes none = PayloadTypes.of();
            assertThat(none.classes()).hasSize(65);
            assertThat(none.fingerprints()).hasSize(65);
            assertThat(none.numbers()).hasSize(65);
        }
    }

    @Nested
    class what_the_runtime_says_itself {

        @Test
        void keeps_the_kind_of_a_reason_that_can_not_be_encoded() throws FrameException {
            IllegalArgumentException refusal = new IllegalArgumentException("why");
            Unlisted value = new Unlisted(5);
            assertThat(roundTrip(Signals.substitute(ended(ExitReason.shutdown(value)), refusal)))
                    .isEqualTo(ended(ExitReason.shutdown("Unlisted[number=5]")));
            assertThat(roundTrip(Signals.substitute(ended(ExitReason.of(value)), refusal)))
                    .isEqualTo(ended(ExitReason.of("Unlisted[number=5]")));
            ExitReason call = new ExitReason.FailedCall(ExitReason.of(value), "call");
            assertThat(roundTrip(Signals.substitute(ended(call), refusal)))
                    .isEqualTo(
                            ended(
                                    new ExitReason.FailedCall(
                                            ExitReason.of("Unlisted[number=5]"), "call")));
        }

        @Test
        void keeps_the_kind_of_a_givenchain_of_failed_calls() throws FrameException {
            ExitReason chain = ExitReason.NOPROC;
            for (int i = 0; i < 1000; i++) {
                chain = new ExitReason.FailedCall(chain, "call " + i);
            }
            Signal signal = ended(chain);
            assertThatIllegalArgumentException().isThrownBy(() -> roundTrip(signal));
            Signal substitute =
                    Signals.substitute(signal, new IllegalArgumentException("too deep"));
            assertThat(roundTrip(substitute)).isEqualTo(substitute);
            assertThat(((Signal.Ended) substitute).reason())
                    .isInstanceOf(ExitReason.FailedCall.class);
        }

        @Test
        void fits_into_the_shortest_limit() throws FrameException {
            Signals narrow = new Signals(TYPES, ClusterNode.Options.MIN_SIGNAL);
            String wide = "\u20ac".repeat(100_000);
            ExitReason reason = ExitReason.of(List.of(wide));
            for (int i = 0; i < 20; i++) {
                reason = new ExitReason.FailedCall(reason, wide);
            }
            Exception thrown = new IllegalStateException(wide, new RuntimeException(wide));
            for (ExitReason given : List.of(reason, new ExitReason.Crash(thrown))) {
                Signal substitute =
                        Signals.substitute(ended(given), new IllegalArgumentException("long"));
                byte[] bytes = narrow.write(substitute, A, LIMIT);
                assertThat(narrow.read(new FrameReader(bytes), B)).isInstanceOf(Signal.Ended.class);
            }
        }

        @Test
        void turns_a_reply_that_can_not_be_encoded_into_a_failure() throws FrameException {
            Signal substitute =
                    Signals.substitute(
                            new Signal.Reply(3, new Unlisted(1)),
                            new IllegalArgumentException("cannot send it"));
            Signal.Failed failed = (Signal.Failed) roundTrip(substitute);
            assertThat(failed.id()).isEqualTo(3);
            assertThat(failed.reason().toString()).contains("cannot send it");
        }

        private Signal ended(ExitReason reason) {
            return new Signal.Ended(HERE, reason);
        }
    }

    /// Random bytes and changed frames are read or refused. They throw nothing else, and the memory
    /// that they take is bounded by their length.
    @Test
    void nothing_but_a_refusal_comes_of_changed_bytes() {
        List<byte[]> frames = new ArrayList<>();
        signals().forEach(signal -> frames.add(signals.write(signal, A, LIMIT)));
        values().filter(value -> !value.toString().startsWith("xxx"))
                .forEach(value ->
                        frames.add(signals.write(new Signal.Reply(1, new Box<>(value)), A, LIMIT)));
        int refused = 0;
        int read = 0;
        for (long seed = 0; seed < 60_000; seed++) {
            byte[] bytes = changed(frames, new Random(seed));
            try {
                signals.read(new FrameReader(bytes), B);
                read++;
            } catch (FrameException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + Arrays.toString(bytes), e);
            }
        }
        assertThat(refused).isGreaterThan(10_000);
        assertThat(read).isGreaterThan(1_000);
    }

    private static byte[] changed(List<byte[]> frames, Random random) {
        if (random.nextInt(8) == 0) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = (byte) (1 + random.nextInt(20));
            }
            return bytes;
        }
        byte[] bytes = frames.get(random.nextInt(frames.size())).clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
            }
        }
        return bytes;
    }

    @Test
    void a_small_frame_never_takes_much_memory() throws FrameException {
        // Lengths of 2^31 bytes in front of nothing: strings, bytes, arrays and maps of CBOR.
        for (int kind : new int[] {0x5A, 0x7A, 0x9A, 0xBA}) {
            for (int type : new int[] {4, 5, 11, 13, 19, 29}) {
                FrameWriter out = new FrameWriter(LIMIT);
                out.write(7);
                out.writeUnsigned(1);
                out.writeUnsigned(11);
                int length = out.reserveLength();
                out.write(0x81);
                out.write(0x82);
                out.write(type < 24 ? type : 0x18);
                if (type >= 24) {
                    out.write(type);
                }
                out.write(kind);
                out.write(0x7F);
                for (int i = 0; i < 3; i++) {
                    out.write(0xFF);
                }
                out.patchLength(length);
                long before = allocated();
                assertThatThrownBy(() -> signals.read(new FrameReader(out.toBytes()), B))
                        .isInstanceOf(FrameException.class);
                assertThat(allocated() - before).isLessThan(2 << 20);
            }
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean)
                        java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void collections_that_arrive_can_not_be_changed() throws FrameException {
        Object list = roundTripValue(new ArrayList<>(List.of(1)));
        assertThatThrownBy(() -> ((List<?>) list).clear())
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(Collections.emptyList()).isEqualTo(roundTripValue(List.of()));
    }
}
