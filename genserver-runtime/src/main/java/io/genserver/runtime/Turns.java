package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.SystemEvent;
import org.jspecify.annotations.Nullable;

/// The turns of a server: takes a message, runs the callback for it and does what the callback's
/// result says. The layer of a [ServerProcess] below the threads that run it.
///
/// Everything here belongs to the owner, see [Ownership], unless it says otherwise.
abstract class Turns extends StateTimeouts {

    private static final Object NO_STATE = "none yet";

    /// Who started and linked it. As on the BEAM, a server that nobody linked is its own parent.
    private final LocalPid parent;

    private @Nullable GenServer<Object, Object, Object, Object> server;
    private Object state = NO_STATE;

    /// What the callback under way is for, for the crash report, unless it is the request in
    /// `current`; null between two, so that an idle server holds on to nothing but its state.
    private @Nullable Object lastMessage;

    private boolean suspended;

    /// Null as long as nothing watches the server. Written by the owner, read by the thread that
    /// ends the process.
    private volatile @Nullable Debug debug;

    Turns(LocalRuntime runtime, @Nullable Ancestry ancestry, @Nullable LocalProcess parent) {
        super(runtime, ancestry);
        this.parent = parent == null ? pid : parent.pid;
    }

    @Override
    final String initialCall() {
        GenServer<Object, Object, Object, Object> known = server; // races OK: set once, for people
        if (known == null) {
            return "GenServer";
        }
        try {
            return known.callbackModule().getName();
        } catch (RuntimeException hostile) { // the user's; what it is must be told all the same
            return known.getClass().getName();
        }
    }

    final Object state() {
        return state;
    }

    @Override
    final void forget() {
        state = NO_STATE;
    }

    final @Nullable Object lastMessage() {
        return lastMessage == null ? current : lastMessage;
    }

    /// Does the next thing there is to do.
    ///
    /// @return false if there was nothing to do, or the process is dead
    final boolean step() {
        receivePendingExit();
        if (isDead()) {
            return false;
        }
        Object continuation = suspended ? null : takeContinuation();
        if (continuation != null) {
            goOn(continuation);
        } else if (!suspended && isTimeoutFirst()) {
            timedOut();
        } else {
            Object message =
                    suspended ? mailbox.takeRaw(this::isUrgent, this::onPass) : mailbox.poll();
            if (message != null) {
                LogContext.enter(this, message);
                turn(message);
            } else if (!suspended && isTimeoutNow()) {
                timedOut();
            } else {
                return false;
            }
        }
        lastMessage = null;
        handled++;
        return true;
    }

    /// Handles a message of this very thread's, which never was in the mailbox.
    final void handleOwn(Object message) {
        LogContext.enter(this, message);
        if (message instanceof ReplySlot.Request call) {
            cancelTimeout();
            if (takeOwn(call)) {
                call(call);
            }
        } else {
            turn(message);
        }
        if (lastMessage != null) {
            lastMessage = null;
        }
        handled++;
    }

    /// Whether a message that comes now is the next to be handled.
    final boolean isFree() {
        return mailbox.nothingNew() && mailbox.nothingPassedOver() && !suspended && !isDead();
    }

    /// Whether [#step] would do something even if no message comes.
    final boolean wantsTurn() {
        return !suspended
                && (action() instanceof Action.Continue
                        || isTimeoutNow()
                        || !mailbox.nothingPassedOver());
    }

    private void goOn(Object continuation) {
        see(debug == null ? null : new SystemEvent.Continue(continuation));
        lastMessage = continuation;
        CallResult<Object> result;
        try {
            result = known().handleContinue(continuation, state);
        } catch (Throwable thrown) { // as in call()
            crash(thrown);
            return;
        }
        apply(result, null);
    }

    private void timedOut() {
        info(takeTimeoutMessage());
    }

    private void turn(Object message) {
        switch (message) {
            case ReplySlot.Request call -> {
                cancelTimeout();
                if (take(call)) {
                    call(call);
                }
            }
            case Envelope.Cast cast -> {
                cancelTimeout();
                cast(cast);
            }
            case ReplySlot.Stop stop -> {
                if (take(stop)) {
                    lastMessage = stop;
                    terminate(stop.reason, null, null);
                }
            }
            case ReplySlot.SystemCall system -> {
                if (take(system)) {
                    system.reply(SystemMessages.answer(this, system.request));
                    current = null;
                    afterSystemRequest();
                }
            }
            case ReplySlot.Starting starting -> throw new AssertionError(starting);
            case Envelope.StateTimeoutFired timeout -> {
                if (isInForce(timeout)) {
                    timedOut();
                }
            }
            case Envelope.UserMessage mine -> {
                cancelTimeout();
                info(mine.message);
            }
            case Exit(var from, var reason) when from == parent -> {
                lastMessage = message;
                terminate(reason, null, null);
            }
            default -> {
                cancelTimeout();
                info(message);
            }
        }
    }

    private void call(ReplySlot.Request call) {
        see(debug == null ? null : new SystemEvent.InCall(call, call.request));
        CallResult<Object> result;
        try {
            result = known().handleCall(call.request, call, state);
        } catch (Throwable thrown) { // whatever it is, the server ends with it
            crash(thrown);
            return;
        }
        apply(result, call);
    }

    /// Whether a suspended server handles this message.
    private boolean isUrgent(Object message) {
        return message instanceof ReplySlot.SystemCall
                || message instanceof ReplySlot.Stop
                || (message instanceof Exit(var from, var _) && from == parent);
    }

    /// Makes a request the one being handled, if there is somebody to handle it.
    private boolean take(ReplySlot request) {
        current = request;
        if (isDead()) { // read after the write of current, see Signals
            owe(request);
            return false;
        }
        return true;
    }

    /// As [#take], for a request of the very thread that runs the server. It needs no fence: that
    /// thread does not wait while it runs the turn, and when it leaves a server that was ended
    /// meanwhile it fails what it finds in `current`, see [#bury].
    private boolean takeOwn(ReplySlot request) {
        if (isDead()) {
            owe(request);
            return false;
        }
        request.own = true;
        currentPlainly(request);
        return true;
    }

    private void info(Object message) {
        see(debug == null ? null : new SystemEvent.In(message));
        lastMessage = message;
        CallResult<Object> result;
        try {
            result = known().handleInfo(message, state);
        } catch (Throwable thrown) { // as in call()
            crash(thrown);
            return;
        }
        apply(result, null);
    }

    private void cast(Envelope.Cast cast) {
        see(debug == null ? null : new SystemEvent.InCast(cast.request));
        lastMessage = cast;
        CallResult<Object> result;
        try {
            result = known().handleCast(cast.request, state);
        } catch (Throwable thrown) { // as in call()
            crash(thrown);
            return;
        }
        apply(result, null);
    }

    /// Ends the server because of something a callback has thrown. If there was no stack left and
    /// the thread is borrowed, there may be none left for that either.
    final void crash(Throwable thrown) {
        if (thrown instanceof StackOverflowError tooDeep && Context.get().depth > 0) {
            throw tooDeep;
        }
        Throwable why = thrown instanceof ClassCastException wrong ? explained(wrong) : thrown;
        terminate(Thrown.reason(why), null, null);
    }

    /// A link ended the process while it was answering a call; the answer may still go out, see
    /// failCalls. If it was killed, the caller has its exit already, and this has no effect.
    private void lastWords(@Nullable CallResult<Object> result, ReplySlot.Request call) {
        if (result instanceof CallResult.Reply<Object> reply && !isOther(reply.request(), call)) {
            runtime.requests.answer(call, reply.reply());
        } else {
            owe(call);
        }
    }

    /// A request of a type the server does not take fails in the method the compiler puts before
    /// the server's own, with a cast that says little; says more.
    private Throwable explained(ClassCastException thrown) {
        StackTraceElement[] stack = thrown.getStackTrace();
        boolean inBridge =
                stack.length > 1
                        && stack[0].getClassName().equals(known().getClass().getName())
                        && stack[1].getClassName().startsWith(Turns.class.getName());
        return inBridge
                ? new IllegalArgumentException(
                        known().callbackModule().getName()
                                + " does not handle the "
                                + CrashReport.describe(lastMessage()),
                        thrown)
                : thrown;
    }

    /// Does what a callback's result says. The two frequent ones are apart, so that the compiler
    /// finds them small enough to see through.
    private void apply(@Nullable CallResult<Object> result, ReplySlot.@Nullable Request call) {
        if (isDead()) {
            if (call != null) {
                lastWords(result, call);
            }
        } else if (result instanceof CallResult.Reply<Object> reply
                && call != null
                && reply.request() == call.request) {
            reply(call, reply.reply(), reply.state(), reply.action());
        } else if (result instanceof CastResult.NoReply<Object> none && call == null) {
            keep(none.state());
            see(debug == null ? null : new SystemEvent.NoReply(none.state()));
            act(none.action());
        } else {
            applyOther(result, call);
        }
    }

    private void reply(
            ReplySlot.Request call, @Nullable Object reply, Object newState, Action then) {
        keep(newState);
        runtime.requests.answer(call, reply);
        currentPlainly(null);
        see(debug == null ? null : new SystemEvent.Out(reply, call, newState));
        act(then);
    }

    private void applyOther(@Nullable CallResult<Object> result, ReplySlot.@Nullable Request call) {
        switch (result) {
            case null -> terminate(new ExitReason.BadReturnValue(null), null, null);
            case CallResult.Reply<Object>(
                            Call<?> answered,
                            Object reply,
                            Object newState,
                            Action then) -> {
                if (call == null || isOther(answered, call)) {
                    terminate(wrongReply(answered, call), null, null);
                } else {
                    reply(call, reply, newState, then);
                }
            }
            case CastResult.NoReply<Object>(Object newState, Action then) -> {
                keep(newState);
                see(debug == null ? null : new SystemEvent.NoReply(newState));
                if (call != null) {
                    if (!call.isAnswered()) {
                        call.deferred = true;
                        owe(call);
                    }
                    current = null;
                }
                act(then);
            }
            case CallResult.StopReply<Object>(
                            ExitReason reason,
                            Call<?> answered,
                            Object reply,
                            Object newState) -> {
                if (call == null || isOther(answered, call)) {
                    terminate(wrongReply(answered, call), null, null);
                    return;
                }
                keep(newState);
                terminate(reason, call, reply);
            }
            case CastResult.Stop<Object>(ExitReason reason, Object newState) -> {
                keep(newState);
                terminate(reason, null, null);
            }
        }
    }

    /// A store into an old object costs as much as a lock, so what is there is not written again.
    private void keep(Object newState) {
        if (state != newState) {
            state = newState;
        }
    }

    private static boolean isOther(@Nullable Call<?> answered, ReplySlot.Request call) {
        return answered != null && answered != call.request && !answered.equals(call.request);
    }

    private static ExitReason wrongReply(
            @Nullable Call<?> answered, ReplySlot.@Nullable Request call) {
        return ExitReason.of(
                new IllegalStateException(
                        call == null
                                ? "expected no reply, for there was no call, got one"
                                : "expected a reply to "
                                        + SafeText.of(call.request)
                                        + ", got one to "
                                        + SafeText.of(answered)));
    }

    // ---------------------------------------------------------------- for SystemMessages

    final boolean isSuspended() {
        return suspended;
    }

    final void suspend(boolean yes) {
        suspended = yes;
    }

    final Pid parent() {
        return parent;
    }

    final void replaceState(Object next) {
        state = next;
    }

    final void replaceCode(GenServer<Object, Object, Object, Object> code) {
        server = code;
    }

    final GenServer<Object, Object, Object, Object> known() {
        GenServer<Object, Object, Object, Object> instance = server;
        if (instance == null) {
            throw new AssertionError("a server that serves has an instance");
        }
        return instance;
    }

    final @Nullable Debug debug() {
        return debug;
    }

    final void debug(@Nullable Debug next) {
        Debug before = debug;
        if (before != null && next == null) {
            before.closeFile();
        }
        debug = next;
    }

    /// @param event null if nothing watches the server
    private void see(@Nullable SystemEvent event) {
        Debug watching = debug;
        if (watching != null && event != null) {
            watching.see(this, event);
        }
    }

    /// Ends the server in an orderly way.
    private void terminate(
            ExitReason reason, ReplySlot.@Nullable Request call, @Nullable Object reply) {
        if (isDead()) {
            return;
        }
        ExitReason exit = reason;
        try {
            known().terminate(reason, state);
        } catch (Throwable thrown) { // becomes the exit reason
            exit = Thrown.reason(thrown);
        }
        if (call != null) {
            runtime.requests.answer(call, reply);
            see(debug == null ? null : new SystemEvent.Out(reply, call, state));
        }
        if (!exit.isOrderly() && !isDead()) {
            CrashReport.ofServer(this, exit);
        }
        die(exit);
    }
}
