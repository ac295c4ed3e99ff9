package io.genserver.runtime;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StateTimeout;
import io.genserver.Via;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A generic server: the loop that takes one message after the other, runs the callback for it and
/// does what the callback's result says.
///
/// Everything here belongs to the owner, see [Ownership], unless it says otherwise.
final class ServerProcess extends LocalProcess {

    /// What init needs and nothing needs afterwards.
    record Birth(
            java.util.function.Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            @Nullable ServerRef name,
            @Nullable LocalProcess parent,
            ReplySlot.Starting starter) {}

    private static final Object NO_STATE = "none yet";

    /// Null once init has ended well. Written by the owner, guarded, so that whoever ends the
    /// process knows for sure whether it was born; read by that thread.
    private volatile @Nullable Birth birth;

    /// The name it has in a registry of the user's, until init has ended.
    private @Nullable Via registered;

    /// How init ended, if badly. Written by the owner before it ends the process.
    private @Nullable Start failedStart;

    /// Who started and linked it. As on the BEAM, a server that nobody linked is its own parent.
    private final LocalPid parent;

    private @Nullable GenServer<Object, Object, Object, Object> server;
    private Object state = NO_STATE;

    /// What the callback under way is for, for the crash report; null between two, so that an idle
    /// server holds on to nothing but its state.
    private @Nullable Object lastMessage;

    private boolean suspended;
    private Action action = Action.NONE;

    /// Written by the owner, read by the thread that ends the process.
    private volatile Envelope.@Nullable StateTimeoutFired stateTimeout;

    ServerProcess(LocalRuntime runtime, Birth birth) {
        super(runtime);
        this.parent = birth.parent() == null ? pid : birth.parent().pid;
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
        Thread.startVirtualThread(this::run);
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
            if (action == Action.NONE && mailbox.nothingPassedOver() && !goCold()) {
                return; // hibernates until its first message
            }
        }
        runtime.idleSweep.watch(this);
        loop();
    }

    private void loop() {
        for (receivePendingExit(); !isDead(); receivePendingExit()) {
            if (!suspended && action instanceof Action.Continue(Object continuation)) {
                action = Action.NONE;
                lastMessage = continuation;
                run(() -> known().handleContinue(continuation, state), null);
                continue;
            }
            Object message =
                    suspended ? mailbox.takeRaw(this::isUrgent, this::onPass) : mailbox.poll();
            if (message != null) {
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
        boolean hibernate = !suspended && action == Action.hibernate();
        return hibernate ? goCold() : park(PARKED, null);
    }

    private void turn(Object message) {
        switch (message) {
            case ReplySlot.Request call -> {
                cancelTimeout();
                if (take(call)) {
                    lastMessage = call;
                    run(() -> known().handleCall(call.request, call, state), call);
                }
            }
            case Envelope.Cast(Object request) -> {
                cancelTimeout();
                lastMessage = message;
                run(() -> known().handleCast(request, state), null);
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
                    act(action); // a state timeout begins anew
                }
            }
            case ReplySlot.Starting starting -> throw new AssertionError(starting);
            case Envelope.StateTimeoutFired timeout -> {
                if (timeout == stateTimeout) {
                    timedOut();
                }
            }
            case Envelope.UserMessage(Object mine) -> {
                cancelTimeout();
                info(mine);
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
            failOwed(request);
            return false;
        }
        return true;
    }

    private void info(Object message) {
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
            call.reply(reply.reply());
        } else {
            failOwed(call);
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
                call.reply(reply);
                current = null;
                act(then);
            }
            case CastResult.NoReply<Object>(Object newState, Action then) -> {
                state = newState;
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

    // ---------------------------------------------------------------- actions

    private void act(Action wanted) {
        disarmTimeout();
        stateTimeout = null;
        action = wanted;
        if (wanted instanceof Action.AfterTimeout(Duration after) && !after.isZero()) {
            stateTimeout = new Envelope.StateTimeoutFired(this);
            long nanos = TimeUnits.nanos("a state timeout", after);
            if (nanos != TimeUnits.FOREVER) {
                runtime.timers.arm(stateTimeout, runtime.timers.clock().nanoTime() + nanos);
                if (isDead()) {
                    disarmTimeout(); // whoever ended the process may not have seen it
                }
            }
        }
    }

    /// Whether a state timeout of 0 is due, now that the mailbox is empty.
    private boolean isTimeoutNow() {
        return action instanceof Action.AfterTimeout(Duration after) && after.isZero();
    }

    private void cancelTimeout() {
        action = Action.NONE;
        if (stateTimeout != null) {
            disarmTimeout();
            stateTimeout = null;
        }
    }

    /// Any thread.
    private void disarmTimeout() {
        Envelope.StateTimeoutFired armed = stateTimeout;
        if (armed != null) {
            runtime.timers.cancel(armed);
        }
    }

    private void timedOut() {
        action = Action.NONE;
        stateTimeout = null;
        info(StateTimeout.TIMEOUT);
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

    // ---------------------------------------------------------------- birth and death

    /// Runs init and tells the starter how it went.
    ///
    /// @return whether the server serves now
    private boolean init(Birth unborn) {
        Init<Object> result;
        try {
            if (unborn.name() != null && !claimName(unborn.name())) {
                return false;
            }
            result = callInit(unborn);
        } catch (Throwable thrown) { // whatever it is, the start failed with it
            ExitReason reason = Thrown.reason(thrown);
            return failStart(new Start.Failed(reason), reason);
        }
        return switch (result) {
            case null -> {
                ExitReason reason = new ExitReason.BadReturnValue(null);
                yield failStart(new Start.Failed(reason), reason);
            }
            case Init.Ok<Object>(Object first, Action then) -> {
                state = first;
                synchronized (this) {
                    if (isDead()) {
                        yield false; // killed by now: whoever did it tells the starter
                    }
                    birth = null;
                }
                act(then);
                unborn.starter().reply(new Start.Ok(pid));
                yield !isDead();
            }
            case Init.Ignore<Object> _ -> failStart(new Start.Ignore(), ExitReason.NORMAL);
            case Init.Stop<Object>(ExitReason reason) ->
                    failStart(new Start.Failed(reason), reason);
            case Init.Fail<Object>(ExitReason reason) ->
                    failStart(new Start.Failed(reason), ExitReason.NORMAL);
        };
    }

    @SuppressWarnings("unchecked") // start() checked the argument against the server's type
    private @Nullable Init<Object> callInit(Birth unborn) throws Exception {
        GenServer<Object, Object, Object, Object> instance =
                (GenServer<Object, Object, Object, Object>)
                        Objects.requireNonNull(
                                unborn.server().get(),
                                "expected the supplier of a server to make one, got: null");
        server = instance;
        return instance.init(unborn.argument());
    }

    private boolean claimName(ServerRef name) {
        return switch (name) {
            case Name local -> {
                LocalProcess holder = register(local);
                yield holder == null || nameTaken(holder.pid);
            }
            case Via via -> register(via);
            case Pid taken -> throw new AssertionError(taken);
        };
    }

    private boolean register(Via via) {
        if (via.registry().registerName(via.key(), pid)) {
            registered = via;
            return true;
        }
        ExitReason taken = ExitReason.of("the name " + via + " is taken");
        return via.registry()
                .whereisName(via.key())
                .map(this::nameTaken)
                .orElseGet(() -> failStart(new Start.Failed(taken), ExitReason.NORMAL));
    }

    private boolean nameTaken(Pid holder) {
        return failStart(
                new Start.Failed(new ExitReason.AlreadyStarted(holder)), ExitReason.NORMAL);
    }

    private boolean failStart(Start outcome, ExitReason reason) {
        if (registered != null) {
            registered.registry().unregisterName(registered.key());
        }
        failedStart = outcome;
        die(reason);
        return false;
    }

    /// The exit of a server that never was is its starter's result; if the starter traps exits, it
    /// is not told twice. Any thread.
    @Override
    void beforeSignals() {
        Birth unborn = birth;
        LocalProcess starter = unborn == null ? null : unborn.parent();
        if (starter != null && starter.trapsExits()) {
            starter.dropLink(this);
        }
    }

    /// Any thread.
    @Override
    void afterSignals(ExitReason reason) {
        disarmTimeout();
        Birth unborn = birth;
        if (unborn != null) {
            Start outcome = failedStart;
            unborn.starter().reply(outcome == null ? new Start.Failed(reason) : outcome);
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
            call.reply(reply);
        }
        if (!exit.isOrderly() && !isDead()) {
            CrashReport.ofServer(this, exit);
        }
        die(exit);
    }

    GenServer<Object, Object, Object, Object> known() {
        GenServer<Object, Object, Object, Object> instance = server;
        if (instance == null) {
            throw new AssertionError("a server that serves has an instance");
        }
        return instance;
    }
}
