package io.genserver.runtime;

import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.SystemRequest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One request on its way and its answer on the way back: the message in the server's mailbox, the
/// [From] its callback gets, and what the caller's thread waits on.
///
/// ## One answer
///
/// `outcome` goes from null to one value, once, by compare-and-set: the reply, or a [Failure]. A
/// server that replies, a deadline that passes, a death and a caller that gives up race for it, and
/// whoever comes second has no effect; so a late reply vanishes.
///
/// ## No lost wake-up
///
/// Whoever sets `outcome` then unparks the caller; the caller reads `outcome` before each park, and
/// an unpark that comes before the park makes it return. The volatile write and read of `outcome`
/// also make what the replier wrote before visible to the caller.
abstract sealed class ReplySlot extends Mailbox.Item implements Envelope, From {

    /// Why there is no reply.
    record Failure(ExitReason reason) {}

    private static final Object NULL_REPLY = new Object();
    private static final VarHandle OUTCOME;

    static {
        try {
            OUTCOME =
                    MethodHandles.lookup().findVarHandle(ReplySlot.class, "outcome", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// A call.
    static sealed class Request extends ReplySlot permits SentRequest {
        final Object request;

        Request(Object request, @Nullable LocalProcess caller) {
            super(caller);
            this.request = request;
        }

        @Override
        String describe(String server) {
            return "call to " + server + " with " + SafeText.of(request);
        }

        @Override
        String function(ServerRef server, String timeout) {
            return "GenServer.call " + server + ", " + SafeText.of(request) + ", " + timeout;
        }

        @Override
        Object request() {
            return request;
        }
    }

    /// A request to stop, which is answered by the server's end.
    static final class Stop extends ReplySlot {
        final ExitReason reason;

        Stop(ExitReason reason, @Nullable LocalProcess caller) {
            super(caller);
            this.reason = reason;
        }

        @Override
        String describe(String server) {
            return "stop of " + server + " with reason " + reason;
        }

        @Override
        String function(ServerRef server, String timeout) {
            return "GenServer.stop " + server + ", " + reason + ", " + timeout;
        }

        @Override
        Object request() {
            return reason;
        }
    }

    /// A system request.
    static final class SystemCall extends ReplySlot {

        /// What a function of the caller's threw; goes back to the caller as the reply.
        record Refused(RuntimeException problem) {}

        final SystemRequest request;

        SystemCall(SystemRequest request, @Nullable LocalProcess caller) {
            super(caller);
            this.request = request;
        }

        @Override
        String describe(String server) {
            return "system request to " + server + ": " + request;
        }

        @Override
        String function(ServerRef server, String timeout) {
            return "Sys " + server + ", " + request + ", " + timeout;
        }

        @Override
        Object request() {
            return request;
        }
    }

    /// The start of a server, which is answered by how its init ends.
    static final class Starting extends ReplySlot {

        Starting(@Nullable LocalProcess caller) {
            super(caller);
        }

        @Override
        String describe(String server) {
            return "start of " + server;
        }

        @Override
        String function(ServerRef server, String timeout) {
            return "GenServer.start " + server + ", " + timeout;
        }

        @Override
        Object request() {
            return "start";
        }
    }

    private final @Nullable LocalPid caller;
    private final Thread thread = Thread.currentThread();
    final @Nullable Map<String, String> logContext = LogContext.carried();

    /// Who is asked. Written by the caller before the request is delivered or seen by others.
    @Nullable LocalProcess target;

    /// Whether the server has put the answer off, so that anybody may give it. Written by the
    /// server, read by callers that look for a circle.
    volatile boolean deferred;

    /// Whether the caller's own thread runs the turn. Written before the request is seen by others.
    boolean own;

    /// When the caller began to wait; 0 until then. The caller's thread. Units: ns.
    private long since;

    /// See the class.
    private volatile @Nullable Object outcome;

    private ReplySlot(@Nullable LocalProcess caller) {
        this.caller = caller == null ? null : caller.pid;
    }

    /// What is asked for, with the server spelled out, for the message of a failure.
    abstract String describe(String server);

    /// The function that was called and its arguments, for an exit reason.
    abstract String function(ServerRef server, String timeout);

    abstract Object request();

    @Override
    public Optional<Pid> pid() {
        return Optional.ofNullable(caller);
    }

    @Override
    public String toString() {
        return "From[" + (caller == null ? thread : caller) + "]";
    }

    boolean isAnswered() {
        return outcome != null;
    }

    /// Gives the caller its reply; false if that came too late. Any thread.
    boolean reply(@Nullable Object reply) {
        return set(reply == null ? NULL_REPLY : reply);
    }

    /// Tells the caller that there will be no reply. Any thread.
    boolean fail(ExitReason reason) {
        return set(new Failure(reason));
    }

    void timeOut() {
        fail(ExitReason.TIMEOUT);
    }

    /// Takes the reply away from a caller that ran the server itself and finds that this took too
    /// long. The caller's thread.
    ///
    /// @param waited how long it took; units: ns
    /// @return false if there is no reply, but a failure
    boolean timeOutLate(long waited, TimerWheel timers) {
        if (outcome instanceof Failure) {
            return false;
        }
        since = timers.clock().nanoTime() - waited;
        outcome = new Failure(ExitReason.TIMEOUT);
        return true;
    }

    private boolean set(Object value) {
        return outcome == null && OUTCOME.compareAndSet(this, null, value) && answered();
    }

    /// As [#reply], by the caller's thread itself, which runs the server's turn and waits for
    /// nothing. Somebody else may give another outcome at this very moment; the caller then has one
    /// of the two.
    boolean replyOwn(@Nullable Object reply) {
        if (outcome != null) {
            return false;
        }
        OUTCOME.setRelease(this, reply == null ? NULL_REPLY : reply);
        return answered();
    }

    final boolean isOwn() {
        return own && thread == Thread.currentThread();
    }

    /// The thread that runs the turn, if it is the caller's own.
    final @Nullable Thread runner() {
        return own ? thread : null;
    }

    /// Tells whoever waits that the outcome is there. Called once.
    ///
    /// @return false if nobody wants it any more
    boolean answered() {
        if (thread != Thread.currentThread()) {
            LockSupport.unpark(thread);
        }
        return true;
    }

    /// The outcome: the reply or a [Failure]; null if there is none, or the reply is null.
    final @Nullable Object outcome() {
        Object result = outcome;
        return result == NULL_REPLY ? null : result;
    }

    final boolean isOfThisThread() {
        return caller == null && thread == Thread.currentThread();
    }

    /// What the caller is doing, for people; empty if it has ended.
    final List<StackTraceElement> callerStack() {
        return List.of(thread.getStackTrace());
    }

    /// Waits for the outcome: the reply, or a [Failure]. The caller's thread only.
    ///
    /// @param timeout units: ns; [TimeUnits#FOREVER] for no limit
    /// @throws ExitException if the caller's own process dies meanwhile
    @Nullable Object await(Context context, TimerWheel timers, long timeout) {
        Object result = outcome;
        if (result == null) {
            LocalProcess self = context.process();
            if (self != null) {
                self.receivePendingExit();
                self.checkAlive();
            }
            since = timers.clock().nanoTime();
            result =
                    timeout == TimeUnits.FOREVER
                            ? park(context, timers)
                            : parkUntil(context, timers, since + timeout);
        }
        return result == NULL_REPLY ? null : result;
    }

    private Object parkUntil(Context context, TimerWheel timers, long until) {
        TimerWheel.Entry own = context.deadline().begin(timers, this, until);
        try {
            return park(context, timers);
        } finally {
            context.deadline().end();
            if (own != null) {
                timers.cancel(own);
            }
        }
    }

    private Object park(Context context, TimerWheel timers) {
        LocalProcess self = context.process();
        Object result;
        context.beforeWait();
        Spin spin = context.answerSpin();
        look(spin);
        boolean measures = outcome == null && spin.measures();
        while ((result = outcome) == null) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()
                    && outcome == null
                    && !context.putOffInterrupt()) {
                fail(ExitReason.INTERRUPTED);
                if (self != null) {
                    self.checkAlive();
                }
            }
        }
        if (measures) {
            spin.measured(timers.clock().nanoTime() - since);
        }
        return result;
    }

    private void look(Spin spin) {
        int looks = spin.looks();
        for (int i = 0; i < looks; i++) {
            if (outcome != null) {
                spin.found();
                return;
            }
            Thread.onSpinWait();
        }
        if (looks > 0) {
            spin.inVain();
        }
    }

    /// How long the caller has waited. The caller's thread. Units: ns.
    long waited(TimerWheel timers) {
        return since == 0 ? 0 : timers.clock().nanoTime() - since;
    }

    /// The exception for a failure.
    CallException exception(
            ExitReason reason, ServerRef server, String name, long timeout, long waited) {
        Duration time = Duration.ofNanos(waited);
        return new CallException(
                describe(name) + " " + explain(reason, time),
                new ExitReason.FailedCall(reason, function(server, TimeUnits.text(timeout))),
                server,
                request(),
                time);
    }

    private static String explain(ExitReason reason, Duration waited) {
        if (reason.equals(ExitReason.TIMEOUT)) {
            return "timed out after " + TimeUnits.text(waited.toNanos());
        }
        if (reason instanceof ExitReason.CallCycle(List<Pid> chain)) {
            return "would never be answered, for these processes would wait for each other: "
                    + chain.stream().map(Pid::toString).collect(Collectors.joining(" -> "));
        }
        if (reason.equals(ExitReason.NOPROC)) {
            return "failed: there is no such process, or it has ended";
        }
        if (reason.equals(ExitReason.CALLING_SELF)) {
            return "failed: a process cannot call itself, it would wait for ever";
        }
        if (reason.equals(ExitReason.INTERRUPTED)) {
            return "was interrupted after " + TimeUnits.text(waited.toNanos());
        }
        return "failed after "
                + TimeUnits.text(waited.toNanos())
                + ": the server ended with "
                + SafeText.of(reason);
    }
}
