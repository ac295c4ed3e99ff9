package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.eventually;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.ProcessInfo.Status;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The option `idleTimeout`: a timeout that lasts.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class IdleTimeoutTest {

    private static final StartOption SHORT = StartOption.idleTimeout(Duration.ofMillis(20));
    private static final Action INTERRUPT = Action.continueWith("interrupt");
    private static final StartOption LONG = StartOption.idleTimeout(Duration.ofMinutes(1));

    /// Returns the action that it is told, and tells the test of everything it gets.
    private record Idler(Pid test) implements GenServer<Action, Ok, Idler.Do, Idler.Do> {

        record Do(Action action) implements Call<Ok> {}

        @Override
        public Init<Ok> init(Action action) {
            return Init.ok(Ok.OK, action);
        }

        @Override
        public CallResult<Ok> handleCall(Do request, From from, Ok ok) throws InterruptedException {
            if (request.action() == INTERRUPT) {
                throw new InterruptedException();
            }
            return CallResult.reply(request, ok, ok, request.action());
        }

        @Override
        public CastResult<Ok> handleCast(Do request, Ok ok) {
            return CastResult.noreply(ok, request.action());
        }

        @Override
        public CastResult<Ok> handleInfo(Object message, Ok ok) {
            Processes.send(test, message);
            return CastResult.noreply(ok);
        }

        @Override
        public CastResult<Ok> handleContinue(Object continuation, Ok ok) {
            return CastResult.noreply(ok);
        }
    }

    private static Server<Idler> idler(Action first, StartOption... options) {
        Pid test = Processes.self();
        return GenServer.startLink(() -> new Idler(test), first, options).server();
    }

    /// Waits until the server has had timeouts after what it has been sent so far. The first one
    /// may have been on its way before.
    private static void awaitTimeouts() {
        Processes.flush();
        assertReceive(StateTimeout.TIMEOUT);
        assertReceive(StateTimeout.TIMEOUT);
    }

    static Stream<StartOption> threads() {
        return Stream.of(
                StartOption.debug(),
                StartOption.nonBlocking(),
                StartOption.ownThread(),
                StartOption.platformThread());
    }

    @ParameterizedTest
    @MethodSource("threads")
    void begins_with_the_server_and_again_after_everything_it_gets(StartOption where) {
        Server<Idler> server = idler(Action.NONE, SHORT, where);
        awaitTimeouts();

        for (Action action : List.of(Action.NONE, Action.continueWith("next"))) {
            GenServer.call(server, new Idler.Do(action));
            awaitTimeouts();
            GenServer.cast(server, new Idler.Do(action));
            awaitTimeouts();
        }
        Processes.send(server, "message");
        awaitTimeouts();
        Sys.getState(server);
        awaitTimeouts();
    }

    @Test
    void an_action_counts_instead_of_it_until_the_next_message() {
        Server<Idler> server = idler(Action.timeout(Duration.ofMinutes(1)), SHORT);
        refuteReceive(StateTimeout.class);

        GenServer.call(server, new Idler.Do(Action.timeout(Duration.ofMillis(1), "mine")));

        assertReceive("mine");
        awaitTimeouts();
    }

    @Test
    void also_ends_a_hibernation() {
        idler(Action.hibernate(), SHORT);
        Server<Idler> waiting = idler(Action.hibernate(), LONG);

        assertReceive(StateTimeout.TIMEOUT);
        eventually(() ->
                assertThat(Processes.info(waiting.pid()).orElseThrow().status())
                        .isEqualTo(Status.HIBERNATING));
    }

    @Test
    void lets_a_server_hibernate_after_a_shorter_time() {
        Server<Idler> server =
                idler(Action.NONE, LONG, StartOption.hibernateAfter(Duration.ofMillis(1)));

        await().untilAsserted(() ->
                assertThat(Processes.info(server.pid()).orElseThrow().status())
                        .isEqualTo(Status.HIBERNATING));
    }

    /// A callback that is interrupted on the thread of its caller ends without a result.
    @Test
    void outlasts_a_callback_that_gives_no_result() {
        Server<Idler> server = idler(Action.NONE, SHORT, StartOption.nonBlocking());

        assertThatThrownBy(() -> GenServer.call(server, new Idler.Do(INTERRUPT)))
                .isInstanceOfSatisfying(
                        CallException.class,
                        failed ->
                                assertThat(failed.serverReason())
                                        .isEqualTo(ExitReason.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();

        awaitTimeouts();
    }

    @Test
    void has_to_be_more_than_0() {
        assertThatThrownBy(() -> StartOption.idleTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected idleTimeout to be more than 0, got: PT0S");
    }
}
