package io.genserver.parity;

import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.Action;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.FormatStatus;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A server whose callbacks arrive as messages, each a function to run.
final class Scripted implements GenServer<Scripted.Begin, Object, Scripted.Ask, Scripted.Tell> {

    /// The body of an init.
    interface Begin {
        Init<Object> run() throws Exception;
    }

    /// The body of a handleCall.
    interface Ask {
        @Nullable CallResult<Object> run(From from, Object state) throws Exception;
    }

    /// The body of a handleCast, handleInfo or handleContinue.
    interface Tell {
        @Nullable CastResult<Object> run(Object state) throws Exception;
    }

    /// A state that is also the body of terminate.
    interface Ending {
        void run(ExitReason reason) throws Exception;
    }

    /// A state that is also the body of formatStatus.
    interface Shown {
        FormatStatus show(FormatStatus status) throws Exception;
    }

    static final Duration SHORT = Duration.ofMillis(20);
    static final Duration LONG = Duration.ofSeconds(10);
    static final ExitReason STOPPED = ExitReason.of("stopped");

    /// Returns an init that only sets the state.
    static Begin state(Object state) {
        return () -> Init.ok(state);
    }

    static final Begin PLAIN = state("state");

    /// Stores the caller as the state and does not reply.
    static final Ask KEEP = (from, _) -> noreply(from);

    /// Replies to the stored caller.
    static final Tell ANSWER =
            from -> {
                GenServer.replyUntyped((From) from, "delayed");
                return noreply("state");
            };

    static final Ask PING = (_, state) -> replyUntyped("pong", state);

    /// Replies and stops the server with the reason `stopped`.
    static final Ask STOP = (_, state) -> CallResult.stopUntyped(STOPPED, "ok", state);

    static @Nullable Object ask(ServerRef server, Ask ask) {
        return GenServer.callUntyped(server, ask);
    }

    static void cast(ServerRef server, Tell tell) {
        GenServer.cast(server, tell);
    }

    static void send(ServerRef server, Tell tell) {
        Processes.send(server, tell);
    }

    /// Sends a message to a process and continues.
    static Tell say(Pid to, Object message) {
        return state -> {
            Processes.send(to, message);
            return noreply(state);
        };
    }

    static Start<?> start(Begin begin, StartOption... options) {
        return GenServer.start(Scripted::new, begin, options);
    }

    /// Starts a server linked to the test's process.
    static Pid server(StartOption... options) {
        return server(PLAIN, options);
    }

    static Pid server(Begin begin, StartOption... options) {
        return GenServer.startLink(Scripted::new, begin, options).pid();
    }

    /// Returns the reason why a request failed.
    static ExitReason failure(Runnable request) {
        return catchThrowableOfType(CallException.class, request::run).serverReason();
    }

    static ExitReason failedAsk(ServerRef server, Ask ask) {
        return failure(() -> ask(server, ask));
    }

    static void assertExit(Pid pid, ExitReason reason) {
        assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(pid, reason));
    }

    static Ask exiting(ExitReason reason) {
        return (_, _) -> {
            throw new ExitException(reason);
        };
    }

    /// Replies after a state timeout.
    static Ask afterTimeout(Duration delay) {
        return (from, _) ->
                noreply(
                        from,
                        Action.timeout(
                                delay,
                                (Tell)
                                        state -> {
                                            GenServer.replyUntyped((From) state, "delayed");
                                            return noreply("state");
                                        }));
    }

    /// Replies, and changes the state if no message arrives in time.
    static Ask within(Duration limit) {
        return (_, _) ->
                replyUntyped(
                        "ok", "within", Action.timeout(limit, (Tell) _ -> noreply("too late")));
    }

    @Override
    public Init<Object> init(Begin begin) throws Exception {
        return begin.run();
    }

    @Override
    @SuppressWarnings("NullAway") // tests return null as a bad return value
    public CallResult<Object> handleCall(Ask ask, From from, Object state) throws Exception {
        return ask.run(from, state);
    }

    @Override
    public CastResult<Object> handleCast(Tell tell, Object state) throws Exception {
        return handleInfo(tell, state);
    }

    @Override
    @SuppressWarnings("NullAway") // tests return null as a bad return value
    public CastResult<Object> handleInfo(Object message, Object state) throws Exception {
        return message instanceof Tell tell ? tell.run(state) : noreply(state);
    }

    @Override
    public CastResult<Object> handleContinue(Object continuation, Object state) throws Exception {
        return handleInfo(continuation, state);
    }

    @Override
    public void terminate(ExitReason reason, Object state) throws Exception {
        if (state instanceof Ending ending) {
            ending.run(reason);
        }
    }

    @Override
    public FormatStatus formatStatus(FormatStatus status) throws Exception {
        return status.state() instanceof Shown shown ? shown.show(status) : status;
    }
}
