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

/// A server whose callbacks are sent to it, each as a function to run.
final class Scripted implements GenServer<Scripted.Begin, Object, Scripted.Ask, Scripted.Tell> {

    /// An init.
    interface Begin {
        Init<Object> run() throws Exception;
    }

    /// A handleCall.
    interface Ask {
        @Nullable CallResult<Object> run(From from, Object state) throws Exception;
    }

    /// A handleCast, handleInfo or handleContinue.
    interface Tell {
        @Nullable CastResult<Object> run(Object state) throws Exception;
    }

    /// A state that is a terminate as well.
    interface Ending {
        void run(ExitReason reason) throws Exception;
    }

    /// A state that is a formatStatus as well.
    interface Shown {
        FormatStatus show(FormatStatus status) throws Exception;
    }

    static final Duration SHORT = Duration.ofMillis(20);
    static final Duration LONG = Duration.ofSeconds(10);
    static final ExitReason STOPPED = ExitReason.of("stopped");

    /// Begins with a state and does nothing more.
    static Begin state(Object state) {
        return () -> Init.ok(state);
    }

    static final Begin PLAIN = state("state");

    /// Keeps the caller waiting, as the state.
    static final Ask KEEP = (from, _) -> noreply(from);

    /// Replies to the caller that waits.
    static final Tell ANSWER =
            from -> {
                GenServer.replyUntyped((From) from, "delayed");
                return noreply("state");
            };

    static final Ask PING = (_, state) -> replyUntyped("pong", state);

    /// Stops the server with the reason `stopped`, and replies.
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

    /// Says something to a process, and goes on.
    static Tell say(Pid to, Object message) {
        return state -> {
            Processes.send(to, message);
            return noreply(state);
        };
    }

    static Start start(Begin begin, StartOption... options) {
        return GenServer.start(Scripted::new, begin, options);
    }

    /// A server linked with the test's process.
    static Pid server(StartOption... options) {
        return server(PLAIN, options);
    }

    static Pid server(Begin begin, StartOption... options) {
        return GenServer.startLink(Scripted::new, begin, options).pid();
    }

    /// Why a request failed.
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

    /// Replies when a state timeout has passed.
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

    /// Replies, and notes if no message comes in time.
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
    @SuppressWarnings("NullAway") // a bad return value has to be possible
    public CallResult<Object> handleCall(Ask ask, From from, Object state) throws Exception {
        return ask.run(from, state);
    }

    @Override
    public CastResult<Object> handleCast(Tell tell, Object state) throws Exception {
        return handleInfo(tell, state);
    }

    @Override
    @SuppressWarnings("NullAway") // a bad return value has to be possible
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
