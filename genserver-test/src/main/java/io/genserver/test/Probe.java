package io.genserver.test;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A server that stands in for another one in a test. It records what it gets, and answers calls as
/// the test says.
///
/// ```java
/// Probe<Gateway> gateway = test.startProbe(Gateway.class);
/// gateway.answer(Charge.class, charge -> charge.amount() < 100);
///
/// Order.pay(order, gateway.server());
///
/// assertThat(gateway.assertReceive(Charge.class).amount()).isEqualTo(42);
/// ```
///
/// A call without an answer crashes the probe, so it fails the test. Only the thread of the test
/// uses this object. Akka has `TestProbe` for this.
///
/// @param <G> the server for which the probe stands in
public final class Probe<G> {

    private static final Duration ASSERT_LIMIT = Duration.ofSeconds(2);
    private static final Duration REFUTE_LIMIT = Duration.ofMillis(100);

    /// The answers, the latest is last. Written by the test, read by the probe's process.
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    /// What the probe replies to the calls of a type.
    record Answer(Class<?> type, Function<Object, ? extends @Nullable Object> reply) {

        /// Returns whether this is for more types than another one, among them those of the other.
        boolean isAbove(Answer other) {
            return type != other.type && type.isAssignableFrom(other.type);
        }
    }

    private final Server<G> server;

    Probe(TestSupervisor test, Class<G> type, StartOption... options) {
        this.server = Server.of(test.startSupervised(() -> start(type, options)).pid());
    }

    private Start<ProbeServer> start(Class<G> type, StartOption... options) {
        return GenServer.startLink(() -> new ProbeServer(type, answers), "", options);
    }

    /// Returns the reference to hand to the code under test.
    ///
    /// @return the reference, by the probe's pid
    public Server<G> server() {
        return server;
    }

    /// Says how the probe answers the calls of a type from now on. If several types fit a call, the
    /// most specific one counts. If several are equally specific, the latest one does.
    ///
    /// @param request the class of the request, or a type above it, such as a sealed interface
    /// @param reply makes the reply; runs in the probe's process
    /// @param <R> the type of the reply
    /// @param <Q> the type of the request
    /// @return this
    public <R extends @Nullable Object, Q extends Call<R>> Probe<G> answer(
            Class<Q> request, Function<? super Q, ? extends R> reply) {
        Answer latest = new Answer(request, asked -> reply.apply(request.cast(asked)));
        answers.add(latest); // first, because the probe may get a call at any time
        answers.removeIf(known -> known != latest && known.type() == request);
        return this;
    }

    /// Says how the probe answers the next calls of a type, one after another. The last reply is
    /// repeated.
    ///
    /// @param request the class of the request
    /// @param replies the replies, at least one
    /// @param <R> the type of the replies
    /// @param <Q> the type of the request
    /// @return this
    /// @throws IllegalArgumentException if there is no reply
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    public final <R, Q extends Call<R>> Probe<G> answers(Class<Q> request, R... replies) {
        if (replies.length == 0) {
            throw new IllegalArgumentException("expected at least one reply, got: none");
        }
        Iterator<R> next = List.of(replies).iterator();
        R last = replies[replies.length - 1];
        return answer(request, _ -> next.hasNext() ? next.next() : last);
    }

    /// Waits up to 2 s for a call, a cast or a message of a type, and returns the first that no
    /// earlier assertion has taken.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the request or the message
    /// @throws AssertionError if none came; its text shows what the probe has got
    public <T> T assertReceive(Class<T> type) {
        return assertReceive(type, _ -> true);
    }

    /// Waits up to 2 s for a call, a cast or a message of a type that passes a test, and returns
    /// the first that no earlier assertion has taken.
    ///
    /// @param type the type
    /// @param test returns whether to take it; runs in the probe's process
    /// @param <T> the type
    /// @return the request or the message
    /// @throws AssertionError if none came
    public <T> T assertReceive(Class<T> type, Predicate<? super T> test) {
        Object taken = take(type, test, ASSERT_LIMIT);
        if (taken == null) {
            throw new AssertionError(
                    "expected the probe of "
                            + ask(new ProbeServer.About())
                            + " to get a "
                            + type.getName()
                            + " within "
                            + ASSERT_LIMIT
                            + ", got: "
                            + received());
        }
        return type.cast(taken);
    }

    /// Waits 100 ms and checks that no call, cast or message of a type comes, except for those that
    /// earlier assertions have taken.
    ///
    /// @param type the type
    /// @throws AssertionError if one came
    public void refuteReceive(Class<?> type) {
        Object taken = take(type, _ -> true, REFUTE_LIMIT);
        if (taken != null) {
            throw new AssertionError(
                    "expected the probe of "
                            + ask(new ProbeServer.About())
                            + " to get no "
                            + type.getName()
                            + " within "
                            + REFUTE_LIMIT
                            + ", got: "
                            + taken);
        }
    }

    /// Returns everything the probe has got so far, also what assertions have taken.
    ///
    /// @return the requests and messages, in the order in which they came
    public List<Object> received() {
        return ask(new ProbeServer.Received());
    }

    private <T> @Nullable Object take(Class<T> type, Predicate<? super T> test, Duration within) {
        ProbeServer.Take take =
                new ProbeServer.Take(
                        message -> type.isInstance(message) && test.test(type.cast(message)));
        try {
            return GenServer.call(server.untyped(), take, within);
        } catch (CallException late) {
            if (!late.serverReason().equals(ExitReason.TIMEOUT)) {
                throw late;
            }
            GenServer.cast(server.untyped(), new ProbeServer.Forget(take));
            return null;
        }
    }

    private <R> R ask(Call<R> request) {
        return GenServer.call(server.untyped(), request);
    }
}
