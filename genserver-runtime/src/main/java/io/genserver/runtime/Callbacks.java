package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.DebugOption;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.SystemEvent;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.TurnListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs the turns of a server: takes a message, runs the callback for it and does what the
/// callback's result says. It does not choose the thread for a turn.
///
/// Owner, unless stated otherwise.
final class Callbacks {

    private static final Object NO_STATE = "none yet";

    private final ServerProcess process;

    /// The process that started the server with a link. As on the BEAM, a server without a link is
    /// its own parent.
    private final ProcessPid parent;

    private @Nullable GenServer<Object, Object, Object, Object> code;
    private Object state = NO_STATE;

    /// What the current callback handles, unless that is the request in `current`. Null between two
    /// turns, so that an idle server keeps nothing but its state.
    private @Nullable Object lastMessage;

    /// Null until a callback has asked for an action.
    private @Nullable StateTimeouts timeouts;

    /// Null while nothing watches the server. Written by the owner, read by the dying thread.
    private volatile @Nullable Debug debug;

    Callbacks(ServerProcess process, @Nullable LocalProcess parent) {
        this.process = process;
        this.parent = parent == null ? process.pid : parent.pid;
    }

    /// Sets the state that init has returned and switches on what watches the server.
    void begin(Init.Ok<Object> initialized, List<DebugOption> watchers) {
        state = initialized.state();
        SystemMessages.watch(process, watchers);
    }

    /// Drops the state of a dead server.
    void forget() {
        state = NO_STATE;
    }

    // Turns

    /// Runs the next turn.
    ///
    /// @return false if there was nothing to do, or the process is dead
    boolean step() {
        process.leaveInterrupt();
        process.receivePendingExit();
        if (process.isDead()) {
            return false;
        }
        boolean waits = process.isSuspended();
        StateTimeouts asked = waits ? null : timeouts;
        Object continuation = asked == null ? null : asked.takeContinuation();
        boolean ran;
        if (asked != null && continuation != null) {
            ran = runOwn(continuation, asked.context(), Turn.CONTINUATION);
        } else if (asked != null && asked.isDueFirst()) {
            ran = runOwn(asked.takeMessage(), asked.context(), Turn.TIMEOUT);
        } else {
            Object message =
                    waits ? process.mailbox.takeUrgent(this::isUrgent) : process.mailbox.take();
            if (message != null && process.node.machine != null) {
                process.node.step(Event.TURN, Context.get(), null, Envelope.subject(message));
            }
            if (message != null && process.isDead()) { // see LocalProcess.leaveMessage
                process.leaveMessage(message);
                return false;
            }
            ran = message != null;
            if (message != null) {
                run(message, Envelope.context(message), Turn.MESSAGE);
            } else if (asked != null && asked.isDue()) {
                ran = runOwn(asked.takeMessage(), asked.context(), Turn.TIMEOUT);
            }
        }
        if (!ran) {
            return false;
        }
        lastMessage = null;
        process.countHandled();
        return true;
    }

    /// Handles a message that was never in the mailbox, because the sender's thread runs the
    /// server. That thread also set the context, see [LogContext#lend] and [MessageContext#lend].
    void handle(Object message) {
        TurnListeners listeners = TurnListeners.active;
        if (listeners == null) {
            handleHere(message);
        } else {
            observed(listeners, message, Turn.MESSAGE, () -> handleHere(message));
        }
        lastMessage = null;
        process.countHandled();
    }

    private void handleHere(Object message) {
        if (message instanceof ReplySlot.Request call) {
            cancelTimeout();
            process.beginHere(call);
            runCall(call);
        } else {
            turn(message);
        }
    }

    /// What a turn handles.
    private enum Turn {
        MESSAGE,
        CONTINUATION,
        TIMEOUT
    }

    /// Runs a turn for what the server has asked for itself.
    ///
    /// @return false if a machine let another thread end the process first
    private boolean runOwn(Object handled, @Nullable Object context, Turn what) {
        if (process.node.machine != null) {
            process.node.step(Event.TURN, Context.get(), null, handled);
            if (process.isDead()) {
                return false;
            }
        }
        run(handled, context, what);
        return true;
    }

    /// Runs a turn in its context.
    private void run(Object handled, @Nullable Object context, Turn what) {
        @Nullable Object[] entered;
        try {
            entered = MessageContext.enter(context);
        } catch (Throwable noRoom) { // no stack or no memory left
            if (what == Turn.MESSAGE) {
                process.leaveMessage(handled); // a caller must get an answer
            }
            throw noRoom;
        }
        try {
            TurnListeners listeners = TurnListeners.active;
            if (listeners == null) {
                run(handled, what);
            } else {
                observed(listeners, handled, what, () -> run(handled, what));
            }
        } finally {
            MessageContext.leave(entered);
        }
    }

    private void run(Object handled, Turn what) {
        switch (what) {
            case MESSAGE -> turn(handled);
            case CONTINUATION -> runContinue(handled);
            case TIMEOUT -> runInfo(handled);
        }
    }

    private void observed(TurnListeners listeners, Object handled, Turn what, Runnable turn) {
        TurnListener.Kind kind =
                switch (what) {
                    case MESSAGE -> kind(handled);
                    case CONTINUATION -> TurnListener.Kind.CONTINUE;
                    case TIMEOUT -> TurnListener.Kind.INFO;
                };
        if (kind == null) {
            turn.run();
        } else {
            listeners.turn(process, kind, handled, turn);
        }
    }

    private static TurnListener.@Nullable Kind kind(Object message) {
        return switch (message) {
            case ReplySlot.Request _ -> TurnListener.Kind.CALL;
            case Envelope.Cast _ -> TurnListener.Kind.CAST;
            case ReplySlot _, Envelope.ExitSignal _ -> null; // no callback handles it
            default -> TurnListener.Kind.INFO;
        };
    }

    /// Returns whether [#step] would find something to do: a message, a continuation or a state
    /// timeout of 0.
    boolean wantsTurn() {
        return !process.isSuspended()
                && (!process.mailbox.hasNothing()
                        || (timeouts != null
                                && (timeouts.action() instanceof Action.Continue
                                        || timeouts.isDue())));
    }

    /// Returns whether a suspended server handles this message.
    private boolean isUrgent(Object message) {
        return message instanceof ReplySlot.SystemCall
                || message instanceof ReplySlot.Stop
                || message instanceof Envelope.ExitSignal
                || (message instanceof Exit(var from, var _) && from == parent);
    }

    private void turn(Object message) {
        switch (message) {
            case ReplySlot.Request call -> {
                if (process.skipsAbandonedCalls() && !call.isAwaited()) {
                    process.node.deadLetters.abandonedCall(process.pid, call.request);
                    return;
                }
                cancelTimeout();
                if (process.begin(call)) {
                    runCall(call);
                }
            }
            case Envelope.Cast cast -> {
                cancelTimeout();
                runCast(cast);
            }
            case ReplySlot.Stop stop -> {
                if (process.begin(stop)) {
                    lastMessage = stop;
                    terminate(stop.reason);
                }
            }
            case ReplySlot.SystemCall system -> {
                if (process.begin(system)) {
                    system.reply(SystemMessages.answer(process, system.request));
                    process.finish();
                    if (timeouts != null) {
                        timeouts.afterSystemRequest();
                    }
                }
            }
            case ReplySlot other -> throw new AssertionError(other);
            case Envelope.StateTimeoutFired timeout -> {
                if (timeouts != null && timeouts.isInForce(timeout)) {
                    runInfo(timeouts.takeMessage());
                }
            }
            case Envelope.UserMessage mine -> {
                cancelTimeout();
                mine.taken();
                runInfo(mine.message);
            }
            case Exit(var from, var reason) when from == parent -> {
                lastMessage = message;
                terminate(reason);
            }
            case Envelope.ExitSignal signal -> {
                lastMessage = signal;
                terminate(signal.exit.reason());
            }
            default -> {
                cancelTimeout();
                runInfo(message);
            }
        }
    }

    private void runCall(ReplySlot.Request call) {
        see(debug == null ? null : new SystemEvent.InCall(call, call.request));
        CallResult<Object> result;
        try {
            result = code().handleCall(call.request, call, state);
        } catch (Throwable thrown) { // any throwable ends the server
            crash(thrown, call);
            return;
        }
        apply(result, call);
    }

    private void runCast(Envelope.Cast cast) {
        see(debug == null ? null : new SystemEvent.InCast(cast.request));
        lastMessage = cast;
        CallResult<Object> result;
        try {
            result = code().handleCast(cast.request, state);
        } catch (Throwable thrown) { // as in runCall
            crash(thrown, null);
            return;
        }
        apply(result, null);
    }

    private void runInfo(Object message) {
        see(debug == null ? null : new SystemEvent.In(message));
        lastMessage = message;
        CallResult<Object> result;
        try {
            result = code().handleInfo(message, state);
        } catch (Throwable thrown) { // as in runCall
            crash(thrown, null);
            return;
        }
        apply(result, null);
    }

    private void runContinue(Object continuation) {
        see(debug == null ? null : new SystemEvent.Continue(continuation));
        lastMessage = continuation;
        CallResult<Object> result;
        try {
            result = code().handleContinue(continuation, state);
        } catch (Throwable thrown) { // as in runCall
            crash(thrown, null);
            return;
        }
        apply(result, null);
    }

    // Results

    /// Applies the result of a callback.
    private void apply(@Nullable CallResult<Object> result, ReplySlot.@Nullable Request call) {
        if (process.isDead()) {
            if (call != null) {
                answerLate(result, call);
            }
            return;
        }
        switch (result) {
            case null -> terminate(new ExitReason.BadReturnValue(null));
            case CallResult.Reply<Object>(
                            Call<?> answered,
                            Object reply,
                            Object newState,
                            Action then) -> {
                if (call == null || isOther(answered, call)) {
                    terminate(wrongReply(answered, call));
                } else {
                    state = newState;
                    if (process.node.machine != null) { // else not even the context is looked up
                        process.node.step(Event.REPLY, Context.get(), call.callerPid(), reply);
                    }
                    call.answer(reply, process.node.deadLetters);
                    process.finish();
                    see(debug == null ? null : new SystemEvent.Out(reply, call, newState));
                    act(then);
                }
            }
            case CastResult.NoReply<Object>(Object newState, Action then) -> {
                state = newState;
                see(debug == null ? null : new SystemEvent.NoReply(newState));
                if (call != null) {
                    putOff(call);
                }
                act(then);
            }
            case CallResult.StopReply<Object>(
                            ExitReason reason,
                            Call<?> answered,
                            Object reply,
                            Object newState) -> {
                if (call == null || isOther(answered, call)) {
                    terminate(wrongReply(answered, call));
                } else {
                    state = newState;
                    terminate(reason, call, reply);
                }
            }
            case CastResult.Stop<Object>(ExitReason reason, Object newState) -> {
                state = newState;
                terminate(reason);
            }
        }
    }

    private void putOff(ReplySlot.Request call) {
        if (!call.isAnswered()) {
            call.deferred = true;
            process.defer(call);
        }
        process.finish();
    }

    /// Answers a call if a link ended the process while it was answering. The reply may still go
    /// out, see [LocalProcess#failCalls]. If the process was killed, the caller already has the
    /// exit reason, and the reply becomes a dead letter.
    private void answerLate(@Nullable CallResult<Object> result, ReplySlot.Request call) {
        if (result instanceof CallResult.Reply<Object> reply && !isOther(reply.request(), call)) {
            call.answer(reply.reply(), process.node.deadLetters);
        } else {
            process.defer(call);
        }
    }

    private static boolean isOther(@Nullable Call<?> answered, ReplySlot.Request call) {
        return answered != null && !call.carries(answered);
    }

    private static ExitReason wrongReply(
            @Nullable Call<?> answered, ReplySlot.@Nullable Request call) {
        return ExitReason.of(
                new IllegalStateException(
                        call == null
                                ? "expected no reply, because there was no call, got one"
                                : "expected a reply to "
                                        + SafeText.of(call.request)
                                        + ", got one to "
                                        + SafeText.of(answered)));
    }

    private void act(Action wanted) {
        if (timeouts == null) {
            if (wanted == Action.NONE && process.idleAction() == Action.NONE) {
                return;
            }
            timeouts = new StateTimeouts(process, process.idleAction());
        }
        timeouts.act(wanted);
    }

    /// Performs the action that init has asked for.
    void actAfterInit(Action wanted) {
        act(wanted);
    }

    private void cancelTimeout() {
        if (timeouts != null) {
            timeouts.cancel();
        }
    }

    // Ending the server

    /// Ends the server because a callback has thrown something. If the thread is lent, a stack
    /// overflow is passed on, and an interrupt only ends the turn.
    ///
    /// @param call the call that the callback was handling, or null
    void crash(Throwable thrown, ReplySlot.@Nullable Request call) {
        if (Lending.isLent()) {
            if (thrown instanceof StackOverflowError noStack) {
                throw noStack; // there may be no stack left to end the server on this thread
            }
            if (!process.isDead() && Lending.isInterrupt(thrown)) {
                giveUpTurn(thrown, call);
                return;
            }
        }
        Throwable why = thrown instanceof ClassCastException wrong ? explained(wrong) : thrown;
        terminate(Thrown.reason(why));
    }

    /// Ends the server because a callback has overflowed a stack that had much room when it began.
    void overflowed(StackOverflowError noStack) {
        terminate(Thrown.reason(noStack));
    }

    /// Gives up a turn because the sender's thread was interrupted while it ran the turn. As with
    /// an object that is guarded by a lock, that concerns the sender alone: its call fails, and the
    /// server continues with the state it had.
    private void giveUpTurn(Throwable interrupt, ReplySlot.@Nullable Request call) {
        Lending.putOffInterrupt();
        if (call == null) {
            Lending.reportInterrupt(process, lastMessage, interrupt);
        } else {
            call.fail(ExitReason.INTERRUPTED);
            process.finish();
        }
    }

    /// Explains a failed cast. A request of a type that the server does not take fails in the
    /// bridge method that the compiler generates, with a cast whose message says little.
    private Throwable explained(ClassCastException thrown) {
        StackTraceElement[] stack = thrown.getStackTrace();
        boolean inBridge =
                stack.length > 1
                        && stack[0].getClassName().equals(code().getClass().getName())
                        && stack[1].getClassName().equals(Callbacks.class.getName());
        return inBridge
                ? new IllegalArgumentException(
                        code().callbackModule().getName()
                                + " does not handle the "
                                + ServerCrash.describe(lastMessage()),
                        thrown)
                : thrown;
    }

    private void terminate(ExitReason reason) {
        terminate(reason, null, null);
    }

    /// Runs `terminate` and ends the server.
    ///
    /// @param call the call to answer in between, or null
    private void terminate(
            ExitReason reason, ReplySlot.@Nullable Request call, @Nullable Object reply) {
        process.leaveInterrupt();
        if (process.isDead()) {
            return;
        }
        ExitReason exit = reason;
        try {
            code().terminate(reason, state);
        } catch (Throwable thrown) { // becomes the exit reason
            exit = Thrown.reason(thrown);
        }
        if (call != null) {
            if (process.node.machine != null) {
                process.node.step(Event.REPLY, Context.get(), call.callerPid(), reply);
            }
            call.answer(reply, process.node.deadLetters);
            see(debug == null ? null : new SystemEvent.Out(reply, call, state));
        }
        try {
            if (!exit.isOrderly() && !process.isDead()) {
                ServerCrash.report(process, exit);
            }
            process.stepToEnd();
        } finally { // also if memory ends in the report
            process.die(exit);
        }
    }

    // What others see

    Object state() {
        return state;
    }

    void replaceState(Object next) {
        state = next;
    }

    /// Returns the server's code. Only after init has begun.
    GenServer<Object, Object, Object, Object> code() {
        GenServer<Object, Object, Object, Object> known = code;
        if (known == null) {
            throw new AssertionError("a server that serves has code");
        }
        return known;
    }

    /// Returns the server's code, or null if it is not made yet. Any thread. Races OK: other
    /// threads only show it to people, and may see an older one.
    @Nullable GenServer<Object, Object, Object, Object> codeOrNull() {
        return code;
    }

    void replaceCode(GenServer<Object, Object, Object, Object> next) {
        code = next;
    }

    ProcessPid parent() {
        return parent;
    }

    @Nullable Object lastMessage() {
        return lastMessage == null ? process.current() : lastMessage;
    }

    /// Returns what the last callback has asked for; null for nothing.
    @Nullable StateTimeouts timeouts() {
        return timeouts == null || timeouts.action() == Action.NONE ? null : timeouts;
    }

    /// Any thread.
    @Nullable Debug debug() {
        return debug;
    }

    void debug(@Nullable Debug next) {
        Debug before = debug;
        if (before != null && next == null) {
            before.closeFile();
        }
        debug = next;
    }

    /// Ends the timer and the log file of a dead server. The dying thread.
    void end() {
        StateTimeouts last = timeouts; // races OK: the owner disarms what it arms after the death
        if (last != null) {
            last.disarm();
        }
        Debug watching = debug;
        if (watching != null) {
            watching.closeFile();
        }
    }

    /// Shows an event to what watches the server.
    ///
    /// @param event null if nothing watches the server
    private void see(@Nullable SystemEvent event) {
        Debug watching = debug;
        if (watching != null && event != null) {
            watching.see(process, event);
        }
    }
}
