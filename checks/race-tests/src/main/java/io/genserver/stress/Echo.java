package io.genserver.stress;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.stress.Findings.Count;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Answers with the number that it is asked for: at once, later, from another process, or never. It
/// checks that it runs one turn at a time and that the messages of a client come in order and once.
final class Echo implements GenServer<Ok, Echo.State, Echo.Say, Echo.Say> {

    /// How a request is answered.
    enum How {
        REPLY,
        HIBERNATE,
        WITH_TIMEOUT,
        FROM_ELSEWHERE,
        THROUGH_ANOTHER,
        STOP_WITH_REPLY,
        STOP,
        CRASH,
        NEVER
    }

    /// A message of any kind.
    ///
    /// @param client the number of the client; -1 if its order does not count
    /// @param number the number of the message; each client counts its messages
    record Say(int client, long number, How how, @Nullable ServerRef other) implements Call<Long> {

        /// Returns the reply, which no other message has.
        long answer() {
            return (number << 6) | (client & 63);
        }
    }

    /// Only the server touches it.
    static final class State {
        final long[] last = new long[Client.MOST];
        boolean busy;

        State() {
            Arrays.fill(last, -1);
        }
    }

    private static final Duration NESTED = Duration.ofMillis(20);

    private final Findings findings;
    private final Keys keys;
    private final int key; // -1 for none
    private final AtomicBoolean cleaned = new AtomicBoolean();

    Echo(Findings findings, Keys keys, int key) {
        this.findings = findings;
        this.keys = keys;
        this.key = key;
    }

    @Override
    public Init<State> init(Ok ok) {
        if (key >= 0) {
            keys.begins(key);
        }
        State state = new State();
        // Counted before and after, because the stack may end in between.
        findings.count(Count.CLEAN_UPS_BEGUN);
        Processes.onExit(this::cleanUp);
        findings.count(Count.CLEAN_UPS_REGISTERED);
        return Init.ok(state);
    }

    private void cleanUp() {
        if (!cleaned.compareAndSet(false, true)) {
            findings.wrong("a clean-up ran twice");
        }
        findings.count(Count.CLEAN_UPS_RUN);
    }

    @Override
    public CallResult<State> handleCall(Say say, From from, State state) {
        enter(state);
        state.busy = true;
        try {
            inOrder(say, state);
            return switch (say.how()) {
                case REPLY -> CallResult.reply(say, say.answer(), state);
                case HIBERNATE -> CallResult.reply(say, say.answer(), state, Action.hibernate());
                case WITH_TIMEOUT ->
                        CallResult.reply(
                                say, say.answer(), state, Action.timeout(Duration.ofMillis(1)));
                case FROM_ELSEWHERE -> {
                    Processes.spawn(() -> GenServer.reply(from.replyTo(say), say.answer()));
                    yield CastResult.noreply(state);
                }
                case THROUGH_ANOTHER -> CallResult.reply(say, askOther(say), state);
                case STOP_WITH_REPLY ->
                        CallResult.stop(ExitReason.SHUTDOWN, say, say.answer(), state);
                case STOP -> CastResult.stop(ExitReason.of("stopped"), state);
                case CRASH -> throw new IllegalStateException("on purpose");
                case NEVER -> CastResult.noreply(state);
            };
        } finally {
            state.busy = false;
        }
    }

    private void enter(State state) {
        if (state.busy) {
            findings.wrong("two turns at a time of " + Processes.self());
        }
    }

    private void inOrder(Say say, State state) {
        if (say.client() >= 0) {
            if (say.number() <= state.last[say.client()]) {
                findings.wrong(
                        "%s after %d in %s"
                                .formatted(say, state.last[say.client()], Processes.self()));
            }
            state.last[say.client()] = say.number();
        }
    }

    private static long askOther(Say say) {
        if (say.other() != null) {
            try {
                GenServer.call(say.other(), new Say(-1, say.number(), How.REPLY, null), NESTED);
            } catch (CallException failed) {
                return say.answer(); // it has ended, is too busy, or waits for this one
            }
        }
        return say.answer();
    }

    @Override
    public CastResult<State> handleCast(Say say, State state) {
        return take(say, state);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) {
        return message instanceof Say say ? take(say, state) : CastResult.noreply(state);
    }

    private CastResult<State> take(Say say, State state) {
        enter(state);
        state.busy = true;
        try {
            inOrder(say, state);
            return say.how() == How.CRASH
                    ? CastResult.stop(ExitReason.of("stopped"), state)
                    : CastResult.noreply(state);
        } finally {
            state.busy = false;
        }
    }
}
