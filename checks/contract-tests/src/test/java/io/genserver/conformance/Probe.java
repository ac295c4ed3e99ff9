package io.genserver.conformance;

import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CallResult.stopUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;

import io.genserver.Action;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.StateTimeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// A server that follows orders and writes the events it sees into the journal.
final class Probe implements GenServer<Probe.Argument, Probe.State, Object, Object> {

    /// The argument of a probe's init.
    ///
    /// @param init the outcome of init: `ok`, `continue:x`, `ignore`, `stop:r`, `raise:m`, `exit:r`
    /// @param farParent the process of another node that starts the probe and links itself to it.
    ///   The runtime does not know of it, so the probe stops by itself when that process ends
    record Argument(
            Journal journal, String id, boolean trap, String init, Optional<Pid> farParent) {

        Argument(Journal journal, String id, boolean trap, String init) {
            this(journal, id, trap, init, Optional.empty());
        }

        Argument withFarParent(Pid pid) {
            return new Argument(journal, id, trap, init, Optional.of(pid));
        }
    }

    /// An action to run in the process of the probe. Its result is the reply. Actions cannot cross
    /// to another node, so this holds the number of one.
    record Do(long number) {

        private static final AtomicLong LAST = new AtomicLong();
        private static final Map<Long, Supplier<? extends Object>> ACTIONS =
                new ConcurrentHashMap<>();

        static Do of(Supplier<? extends Object> action) {
            Do made = new Do(LAST.incrementAndGet());
            ACTIONS.put(made.number, action);
            return made;
        }

        Object run() {
            return Objects.requireNonNull(ACTIONS.remove(number)).get();
        }
    }

    /// The state of a probe.
    static final class State {
        final Journal journal;
        final String id;
        final Optional<Pid> farParent;
        final List<Pending> pending = new ArrayList<>();
        int counter;

        State(Argument argument) {
            this.journal = argument.journal();
            this.id = argument.id();
            this.farParent = argument.farParent();
        }

        void write(String what) {
            journal.write(id, what);
        }
    }

    /// A call that gets its reply later.
    record Pending(From from, String value) {}

    @Override
    public Init<State> init(Argument argument) {
        Processes.trapExits(argument.trap());
        argument.journal().bind(argument.id(), Processes.self());
        argument.journal().write(argument.id(), "init");
        State state = new State(argument);
        String rest = after(argument.init());
        return switch (before(argument.init())) {
            case "ok" -> Init.ok(state);
            case "continue" -> Init.ok(state, Action.continueWith(rest));
            case "ignore" -> Init.ignore();
            case "stop" -> Init.stop(Words.reason(rest));
            case "raise" -> throw new IllegalStateException(rest);
            case "exit" -> throw new ExitException(Words.reason(rest));
            default -> throw unknown(argument.init());
        };
    }

    @Override
    @SuppressWarnings("NullAway") // returns null if a bad return value is ordered
    public CallResult<State> handleCall(Object request, From from, State state) {
        if (request instanceof Do action) {
            return replyUntyped(action.run(), state);
        }
        String what = (String) request;
        String rest = after(what);
        return switch (before(what)) {
            case "reply" -> replyUntyped(rest, state);
            case "later" -> {
                state.pending.add(new Pending(from, rest));
                yield noreply(state);
            }
            case "reply_then_stop" -> stopUntyped(Words.reason(rest), "bye", state);
            case "stop" -> stop(Words.reason(rest), state);
            case "raise" -> throw new IllegalStateException(rest);
            case "exit" -> throw new ExitException(Words.reason(rest));
            case "reply_continue" -> replyUntyped("ok", state, Action.continueWith(rest));
            case "reply_timeout" -> replyUntyped("ok", state, timeout(rest));
            case "reply_twice" -> {
                GenServer.replyUntyped(from, rest);
                yield noreply(state);
            }
            case "bad_return" -> null;
            case "self_call" ->
                    replyUntyped(GenServer.callUntyped(Processes.self(), "reply:x"), state);
            case "add" -> {
                state.counter += Integer.parseInt(rest);
                yield replyUntyped(String.valueOf(state.counter), state);
            }
            default -> throw unknown(what);
        };
    }

    @Override
    @SuppressWarnings("NullAway") // returns null if a bad return value is ordered
    public CastResult<State> handleCast(Object request, State state) {
        String what = (String) request;
        String rest = after(what);
        return switch (before(what)) {
            case "noreply" -> noreply(state);
            case "stop" -> stop(Words.reason(rest), state);
            case "raise" -> throw new IllegalStateException(rest);
            case "exit" -> throw new ExitException(Words.reason(rest));
            case "continue" -> noreply(state, Action.continueWith(rest));
            case "timeout" -> noreply(state, timeout(rest));
            case "bad_return" -> null;
            case "answer_pending" -> {
                state.pending.forEach(late -> GenServer.replyUntyped(late.from(), late.value()));
                state.pending.clear();
                yield noreply(state);
            }
            case "add" -> {
                state.counter += Integer.parseInt(rest);
                yield noreply(state);
            }
            default -> throw unknown(what);
        };
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) {
        switch (message) {
            case Exit(Pid from, ExitReason reason)
                    when from.equals(state.farParent.orElse(null)) -> {
                return stop(reason, state);
            }
            case Exit(Pid from, ExitReason reason) ->
                    state.write("EXIT:" + state.journal.id(from) + ":" + Words.of(reason));
            case Down(Ref _, Pid pid, ExitReason reason) ->
                    state.write("DOWN:" + state.journal.id(pid) + ":" + Words.of(reason));
            case StateTimeout timeout -> state.write("info:" + timeout);
            case String text when text.startsWith("crash:") ->
                    throw new IllegalStateException(after(text));
            case String text when text.startsWith("stop:") -> {
                return stop(Words.reason(after(text)), state);
            }
            default -> state.write("info:" + message);
        }
        return noreply(state);
    }

    @Override
    public CastResult<State> handleContinue(Object continuation, State state) {
        state.write("continue:" + continuation);
        return noreply(state);
    }

    @Override
    public void terminate(ExitReason reason, State state) {
        state.write("terminate:" + Words.of(reason));
    }

    private static Action timeout(String millis) {
        return Action.timeout(Duration.ofMillis(Long.parseLong(millis)));
    }

    private static String before(String what) {
        int colon = what.indexOf(':');
        return colon < 0 ? what : what.substring(0, colon);
    }

    private static String after(String what) {
        return what.substring(what.indexOf(':') + 1);
    }

    private static IllegalArgumentException unknown(String what) {
        return new IllegalArgumentException("expected an order that a probe knows, got: " + what);
    }
}
