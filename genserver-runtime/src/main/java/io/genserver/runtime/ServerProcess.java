package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Start;
import io.genserver.SystemEvent;
import org.jspecify.annotations.Nullable;

/// A generic server: the loop that takes one message after the other, runs the callback for it and
/// does what the callback's result says.
///
/// Everything here belongs to the owner, see [Ownership], unless it says otherwise.
final class ServerProcess extends StateTimeouts {

    private static final Object NO_STATE = "none yet";

    /// Null once init has ended well. Written by the owner, guarded, so that whoever ends the
    /// process knows for sure whether it was born; read by that thread.
    private volatile @Nullable Birth birth;

    /// Who started and linked it. As on the BEAM, a server that nobody linked is its own parent.
    private final LocalPid parent;

    /// How long it may be idle before it hibernates. Units: ns.
    private final long hibernateAfter;

    private final boolean platformThread;

    private @Nullable GenServer<Object, Object, Object, Object> server;
    private Object state = NO_STATE;

    /// What the callback under way is for, for the crash report; null between two, so that an idle
    /// server holds on to nothing but its state.
    private @Nullable Object lastMessage;

    private boolean suspended;

    /// Null as long as nothing watches the server. Written by the owner, read by the thread that
    /// ends the process.
    private volatile @Nullable Debug debug;

    ServerProcess(LocalRuntime runtime, Birth birth) {
        super(runtime, birth.caller() == null ? null : birth.caller().ancestryOfChildren());
        this.parent = birth.parent() == null ? pid : birth.parent().pid;
        this.hibernateAfter = birth.options().hibernateAfter();
        this.platformThread = birth.options().platformThread();
        this.birth = birth;
    }

    @Override
    String initialCall() {
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

    Object state() {
        return state;
    }

    @Nullable Object lastMessage() {
        return lastMessage;
    }

    // ---------------------------------------------------------------- running

    @Override
    void startThread() {
        if (platformThread) {
            Thread.ofPlatform().daemon().name(pid.toString()).start(this::run);
        } else {
            Thread.startVirtualThread(this::run);
        }
    }

    private void run() {
        takeOver();
        try {
            live();
        } catch (Throwable broken) { // the user's code has nets of its own: out of memory, at best
            die(Thrown.reason(broken));
            bury();
        }
    }

    private void live() {
        Birth unborn = birth;
        if (unborn != null && !isDead() && init(unborn)) {
            receivePendingExit();
            if (action() == Action.NONE && mailbox.nothingPassedOver() && !goCold()) {
                return; // hibernates until its first message
            }
        }
        runtime.idleSweep.watch(this);
        loop();
    }

    private void loop() {
        for (receivePendingExit(); !isDead(); receivePendingExit()) {
            Object continuation = suspended ? null : takeContinuation();
            if (continuation != null) {
                goOn(continuation);
                continue;
            }
            if (!suspended && isTimeoutFirst()) {
                timedOut();
                continue;
            }
            Object message =
                    suspended ? mailbox.takeRaw(this::isUrgent, this::onPass) : mailbox.poll();
            if (message != null) {
                LogContext.enter(this, message);
                turn(message);
                lastMessage = null;
                runtime.fairness.afterMessage(++handled);
            } else if (!suspended && isTimeoutNow()) {
                timedOut();
            } else if (awaitMessage()) {
                runtime.idleSweep.watch(this); // it may have been cold for a moment
            } else {
                return;
            }
        }
        bury();
    }

    /// Waits for a message, on this thread or without one.
    ///
    /// @return false if this thread owns the process no longer
    private boolean awaitMessage() {
        if (!suspended && wantsToHibernate()) {
            return goCold();
        }
        boolean stays = suspended || hibernateAfter == TimeUnits.FOREVER || action() != Action.NONE;
        return stays ? park(PARKED, null) : awaitOrHibernate();
    }

    private boolean awaitOrHibernate() {
        Alarm alarm = new Alarm();
        runtime.timers.arm(alarm, runtime.timers.clock().nanoTime() + hibernateAfter);
        boolean mine = park(PARKED, alarm);
        runtime.timers.cancel(alarm);
        boolean idle = mine && alarm.hasFired() && mailbox.nothingNew() && !isDead();
        return idle ? goCold() : mine;
    }

    private void goOn(Object continuation) {
        see(new SystemEvent.Continue(continuation));
        lastMessage = continuation;
        run(() -> known().handleContinue(continuation, state), null);
    }

    private void timedOut() {
        info(takeTimeoutMessage());
    }

    private void turn(Object message) {
        switch (message) {
            case ReplySlot.Request call -> {
                cancelTimeout();
                if (take(call)) {
                    see(debug == null ? null : new SystemEvent.InCall(call, call.request));
                    lastMessage = call;
                    run(() -> known().handleCall(call.request, call, state), call);
                }
            }
            case Envelope.Cast cast -> {
                cancelTimeout();
                see(debug == null ? null : new SystemEvent.InCast(cast.request()));
                lastMessage = cast;
                run(() -> known().handleCast(cast.request(), state), null);
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
                info(mine.message());
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

    private void info(Object message) {
        see(debug == null ? null : new SystemEvent.In(message));
        lastMessage = message;
        run(() -> known().handleInfo(message, state), null);
    }

    /// A callback that has been given its arguments.
    @FunctionalInterface
    private interface Callback {
        @Nullable CallResult<Object> run() throws Exception;
    }

    private void run(Callback callback, ReplySlot.@Nullable Request call) {
        CallResult<Object> result;
        try {
            result = callback.run();
        } catch (ClassCastException thrown) {
            terminate(Thrown.reason(explained(thrown)), null, null);
            return;
        } catch (Throwable thrown) { // whatever it is, the server ends with it
            terminate(Thrown.reason(thrown), null, null);
            return;
        }
        if (!isDead()) {
            apply(result, call);
        } else if (call != null) {
            lastWords(result, call);
        }
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
                        && stack[1].getClassName().startsWith(ServerProcess.class.getName());
        return inBridge
                ? new IllegalArgumentException(
                        known().callbackModule().getName()
                                + " does not handle the "
                                + CrashReport.describe(lastMessage),
                        thrown)
                : thrown;
    }

    private void apply(@Nullable CallResult<Object> result, ReplySlot.@Nullable Request call) {
        switch (result) {
            case null -> terminate(new ExitReason.BadReturnValue(null), null, null);
            case CallResult.Reply<Object>(
                            Call<?> answered,
                            Object reply,
                            Object newState,
                            Action then) -> {
                if (call == null || isOther(answered, call)) {
                    terminate(wrongReply(answered, call), null, null);
                    return;
                }
                state = newState;
                runtime.requests.answer(call, reply);
                current = null;
                see(debug == null ? null : new SystemEvent.Out(reply, call, newState));
                act(then);
            }
            case CastResult.NoReply<Object>(Object newState, Action then) -> {
                state = newState;
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
                state = newState;
                terminate(reason, call, reply);
            }
            case CastResult.Stop<Object>(ExitReason reason, Object newState) -> {
                state = newState;
                terminate(reason, null, null);
            }
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

    boolean isSuspended() {
        return suspended;
    }

    void suspend(boolean yes) {
        suspended = yes;
    }

    Pid parent() {
        return parent;
    }

    void replaceState(Object next) {
        state = next;
    }

    void replaceCode(GenServer<Object, Object, Object, Object> code) {
        server = code;
    }

    GenServer<Object, Object, Object, Object> known() {
        GenServer<Object, Object, Object, Object> instance = server;
        if (instance == null) {
            throw new AssertionError("a server that serves has an instance");
        }
        return instance;
    }

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

    /// @param event null if nothing watches the server
    private void see(@Nullable SystemEvent event) {
        Debug watching = debug;
        if (watching != null && event != null) {
            watching.see(this, event);
        }
    }

    // ---------------------------------------------------------------- birth and death

    /// Runs init and tells the starter how it went.
    ///
    /// @return whether the server serves now
    private boolean init(Birth unborn) {
        Init.Ok<Object> result = unborn.run(this);
        if (result == null) {
            return false;
        }
        state = result.state();
        SystemMessages.debug(this, unborn.options().debug());
        synchronized (this) {
            if (isDead()) {
                return false; // killed by now: whoever did it tells the starter
            }
            birth = null;
        }
        act(result.action());
        unborn.starter().reply(new Start.Ok(pid));
        return !isDead();
    }

    /// Any thread.
    @Override
    void beforeSignals() {
        Birth unborn = birth;
        if (unborn != null) {
            unborn.beforeSignals(this);
        }
    }

    /// Any thread.
    @Override
    void afterSignals(ExitReason reason) {
        disarm();
        Debug watching = debug;
        if (watching != null) {
            watching.closeFile();
        }
        Birth unborn = birth;
        if (unborn != null) {
            unborn.afterSignals(reason);
        }
    }

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
