package io.genserver.runtime;

import io.genserver.Call;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.Pid;
import io.genserver.ReplyTo;
import io.genserver.ServerRef;
import io.genserver.spi.SystemRequest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One request to a server, and its answer. It is the message in the server's mailbox, the [From]
/// that the callback gets, the [ReplyTo] that it makes of that, and the object on which the
/// caller's thread waits.
///
/// ## One answer
///
/// `outcome` goes from null to one value with a compare-and-set: the reply, or a [Failure]. A
/// server that replies, a deadline that passes, a death and a caller that gives up compete for it.
/// Only the first of them has an effect; the others are told that they were too late. (Race test:
/// `ReplySlotRace`) There are two exceptions, both on the caller's own thread when it runs the
/// server's turn itself: [#reply] writes the outcome with a release, and [#timeOutLate] replaces
/// it.
///
/// ## No lost wake-up
///
/// The thread that sets `outcome` then unparks the caller. The caller reads `outcome` before each
/// park, and an unpark that comes before the park makes the park return. `outcome` is volatile, so
/// the caller sees what the replier wrote before it set `outcome`.
abstract non-sealed class ReplySlot implements Envelope, From, ReplyTo<Object> {

    /// The outcome of a request without a reply.
    ///
    /// @param reason why there is no reply
    record Failure(ExitReason reason) {}

    private static final Object NULL_REPLY = new Object();

    /// Made in advance, because a deadline passes once, also if there is no memory then.
    private static final Failure TIMED_OUT = new Failure(ExitReason.TIMEOUT);

    private static final VarHandle OUTCOME =
            Access.field(MethodHandles.lookup(), "outcome", Object.class);

    /// A call.
    static class Request extends ReplySlot {
        final Object request;

        Request(Object request, @Nullable LocalProcess caller) {
            super(caller);
            this.request = request;
        }

        /// Creates a call of another node.
        Request(Object request, @Nullable ProcessPid caller, @Nullable Object context) {
            super(caller, context);
            this.request = request;
        }

        @Override
        String describe(String server, String asked) {
            return "call to " + server + " with " + asked;
        }

        @Override
        String function(ServerRef server, String asked, String timeout) {
            return "GenServer.call " + server + ", " + asked + ", " + timeout;
        }

        @Override
        Object request() {
            return request;
        }
    }

    /// A request to stop. The end of the server answers it.
    static class Stop extends ReplySlot {
        final ExitReason reason;

        Stop(ExitReason reason, @Nullable LocalProcess caller) {
            super(caller);
            this.reason = reason;
        }

        /// Creates a request of another node.
        Stop(@Nullable ProcessPid caller, ExitReason reason) {
            super(caller, null);
            this.reason = reason;
        }

        @Override
        String describe(String server, String asked) {
            return "stop of " + server + " with reason " + asked;
        }

        @Override
        String function(ServerRef server, String asked, String timeout) {
            return "GenServer.stop " + server + ", " + asked + ", " + timeout;
        }

        @Override
        Object request() {
            return reason;
        }
    }

    /// A system request.
    static class SystemCall extends ReplySlot {

        /// What a function of the caller's has thrown. It is sent as the reply.
        record Refused(RuntimeException problem) {}

        final SystemRequest request;

        SystemCall(SystemRequest request, @Nullable LocalProcess caller) {
            super(caller);
            this.request = request;
        }

        /// Creates a request of another node.
        SystemCall(@Nullable ProcessPid caller, SystemRequest request) {
            super(caller, null);
            this.request = request;
        }

        @Override
        String describe(String server, String asked) {
            return "system request to " + server + ": " + asked;
        }

        @Override
        String function(ServerRef server, String asked, String timeout) {
            return "Sys " + server + ", " + asked + ", " + timeout;
        }

        @Override
        Object request() {
            return request;
        }
    }

    /// The start of a server. It is answered when init has ended.
    static final class Starting extends ReplySlot {

        Starting(@Nullable LocalProcess caller) {
            super(caller);
        }

        @Override
        String describe(String server, String asked) {
            return asked + " of " + server;
        }

        @Override
        String function(ServerRef server, String asked, String timeout) {
            return "GenServer." + asked + " " + server + ", " + timeout;
        }

        @Override
        Object request() {
            return "start";
        }
    }

    private final @Nullable ProcessPid caller;
    private final Thread thread = Thread.currentThread();
    final @Nullable Object context; // see MessageContext

    /// The process that the request is sent to. Written by the caller before other threads see the
    /// request.
    @Nullable LocalProcess target;

    /// Whether the server has deferred the answer. Any process may give it then. Written by the
    /// server, read by callers that look for a cycle.
    volatile boolean deferred;

    /// Whether the server has ended without having begun to handle the request. Written by the
    /// thread that then fails the request, before it does; read by the caller after it has the
    /// outcome.
    boolean unhandled;

    /// When the caller began to wait; 0 before that. The caller's thread. Units: ns
    private long since;

    /// See the class.
    private volatile @Nullable Object outcome;

    ReplySlot(@Nullable LocalProcess caller) {
        this.caller = caller == null ? null : caller.pid;
        this.context = MessageContext.carried();
    }

    /// Creates a request of another node.
    ReplySlot(@Nullable ProcessPid caller, @Nullable Object context) {
        this.caller = caller;
        this.context = context;
    }

    /// Returns what is asked for, including the server, for the message of a failure.
    ///
    /// @param asked the text of [#request], which may be long to make
    abstract String describe(String server, String asked);

    /// Returns the function that was called and its arguments, for an exit reason.
    ///
    /// @param asked the text of [#request]
    abstract String function(ServerRef server, String asked, String timeout);

    abstract Object request();

    @Override
    public Optional<Pid> pid() {
        return Optional.ofNullable(caller);
    }

    /// Returns the process that waits; null for a thread that is no process.
    final @Nullable ProcessPid callerPid() {
        return caller;
    }

    @Override
    public boolean isAwaited() {
        return outcome == null && (caller == null || caller.process() != null);
    }

    @Override
    @SuppressWarnings("unchecked") // the request fixes the type of the reply, and is checked
    public <R extends @Nullable Object> ReplyTo<R> replyTo(Call<R> asked) {
        if (!carries(asked)) {
            throw new IllegalArgumentException(
                    "expected the request of this call, "
                            + SafeText.of(request())
                            + ", got: "
                            + SafeText.of(asked));
        }
        return (ReplyTo<R>) this;
    }

    /// Returns whether a callback means this call by a request.
    final boolean carries(Object asked) {
        return asked == request() || asked.equals(request());
    }

    @Override
    public String toString() {
        return "From[" + (caller == null ? thread : caller) + "]";
    }

    // The answer

    final boolean isAnswered() {
        return outcome != null;
    }

    /// Gives the caller its reply. A reply that comes too late is a dead letter. Any thread.
    final void answer(@Nullable Object reply, DeadLetterOffice deadLetters) {
        if (!reply(reply)) {
            deadLetters.lateReply(this, reply);
        }
    }

    /// Gives the caller its reply. Any thread.
    ///
    /// @return false if the reply came too late
    final boolean reply(@Nullable Object reply) {
        Object value = reply == null ? NULL_REPLY : reply;
        if (!isAwaitedHere()) {
            return set(value);
        }
        // The caller's own thread runs the turn. If another thread fails the request at this
        // moment, the caller gets one of the two outcomes, as it would with a compare-and-set.
        if (outcome != null) {
            return false;
        }
        OUTCOME.setRelease(this, value);
        return true;
    }

    /// Returns whether the current thread is the one that waits for the outcome.
    boolean isAwaitedHere() {
        return thread == Thread.currentThread();
    }

    /// Tells the caller that there will be no reply. Any thread.
    ///
    /// @return false if an outcome is already set
    final boolean fail(ExitReason reason) {
        return set(new Failure(reason));
    }

    /// Does the same with a failure that was made before.
    final boolean fail(Failure failure) {
        return set(failure);
    }

    /// Tells the caller that it has waited too long. If there is already an outcome, the thread
    /// that set it may have failed to wake the caller because its stack had ended, so this wakes
    /// the caller. The timer thread.
    final void timeOut() {
        if (!fail(TIMED_OUT)) {
            Threads.unpark(thread);
        }
    }

    /// Arms a timer that tells the caller that it has waited too long.
    ///
    /// @param until units: ns of the wheel's clock
    /// @return the timer, to be cancelled once there is an outcome
    final TimerWheel.Entry timeOutAt(TimerWheel timers, long until) {
        TimerWheel.Entry timer =
                new TimerWheel.Entry() {
                    @Override
                    boolean outlivesNode() {
                        return true;
                    }

                    @Override
                    String describe() {
                        return describeTimeout();
                    }

                    @Override
                    @Nullable Pid concerns() {
                        return callerPid();
                    }

                    @Override
                    boolean firesAgain() {
                        return true;
                    }

                    @Override
                    void fire() {
                        timeOut();
                    }
                };
        timers.arm(timer, until);
        return timer;
    }

    /// Returns what ends when the time of the request is over, for people.
    final String describeTimeout() {
        LocalProcess asked = target;
        String server = asked == null ? "a server" : asked.describe();
        return "timeout of the " + describe(server, SafeText.of(request()));
    }

    /// Sets the outcome unless there is one, and tells the caller. Any thread.
    ///
    /// @return false if there is one, or nobody wants it
    boolean set(Object value) {
        return outcome == null && OUTCOME.compareAndSet(this, null, value) && tell();
    }

    /// Tells the waiting thread that there is an outcome. Called once, by the thread that has set
    /// it.
    ///
    /// @return false if nobody wants the outcome
    boolean tell() {
        return wakeCaller();
    }

    final boolean wakeCaller() {
        if (!isAwaitedHere()) {
            Threads.unpark(thread);
        }
        return true;
    }

    /// Replaces the reply by a timeout, because the caller's own thread ran the turn and took too
    /// long. The caller's thread, after the reply.
    ///
    /// @param waited how long it took; units: ns
    /// @return false if the call has failed already
    final boolean timeOutLate(long waited, TimerWheel timers) {
        if (outcome instanceof Failure) {
            return false;
        }
        since = timers.clock().nanoTime() - waited;
        outcome = TIMED_OUT;
        return true;
    }

    /// Returns the outcome: the reply or a [Failure]. Returns null if there is no outcome yet, or
    /// if the reply is null.
    final @Nullable Object outcome() {
        Object result = outcome;
        return result == NULL_REPLY ? null : result;
    }

    // The caller

    /// Returns whether the caller is the current thread, without a process.
    final boolean isOfThisThread() {
        return caller == null && thread == Thread.currentThread();
    }

    /// Returns the node of the caller if it is another one; else null.
    @Nullable String callerNode() {
        return null;
    }

    /// Returns what the caller is executing, for people; empty if its thread has ended.
    final List<StackTraceElement> callerStack() {
        return List.of(thread.getStackTrace());
    }

    // Waiting

    /// Waits for the outcome: the reply, or a [Failure]. The caller's thread.
    ///
    /// @param timeout units: ns; [TimeUnits#FOREVER] for no limit
    /// @throws ExitException if the caller's own process has died
    final @Nullable Object await(Context context, TimerWheel timers, long timeout) {
        Object result = outcome;
        if (result == null) {
            LocalProcess self = context.process();
            if (self != null) {
                self.receivePendingExit();
                self.checkAlive();
            }
            if (since == 0) {
                since = timers.clock().nanoTime();
            }
            result =
                    timeout == TimeUnits.FOREVER
                            ? park(context, timers)
                            : parkUntil(context, timers, since + timeout);
        }
        return result == NULL_REPLY ? null : result;
    }

    private Object parkUntil(Context context, TimerWheel timers, long until) {
        CallDeadline deadline = context.deadline(timers);
        TimerWheel.Entry own = deadline.begin(this, until);
        try {
            return park(context, timers);
        } finally {
            deadline.end();
            if (own != null) {
                timers.cancel(own);
            }
        }
    }

    private Object park(Context context, TimerWheel timers) {
        LocalProcess self = context.process();
        Object result;
        context.beforeWait();
        AdaptiveSpin spin = context.answerSpin();
        boolean measures = !spin.spinUntil(this::isAnswered) && spin.wantsMeasurement();
        StackRoom.require();
        while ((result = outcome) == null) {
            Threads.park(this);
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

    /// Returns when the caller began to wait; 0 before that. Races OK: it is for measurements.
    /// Units: ns
    final long waitingSince() {
        return since;
    }

    /// Records that the caller began to wait before [#await], for room in the mailbox. The caller's
    /// thread. Units: ns
    final void waitsSince(long time) {
        since = time;
    }

    /// Returns how long the caller has waited. The caller's thread. Units: ns
    final long waited(TimerWheel timers) {
        return since == 0 ? 0 : timers.clock().nanoTime() - since;
    }
}
