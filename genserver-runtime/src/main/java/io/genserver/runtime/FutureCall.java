package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A call whose caller does not wait. Its outcome completes a future.
///
/// The future is completed on a virtual thread of its own, because the code that depends on it is
/// the user's: it must not run on the server's thread, in the middle of the server's turn, nor on
/// the timer thread. It runs on the caller's node, with the log context and the class loader that
/// the caller had.
///
/// A future that is done before there is an outcome, because the user has cancelled it or limited
/// its time, fails the request. The reply is then late.
///
/// If no thread can be started, the [Healer] tries again until one can.
final class FutureCall extends WatchedRequest {

    /// Why a request failed whose future was done first. Only listeners see it.
    private static final Failure GIVEN_UP =
            new Failure(
                    new ExitReason.Crash(
                            new CancellationException("the future was completed first")));

    /// How much stack the start of a virtual thread needs, which may start a carrier thread, too.
    /// If the stack ends in it, the JVM's scheduler may lose other threads. Units: levels of
    /// [StackRoom]
    private static final int MUCH_STACK = 100;

    /// After how long the thread that completes the future counts as lost. Units: ns
    private static final long LOST = 1_000_000_000L;

    private final LocalNode node; // whose clock counts
    private final Origin origin;
    private final ServerRef server;
    private final long timeout; // units: ns
    private final long start; // units: ns
    private final CompletableFuture<@Nullable Object> future = new CompletableFuture<>();

    /// Made in advance, because there may be no memory when there is an outcome.
    private final SureRun completion;

    private final Guard guard = new Guard();

    /// The deadline; null if there is none. Written by the caller before other threads see the
    /// request.
    private TimerWheel.@Nullable Entry deadline;

    /// @param origin that of the caller before the request began, because the dependent code is no
    ///   part of it
    FutureCall(
            Origin origin,
            ServerRef server,
            Object request,
            @Nullable LocalProcess caller,
            long timeout,
            @Nullable RequestWatch watch) {
        super(request, caller, watch);
        this.node = origin.node();
        this.origin = origin;
        this.completion = new SureRun(origin, this::complete);
        this.server = server;
        this.timeout = timeout;
        this.start = node.timers.clock().nanoTime();
    }

    /// Begins the time that the call may take, and returns its future. The caller, before it sends
    /// the request.
    @SuppressWarnings("FutureReturnValueIgnored") // of whenComplete, whose code cannot fail
    CompletableFuture<@Nullable Object> begin() {
        if (timeout != TimeUnits.FOREVER) {
            deadline = timeOutAt(node.timers, start + timeout);
        }
        future.whenComplete((_, _) -> {
            if (!isAnswered()) {
                fail(GIVEN_UP);
            }
        });
        return future;
    }

    /// Anybody may hold the future, also after the end of the caller.
    @Override
    public boolean isAwaited() {
        return !isAnswered() && !future.isDone();
    }

    @Override
    boolean isAwaitedHere() {
        return false; // the caller's own thread has to complete the future, too
    }

    /// Code that depends on the future may run before the code that fails the request, see
    /// [#begin]. So a reply may find the future done and the request without an outcome. It is
    /// late, too.
    ///
    /// @return false also if the future is done
    /// @throws StackOverflowError if this thread's stack ends; there is no outcome then
    @Override
    boolean set(Object outcome) {
        StackRoom.requireForBoth(); // for the timer and the way to the healer
        if (future.isDone()) {
            super.set(GIVEN_UP);
            return false;
        }
        return super.set(outcome);
    }

    /// Completes the future. Called once, by the thread that has set the outcome.
    @Override
    boolean tellCaller() {
        if (deadline != null) {
            node.timers.cancel(deadline);
        }
        if (future.isDone()) {
            return true;
        }
        guard.begin();
        if (StackRoom.has(MUCH_STACK)) {
            node.healer.surely(completion);
        } else {
            node.healer.later(completion);
        }
        return true;
    }

    /// Completes the future with the outcome that is set. Does nothing if it was completed.
    private void complete() {
        Object outcome = outcome();
        if (outcome instanceof Failure(ExitReason reason)) {
            LocalProcess asked = target;
            if (asked != null) {
                CallFailures.tell(this, reason, asked, node.timers.clock().nanoTime() - start);
            }
            future.completeExceptionally(
                    CallFailures.exception(
                            this,
                            reason,
                            server,
                            target == null
                                    ? server.toString()
                                    : CallFailures.describe(server, target),
                            timeout,
                            node.timers.clock().nanoTime() - start));
        } else {
            future.complete(outcome);
        }
        node.timers.cancel(guard);
    }

    /// Sees that the future is completed. The JVM may lose a virtual thread that was started if
    /// memory ends before it runs. The thread that has set the outcome arms this once. It has no
    /// part in the deadline, because that one may be firing then.
    private final class Guard extends TimerWheel.Entry {

        void begin() {
            node.timers.arm(this, node.timers.clock().nanoTime() + LOST);
        }

        @Override
        boolean outlivesNode() {
            return true;
        }

        @Override
        boolean firesAgain() {
            return true;
        }

        @Override
        void fire() {
            if (!future.isDone()) {
                new SureRun(origin, FutureCall.this::complete).take();
                begin();
            }
        }
    }
}
