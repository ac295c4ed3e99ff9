package io.genserver.runtime;

import io.genserver.Action;
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
import org.jspecify.annotations.Nullable;

/// A generic server: the loop that takes one message after the other, runs the callback for it and
/// does what the callback's result says.
///
/// Everything here belongs to the owner, see [LocalProcess], unless it says otherwise.
final class ServerProcess extends LocalProcess {

    /// What init needs and nothing needs afterwards.
    record Birth(
            java.util.function.Supplier<? extends GenServer<?, ?, ?, ?>> server,
            Object argument,
            @Nullable ServerRef name,
            ReplySlot.Starting starter) {}

    private static final Object NO_STATE = "none yet";

    /// Null once init has ended well. Written by the owner, read by the thread that ends the
    /// process.
    private volatile @Nullable Birth birth;

    /// How init ended, if badly. Written by the owner before it ends the process.
    private @Nullable Start failedStart;

    /// Who started and linked it; null if nobody did. Written before the first thread starts.
    private final @Nullable LocalProcess parent;

    private @Nullable GenServer<Object, Object, Object, Object> server;
    private Object state = NO_STATE;

    /// What the callback under way is for, for the crash report.
    private @Nullable Object lastMessage;

    private Action action = Action.NONE;
    private Envelope.@Nullable StateTimeoutFired stateTimeout;

    ServerProcess(LocalRuntime runtime, @Nullable LocalProcess parent, Birth birth) {
        super(runtime);
        this.parent = parent;
        this.birth = birth;
    }

    @Override
    String initialCall() {
        GenServer<Object, Object, Object, Object> known = server; // races OK: set once, for people
        return known == null ? "GenServer" : known.callbackModule().getName();
    }

    @Nullable GenServer<Object, Object, Object, Object> server() {
        return server;
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
        Birth unborn = birth;
        if (unborn != null && !isDead() && init(unborn) && action == Action.NONE && !goCold()) {
            return; // hibernates until its first message
        }
        runtime.idleSweep.watch(this);
        loop();
    }

    private void loop() {
        for (receivePendingExit(); !isDead(); receivePendingExit()) {
            if (action instanceof Action.Continue(Object continuation)) {
                action = Action.NONE;
                lastMessage = continuation;
                run(() -> known().handleContinue(continuation, state), null);
                continue;
            }
            Object message = mailbox.poll();
            if (message != null) {
                turn(message);
                runtime.fairness.afterMessage(++handled);
            } else if (isTimeoutNow()) {
                timedOut();
            } else if (action == Action.hibernate() ? !goCold() : !park(PARKED, null)) {
                return;
            }
        }
        for (Object left = mailbox.poll(); left != null; left = mailbox.poll()) {
            if (left instanceof ReplySlot slot) {
                failOwed(slot);
            }
        }
    }

    @Override
    boolean onInterrupt() {
        // Nobody is running the user's code, so the interrupt is a leftover of it, or of a death.
        Thread.interrupted();
        return !isDead();
    }

    private void turn(Object message) {
        switch (message) {
            case ReplySlot.Request call -> {
                cancelTimeout();
                handleCall(call);
            }
            case Envelope.Cast(Object request) -> {
                cancelTimeout();
                lastMessage = message;
                run(() -> known().handleCast(request, state), null);
            }
            case ReplySlot.Stop stop -> {
                current = stop;
                lastMessage = stop;
                terminate(stop.reason, null, null);
            }
            case ReplySlot.Starting starting -> throw new AssertionError(starting);
            case Envelope.StateTimeoutFired timeout -> {
                if (timeout == stateTimeout) {
                    timedOut();
                }
            }
            case Exit(var from, var reason) when from == parentPid() -> {
                lastMessage = message;
                terminate(reason, null, null);
            }
            default -> {
                cancelTimeout();
                info(message);
            }
        }
    }

    /// As on the BEAM, a server that was not linked by its starter is its own parent.
    private Pid parentPid() {
        return parent == null ? pid : parent.pid;
    }

    private void handleCall(ReplySlot.Request call) {
        current = call;
        if (isDead()) { // read after the write of current, see LocalProcess
            failOwed(call);
            return;
        }
        lastMessage = call;
        run(() -> known().handleCall(call.request, call, state), call);
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
        } catch (Throwable thrown) { // whatever it is, the server ends with it
            terminate(Thrown.reason(thrown), null, null);
            return;
        }
        if (!isDead()) {
            apply(result, call);
        }
    }

    private void apply(@Nullable CallResult<Object> result, ReplySlot.@Nullable Request call) {
        switch (result) {
            case null -> terminate(new ExitReason.BadReturnValue(null), null, null);
            case CallResult.Reply<Object>(Object reply, Object newState, Action then) -> {
                if (call == null) {
                    terminate(new ExitReason.BadReturnValue(result), null, null);
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
                        owe(call);
                    }
                    current = null;
                }
                act(then);
            }
            case CallResult.StopReply<Object>(ExitReason reason, Object reply, Object newState) -> {
                state = newState;
                terminate(reason, call, reply);
            }
            case CastResult.Stop<Object>(ExitReason reason, Object newState) -> {
                state = newState;
                terminate(reason, null, null);
            }
        }
    }

    // ---------------------------------------------------------------- actions

    private void act(Action wanted) {
        action = wanted;
        if (wanted instanceof Action.AfterTimeout(Duration after) && !after.isZero()) {
            stateTimeout = new Envelope.StateTimeoutFired(this);
            long nanos = TimeUnits.nanos("a state timeout", after);
            if (nanos != TimeUnits.FOREVER) {
                runtime.timers.arm(stateTimeout, runtime.timers.clock().nanoTime() + nanos);
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
            runtime.timers.cancel(stateTimeout);
            stateTimeout = null;
        }
    }

    private void timedOut() {
        action = Action.NONE;
        stateTimeout = null;
        info(StateTimeout.TIMEOUT);
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
                birth = null;
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
                (GenServer<Object, Object, Object, Object>) unborn.server().get();
        server = instance;
        return instance.init(unborn.argument());
    }

    private boolean claimName(ServerRef name) {
        return switch (name) {
            case Name local -> {
                LocalProcess holder = register(local);
                yield holder == null || nameTaken(holder.pid);
            }
            case Via(var registry, Object key) ->
                    registry.registerName(key, pid)
                            || nameTaken(registry.whereisName(key).orElse(pid));
            case Pid taken -> throw new AssertionError(taken);
        };
    }

    private boolean nameTaken(Pid holder) {
        return failStart(
                new Start.Failed(new ExitReason.AlreadyStarted(holder)), ExitReason.NORMAL);
    }

    private boolean failStart(Start outcome, ExitReason reason) {
        failedStart = outcome;
        die(reason);
        return false;
    }

    /// The exit of a server that never was is its starter's result; if the starter traps exits, it
    /// is not told twice. Any thread.
    @Override
    void beforeSignals() {
        if (birth != null && parent != null && parent.trapsExits()) {
            parent.dropLink(this);
        }
    }

    /// Any thread.
    @Override
    void afterSignals(ExitReason reason) {
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

    private GenServer<Object, Object, Object, Object> known() {
        GenServer<Object, Object, Object, Object> instance = server;
        if (instance == null) {
            throw new AssertionError("a server that serves has an instance");
        }
        return instance;
    }
}
